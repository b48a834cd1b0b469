"""Who does what happens by itself in a story: plain sweeps, flows in this process, or deployed flows."""

import asyncio
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from sqlalchemy import Engine

from casework import calendar_import, rounds, story, wake
from deployments import catalog
from deployments.catalog import Lane
from deployments.poke import TriggerError, trigger
from deployments.server import Server

NEVER: Final = 10 * 365 * 24 * 3600
"""Seconds to the next beat of a lane that only a story moves: farther than Prefect plans ahead."""


AFTER_FILING: Final = ("round", "entry", "evaluation", "revocation", "change", "claim", "disqualification")
"""The kinds of subject that the flow of evaluation moves."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that did what was due: of a lane, with the name of the state it ended in, or a plain sweep.

    Of a sweep ``of`` is the kind of subject, and ``ended`` is empty.
    """

    of: str
    ended: str = ""


class Carrier(Protocol):
    """Does everything that is due now, and says what it ran."""

    def carry(self, kinds: frozenset[str]) -> list[Ran]:
        """Do what is due to subjects of ``kinds``; the runs that it took."""
        ...

    def recount(self) -> list[Ran]:
        """Count every open deadline by the calendar now in force; the runs that it took."""
        ...


class CarrierFailed(Exception):
    """A run that should have done what was due did not end well; the message says which and how."""


class Direct:
    """Sweeps the database in this process, without Prefect."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def carry(self, kinds: frozenset[str]) -> list[Ran]:
        """Sweep calls first: a window that closes is the end of its drafts."""
        return [self._sweep(kind) for kind in ("call", "application", *AFTER_FILING) if kind in kinds]

    def recount(self) -> list[Ran]:
        """Count in this process."""
        calendar_import.recount(self._engine)
        return [Ran("calendar")]

    def _sweep(self, kind: str) -> Ran:
        if kind == "round":
            rounds.open_tasks(self._engine)
        else:
            wake.sweep(self._engine, kind)
        return Ran(kind)


class Flows:
    """Makes real flow runs: one of `calls` where a window opens or closes, one of `recommendation` otherwise.

    ``run`` carries one lane's run to its end and returns the name of the state it ended in.
    """

    def __init__(self, engine: Engine, run: Callable[[str], str]) -> None:
        self._engine = engine
        self._run = run

    def carry(self, kinds: frozenset[str]) -> list[Ran]:
        """Run the lanes that have something to do; what the first has done needs no second run."""
        ran: list[Ran] = []
        if "call" in kinds:
            ran.append(self._ran("calls"))
            kinds = story.due_kinds(self._engine)
        if "application" in kinds:
            ran.append(self._ran("recommendation"))
        if not kinds.isdisjoint(AFTER_FILING):
            ran.append(self._ran("evaluation"))
        return ran

    def recount(self) -> list[Ran]:
        """Run the lane that looks for another calendar first."""
        return [self._ran("calls")]

    def _ran(self, lane: str) -> Ran:
        return Ran(lane, self._run(lane))


def deployed(api_url: str) -> Callable[[str], str]:
    """Return how to run a lane as its deployment, by whichever worker takes it."""

    def run(lane: str) -> str:
        try:
            state = trigger(lane, api_url=api_url)
        except TriggerError as error:
            raise CarrierFailed(str(error)) from error
        if not state.completed:
            raise CarrierFailed(f"the run of {lane} ended as {state.name}: {state.message or ''}")
        return state.name

    return run


def lanes() -> tuple[Lane, ...]:
    """Return the product's lanes without their schedules: a story runs what is due, at its own moments."""
    return tuple(replace(lane, every=NEVER, offset=0, parameters={}) for lane in catalog.lanes())


@contextmanager
def in_process(state: Path, database_url: str) -> Generator[Callable[[str], str], None, None]:
    """Start a Prefect server on ``state`` and yield how to run a lane's flow in this process.

    Raises ServerError when the server does not come up.
    """
    # Prefect's own lines would drown the story's.
    quiet = {"PREFECT_LOGGING_LEVEL": "ERROR", "BEIAN_DATABASE_URL": database_url}
    with Server(state) as server, environment({**server.environment(), **quiet}):
        yield run_flow


def run_flow(lane: str) -> str:
    """Run a lane's flow in this process, on the database and the server that the environment names."""
    # Prefect takes a second to import and reads its settings while doing so: only once they are there.
    from prefect.flows import load_flow_from_entrypoint  # noqa: PLC0415

    flow: Any = load_flow_from_entrypoint(f"flows.{lane}.{lane}", use_placeholder_flow=False)
    state = asyncio.run(flow(return_state=True))
    if not state.is_completed():
        raise CarrierFailed(f"the run of {lane} ended as {state.name}: {state.message or ''}")
    return str(state.name)


@contextmanager
def environment(wanted: Mapping[str, str] = MappingProxyType({})) -> Generator[None, None, None]:
    """Set environment variables for what runs in the block, where no notice can leave this machine."""
    before = dict(os.environ)
    # A story's people are made up.
    os.environ.update({**wanted, "BEIAN_SMTP_URL": ""})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
