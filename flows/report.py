"""What a run says of itself: a named state, a table of what moved and why, and the lane's last success."""

import asyncio
import datetime
from dataclasses import dataclass, field

from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from casework import clock, wake
from casework.wake import Moved, Sweep
from flows.database import engine
from models.database import reading
from procedure.instant import iso

SHOWN = 500
"""Rows of what moved that a run's table shows; the record itself is in the database."""


@dataclass
class Report:
    """What one run of a lane moved, call by call and stage by stage."""

    lane: str
    started_at: datetime.datetime
    moved: list[tuple[str, str, Moved]] = field(default_factory=list[tuple[str, str, Moved]])
    failures: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def add(self, call: str, stage: str, sweep: Sweep) -> None:
        """Take in what a stage's task did; a subject that fails at it again is counted once."""
        self.moved += [(call, stage, each) for each in sweep.moved]
        place = (call, stage)
        self.failures[place] = max(sweep.failed, self.failures.get(place, 0))

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
    count = len(report.moved)
    await asyncio.to_thread(wake.note, engine(), report.lane, report.started_at, count)
    if count:
        await acreate_table_artifact(
            key=f"{report.lane}-moved",
            table=[
                {
                    "call": call or each.ref,
                    "task": stage,
                    "case": each.ref,
                    "event": each.event,
                    "deadline": each.deadline,
                    "at": iso(each.at),
                    "from": each.before,
                    "to": each.after,
                }
                for call, stage, each in report.moved[:SHOWN]
            ],
            description=f"{count} moved, {report.failed} became incidents",
        )
    if report.failed:
        return Completed(name="Incidents", message=f"{count} moved, {report.failed} became incidents")
    if not count:
        return Completed(name="Nothing due")
    return Completed(name=f"Moved {count}", message=", ".join(each.ref for _, _, each in report.moved[:20]))
