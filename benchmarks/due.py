"""Cases that fall due when asked to, among a crowd that does not: what the waking benchmarks stand on.

Half of the due cases lapse (not recommended in time), half become overdue (formal review).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, bindparam, select, update

from benchmarks import city as cities
from benchmarks.act import LIFE, same
from benchmarks.city import Case, City
from benchmarks.herd import copies, settle
from benchmarks.rows import Written, replay, sizes, snapshot, written
from casework import wake
from models import Subject
from models.database import reading, writing
from procedure.instant import local_instant

LAST_HOUR: Final = "2024-08-09T17:00"
LAST_DAY: Final = "2024-08-12T18:00"
NOW: Final = "2024-08-13T09:00"
LATER: Final = local_instant("2030-01-01T00:00")
TO_FORMAL_REVIEW: Final = [act for act in LIFE if act[0] in {"accept_online", "endorse", "deliver_papers"}]

_subjects = Subject.__table__
_ALARM = (
    update(_subjects)
    .where(_subjects.c.id.between(bindparam("low"), bindparam("high")))
    .values(wake_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Cases that are due alike: where, when, what waking one of them writes, and those still asleep."""

    stage: str
    at: Any
    writes: Written
    asleep: list[Case]


def ground(engine: Engine, crowd: int, due: int) -> tuple[City, tuple[Kind, ...]]:
    """Make a city with `crowd` open cases in all, `due` of which fall due, half and half, when woken up."""
    city = cities.found(engine)
    cities.move(engine, "2024-08-05T09:00")
    lapsing = city.case
    overdue, later = copies(engine, lapsing, 2)
    for case, day in ((overdue, "2024-08-05T09:00"), (later, "2024-08-07T09:00")):
        cities.move(engine, day)
        for name, who, payload in TO_FORMAL_REVIEW:
            cities.act(engine, city, case, who, name, payload)
    # Each is reminded in its time, so that what is left to happen is the passing itself.
    for case, moment in ((lapsing, LAST_HOUR), (overdue, LAST_DAY), (later, NOW)):
        cities.move(engine, moment)
        wake.sweep(engine, "application", subject=case.subject)
    waits = {case: _waits(engine, case) for case in (lapsing, overdue)}
    asleep = {
        case: copies(engine, case, due // 2 + 2, first, _last_event(engine, case))
        for case, first in ((lapsing, 10), (overdue, 50_010))
    }
    copies(engine, later, crowd - due - 7, 200_000, _last_event(engine, later))
    with writing(engine) as connection:
        for case in (lapsing, overdue):
            connection.execute(_ALARM, {"low": case.subject, "high": case.subject, "at": LATER})
            low, high = asleep[case][0].subject, asleep[case][-1].subject
            connection.execute(_ALARM, {"low": low, "high": high, "at": LATER})
    settle(engine)
    wake.sweep(engine, "call")
    return city, tuple(
        Kind(stage, at, _record(engine, at, asleep[case]), asleep[case])
        for case, (stage, at) in waits.items()
    )


def wake_up(engine: Engine, kinds: Sequence[Kind], each: int) -> list[Case]:
    """Let the next `each` cases of every kind become due, and return them."""
    woken: list[Case] = []
    with writing(engine) as connection:
        for kind in kinds if each else ():
            cases = [kind.asleep.pop() for _ in range(each)]
            alarm = {"low": cases[-1].subject, "high": cases[0].subject, "at": kind.at}
            connection.execute(_ALARM, alarm)
            woken += cases
    return woken


def _record(engine: Engine, at: Any, asleep: list[Case]) -> Written:
    """Wake one case for real, replay what that wrote on another, and hold both to the same rows."""
    model, other = asleep.pop(), asleep.pop()
    with writing(engine) as connection:
        connection.execute(_ALARM, {"low": model.subject, "high": model.subject, "at": at})
        connection.execute(_ALARM, {"low": other.subject, "high": other.subject, "at": at})
    before = snapshot(engine, model)
    done = wake.sweep(engine, "application", subject=model.subject)
    if len(done.moved) != 1 or done.failed:
        raise AssertionError(f"{model.number} should have woken once: {done}")
    writes = written(model, before, snapshot(engine, model))
    before = snapshot(engine, other)
    with writing(engine) as connection:
        replay(connection, other, writes.for_case(other))
    same("wake", writes.sizes, sizes(before, snapshot(engine, other)))
    return writes


def _waits(engine: Engine, case: Case) -> tuple[str, Any]:
    """Return the stage at which `case` stands and when it wakes."""
    with reading(engine) as connection:
        query = select(_subjects.c.stage, _subjects.c.wake_at).where(_subjects.c.id == case.subject)
        stage, at = connection.execute(query).one()
        return stage, at


def _last_event(engine: Engine, case: Case) -> int:
    return max(seq for _, seq in snapshot(engine, case)["events"])
