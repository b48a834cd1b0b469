"""Starting a lane before its schedule does: `poke` and forget, or `trigger` and wait for the end."""

import atexit
import logging
import os
import time
from contextlib import suppress
from queue import Full, Queue
from threading import Lock, Thread
from typing import Any

import httpx

from deployments.api import Api, NoSuchLaneError, RunState
from deployments.catalog import POKED

logger = logging.getLogger(__name__)

PAUSE = 1.0
FAREWELL = 2.0
PATIENCE = 30.0


class TriggerError(Exception):
    """A triggered run could not be created, or did not end in time; the message says what to look at."""


def poke(lane: str) -> None:
    """Ask for a run of the lane now, without waiting and without ever failing: the schedule is the guarantee.

    Pokes within one second of another become one run at the second's end, so that none comes too early for
    the act it follows. Does nothing when the environment names no PREFECT_API_URL.
    """
    if url := os.environ.get("PREFECT_API_URL"):
        with suppress(RuntimeError):  # no thread left to start: then the schedule it is
            _messenger(lane).ask(url)


def flush(patience: float = FAREWELL) -> None:
    """Wait at most `patience` seconds for pokes under way; done by itself when the process ends."""
    deadline = time.monotonic() + patience
    while any(messenger.busy for messenger in _messengers.values()) and time.monotonic() < deadline:
        time.sleep(0.02)


def trigger(
    lane: str,
    parameters: dict[str, Any] | None = None,
    *,
    wait: bool = True,
    timeout: float = 120.0,
    api_url: str | None = None,
) -> RunState:
    """Run the lane once with these parameters and return how the run ended, or began if not waited for.

    Raises TriggerError when no server answers, the lane is not deployed there, the server is busy or the run
    has not ended after `timeout` seconds. A run that fails is no error here: read the returned state.
    """
    url = api_url or os.environ.get("PREFECT_API_URL")
    if not url:
        raise TriggerError("No Prefect server is named: set PREFECT_API_URL or start one with `beian up`.")
    with Api(url, timeout=30.0, patience=timeout) as api:
        try:
            run = api.create_run(api.deployment_of(lane), parameters)
        except NoSuchLaneError:
            raise TriggerError(f"Lane {lane!r} is not deployed at {url}; does a worker run there?") from None
        except httpx.HTTPStatusError as error:
            raise TriggerError(f"Prefect refused a run of {lane!r}: {error.response.text}") from error
        except httpx.HTTPError as error:
            raise TriggerError(f"The Prefect server at {url} does not answer: {error}") from error
        return _await_end(api, lane, run, timeout) if wait else run


def _await_end(api: Api, lane: str, run: RunState, timeout: float) -> RunState:
    deadline = time.monotonic() + timeout
    while not run.final:
        if time.monotonic() > deadline:
            raise TriggerError(_too_late(lane, run, timeout))
        time.sleep(0.2)
        # A server that restarts meanwhile has not forgotten the run.
        with suppress(httpx.HTTPError):
            run = api.run_state(run.flow_run_id)
    return run


def _too_late(lane: str, run: RunState, timeout: float) -> str:
    stands = f"Run {run.flow_run_id} of {lane!r} is {run.name} after {timeout:.0f} s"
    if run.type == "SCHEDULED":
        return f"{stands}: no worker took it. Is one running?"
    return f"{stands}: {run.message or 'its log says what it does.'}"


class _Messenger:
    """Carries one lane's pokes from a thread of its own, one a second at most."""

    def __init__(self, lane: str) -> None:
        self._lane = lane
        self._asked: Queue[str] = Queue(maxsize=1)
        Thread(target=self._carry, name=f"poke-{lane}", daemon=True).start()

    @property
    def busy(self) -> bool:
        return self._asked.unfinished_tasks > 0

    def ask(self, url: str) -> None:
        try:
            self._asked.put_nowait(url)
        except Full:
            logger.debug("a poke of %s already waits", self._lane)

    def _carry(self) -> None:
        while True:
            url = self._asked.get()
            try:
                with Api(url, timeout=5.0, patience=PATIENCE) as api:
                    api.create_run(api.deployment_of(self._lane), tags=(POKED,))
            except Exception as error:
                logger.debug("poke of %s was lost: %s", self._lane, error)
            finally:
                self._asked.task_done()
            time.sleep(PAUSE)


_messengers: dict[str, _Messenger] = {}
_hiring = Lock()


def _messenger(lane: str) -> _Messenger:
    with _hiring:
        if not _messengers:
            atexit.register(flush)
        if lane not in _messengers:
            _messengers[lane] = _Messenger(lane)
        return _messengers[lane]
