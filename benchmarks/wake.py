"""Waking: a thousand due of a hundred thousand open cases, and the price of finding nothing due.

Half of the due cases lapse (not recommended in time), half become overdue (formal review). Ours sweeps them
with `casework.wake.sweep`; the baseline selects the same rows and writes what the sweep would have written,
prepared before the clock runs, with executemany in the sweep's own chunks, one commit a chunk.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import Engine, bindparam, func, select, update

from benchmarks import city as cities
from benchmarks.act import LIFE, same
from benchmarks.city import Case, City
from benchmarks.herd import copies, settle
from benchmarks.result import Line, Target
from benchmarks.rows import TABLES, Write, Written, owner, replay, sizes, snapshot, written
from casework import wake
from models import Subject
from models.database import reading, writing
from procedure.instant import local_instant

NOW: Final = "2024-08-13T09:00"
LATER: Final = local_instant("2030-01-01T00:00")
TO_FORMAL_REVIEW: Final = [act for act in LIFE if act[0] in {"accept_online", "endorse", "deliver_papers"}]

_subjects = Subject.__table__
_DUE = (
    select(_subjects)
    .where(
        _subjects.c.wake_at.is_not(None),
        _subjects.c.wake_at <= bindparam("until"),
        _subjects.c.kind == "application",
    )
    .order_by(_subjects.c.wake_at)
    .limit(wake.CHUNK)
    .with_for_update(skip_locked=True)
)
_ALARM = (
    update(_subjects)
    .where(_subjects.c.id.between(bindparam("low"), bindparam("high")))
    .values(wake_at=bindparam("at"))
)

Prepared = dict[int, list[Write]]


@dataclass(frozen=True, slots=True)
class Kind:
    """Cases that are due alike: when, what waking one of them writes, and those still asleep."""

    at: Any
    writes: Written
    asleep: list[Case]


def run(engine: Engine, crowd: int = 100_000, due: int = 1_000, rounds: int = 5) -> list[Line]:
    """Measure `rounds` alternating rounds of `due` due cases among `crowd` open ones, then an idle sweep."""
    began = time.perf_counter()
    city, kinds = _ground(engine, crowd, 2 * due * (rounds + 1))
    seeded = time.perf_counter() - began
    ours: list[float] = []
    bare: list[float] = []
    slept: list[float] = []
    for _ in range(rounds + 1):
        cases = _wake_up(engine, kinds, due // 2)
        total, sleep = _sweep(engine, len(cases))
        ours.append(total)
        slept.append(sleep)
        swept = _tally(engine, cases)
        cases = _wake_up(engine, kinds, due // 2)
        bare.append(_sweep_bare(engine, cases, kinds))
        if swept != _tally(engine, cases):
            raise AssertionError(f"ours left {swept}, the baseline {_tally(engine, cases)}")
    per = 1_000 / due * 1_000
    note = (
        f"{due} due of {crowd} open, {rounds} rounds; ms per 1,000; politeness sleep of"
        f" {median(slept[1:]) * per:.0f} ms not counted; seeded in {seeded:.0f} s"
    )
    line = Line(
        "wake",
        engine.dialect.name,
        median(ours[1:]) * per,
        median(bare[1:]) * per,
        "ms",
        Target("ratio", 2),
        note,
    )
    return [line, _idle(engine, city)]


def _ground(engine: Engine, crowd: int, due: int) -> tuple[City, tuple[Kind, ...]]:
    city = cities.found(engine)
    cities.move(engine, "2024-08-05T09:00")
    lapsing = city.case
    overdue, later = copies(engine, lapsing, 2)
    for case, day in ((overdue, "2024-08-05T09:00"), (later, "2024-08-07T09:00")):
        cities.move(engine, day)
        for name, who, payload in TO_FORMAL_REVIEW:
            cities.act(engine, city, case, who, name, payload)
    at = {case: _wakes_at(engine, case) for case in (lapsing, overdue)}
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
    cities.move(engine, NOW)
    return city, tuple(Kind(at[case], _record(engine, at[case], asleep[case]), asleep[case]) for case in at)


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


def _wake_up(engine: Engine, kinds: Sequence[Kind], each: int) -> list[Case]:
    """Let the next `each` cases of every kind become due, and return them."""
    woken: list[Case] = []
    with writing(engine) as connection:
        for kind in kinds:
            cases = [kind.asleep.pop() for _ in range(each)]
            alarm = {"low": cases[-1].subject, "high": cases[0].subject, "at": kind.at}
            connection.execute(_ALARM, alarm)
            woken += cases
    return woken


def _sweep(engine: Engine, due: int) -> tuple[float, float]:
    """Sweep once; return how long it took and how long, besides, it would have slept between chunks."""
    slept: list[float] = []
    with patch("time.sleep", slept.append):
        began = time.perf_counter()
        done = wake.sweep(engine, "application")
        took = time.perf_counter() - began
    if len(done.moved) != due or done.failed:
        raise AssertionError(f"{due} were due; {len(done.moved)} moved, {done.failed} failed")
    return took, sum(slept)


def _sweep_bare(engine: Engine, cases: Sequence[Case], kinds: Sequence[Kind]) -> float:
    each = len(cases) // len(kinds)
    prepared: Prepared = {
        case.subject: kind.writes.for_case(case)
        for n, kind in enumerate(kinds)
        for case in cases[n * each : (n + 1) * each]
    }
    until = local_instant(NOW) - wake.LAG
    began = time.perf_counter()
    while True:
        with engine.begin() as connection:
            rows = connection.execute(_DUE, {"until": until}).all()
            if not rows:
                break
            batch: dict[Any, list[dict[str, Any]]] = {}
            for row in rows:
                for statement, values in prepared[row.id]:
                    batch.setdefault(statement, []).extend(values)
            for statement, values in batch.items():
                connection.execute(statement, values)
    return time.perf_counter() - began


def _tally(engine: Engine, cases: Sequence[Case]) -> dict[str, int]:
    """Count the rows that belong to `cases`, by table, and those of them that are still due."""
    ids = [case.subject for case in cases]
    with reading(engine) as connection:
        counted = {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(owner(table).in_(ids))
            ).scalar_one()
            for table in TABLES
        }
        due = select(func.count()).where(_subjects.c.id.in_(ids), _subjects.c.wake_at.is_not(None))
        return {**counted, "still due": connection.execute(due).scalar_one()}


def _idle(engine: Engine, city: City, times: int = 60) -> Line:
    ours: list[float] = []
    bare: list[float] = []
    until = local_instant(NOW) - wake.LAG
    for _ in range(times):
        began = time.perf_counter()
        done = wake.sweep(engine, "application", parent=city.call)
        ours.append((time.perf_counter() - began) * 1000)
        if done.moved:
            raise AssertionError(f"nothing was due, but {len(done.moved)} moved")
        began = time.perf_counter()
        with engine.begin() as connection:
            connection.execute(_DUE, {"until": until}).all()
        bare.append((time.perf_counter() - began) * 1000)
    return Line("wake_idle", engine.dialect.name, median(ours), median(bare), "ms", Target("ours", 5))


def _wakes_at(engine: Engine, case: Case) -> Any:
    with reading(engine) as connection:
        return connection.execute(
            select(_subjects.c.wake_at).where(_subjects.c.id == case.subject)
        ).scalar_one()


def _last_event(engine: Engine, case: Case) -> int:
    return max(seq for _, seq in snapshot(engine, case)["events"])
