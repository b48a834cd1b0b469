"""What a run says of itself: a named state, a table of what moved and why, and the lane's last success."""

import asyncio
import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field

from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from casework import clock, wake
from casework.ladders import Climbed
from casework.rounds import Opened
from casework.wake import Moved, Sweep
from flows.database import engine
from models.database import reading
from procedure.instant import iso

SHOWN = 500
"""Rows of what moved that a run's table shows; the record itself is in the database."""


@dataclass
class Report:
    """What one run of a lane moved and whom it reminded, call by call and stage by stage."""

    lane: str
    started_at: datetime.datetime
    moved: list[tuple[str, str, Moved]] = field(default_factory=list[tuple[str, str, Moved]])
    climbed: list[tuple[str, str, Climbed]] = field(default_factory=list[tuple[str, str, Climbed]])
    failures: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    opened: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, call: str, stage: str, sweep: Sweep) -> None:
        """Take in what a stage's task did; a subject that fails at it again is counted once."""
        self.moved += [(call, stage, each) for each in sweep.moved]
        self.climbed += [(call, stage, each) for each in sweep.climbed]
        place = (call, stage)
        self.failures[place] = max(sweep.failed, self.failures.get(place, 0))

    def open(self, opened: Opened) -> None:
        """Take in the rounds whose tasks were opened."""
        for code, tasks in opened.tasks.items():
            self.opened[code] = self.opened.get(code, 0) + tasks

    @property
    def failed(self) -> int:
        """How many subjects became incidents."""
        return sum(self.failures.values())


def begun() -> datetime.datetime:
    """Return the instant at which a run begins, in this database's time."""
    with reading(engine()) as connection:
        return clock.now(connection)


async def finish(report: Report) -> State:
    """Record the lane's success, publish the table and return the run's named state."""
    tasks = sum(report.opened.values())
    count, told = len(report.moved) + tasks, len(report.climbed)
    await asyncio.to_thread(wake.note, engine(), report.lane, report.started_at, count)
    if count or told:
        await acreate_table_artifact(
            key=f"{report.lane}-moved",
            table=[*_opened(report), *_moved(report), *_climbed(report)][:SHOWN],
            description=f"{count} moved, {told} reminded of, {report.failed} became incidents",
        )
    if report.failed:
        return Completed(name="Incidents", message=f"{count} moved, {report.failed} became incidents")
    if not count and not told:
        return Completed(name="Nothing due")
    if not count:
        return Completed(
            name=f"Reminded {told}", message=", ".join(each.ref for _, _, each in report.climbed[:20])
        )
    named = [*report.opened, *(each.ref for _, _, each in report.moved[:20])]
    return Completed(name=f"Moved {count}", message=", ".join(named))


def _opened(report: Report) -> Iterator[dict[str, str]]:
    for code, tasks in report.opened.items():
        yield {
            "call": code,
            "task": "rounds",
            "case": code,
            "event": "round_opened",
            "deadline": "",
            "at": iso(report.started_at),
            "from": "opening",
            "to": str(tasks),
        }


def _moved(report: Report) -> Iterator[dict[str, str]]:
    for call, stage, each in report.moved:
        yield {
            "call": call or each.ref,
            "task": stage,
            "case": each.ref,
            "event": each.event,
            "deadline": each.deadline,
            "at": iso(each.at),
            "from": each.before,
            "to": each.after,
        }


def _climbed(report: Report) -> Iterator[dict[str, str]]:
    for call, stage, each in report.climbed:
        yield {
            "call": call or each.ref,
            "task": stage,
            "case": each.ref,
            "event": "skipped" if each.sent is None else "reminded",
            "deadline": each.deadline,
            "at": iso(each.at),
            "from": ", ".join(each.skipped),
            "to": f"{each.sent or ''} ({each.people})",
        }
