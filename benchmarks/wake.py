"""Waking: a thousand due of a hundred thousand open cases, and the price of finding nothing due.

Ours sweeps the due cases with `casework.wake.sweep`, stage by stage as the flow's tasks do; the baseline
selects the same rows and writes what the sweep would have written, prepared before the clock runs, with
executemany in the sweep's own chunks, one commit a chunk.
"""

import gc
import time
from collections.abc import Sequence
from statistics import median
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, bindparam, func, select

from benchmarks.city import Case, City
from benchmarks.due import NOW, Kind, ground, wake_up
from benchmarks.result import Line, Target
from benchmarks.rows import TABLES, Write, owner
from casework import wake
from models import Subject
from models.database import reading
from procedure.instant import local_instant

_subjects = Subject.__table__
_DUE = (
    select(_subjects)
    .where(_subjects.c.wake_at.is_not(None), _subjects.c.wake_at <= bindparam("until"))
    .order_by(_subjects.c.wake_at)
    .limit(wake.CHUNK)
    .with_for_update(skip_locked=True)
)
Prepared = dict[int, list[Write]]


def run(engine: Engine, crowd: int = 100_000, due: int = 1_000, rounds: int = 4) -> list[Line]:
    """Measure `rounds` alternating rounds of `due` due cases among `crowd` open ones, then an idle sweep."""
    began = time.perf_counter()
    city, kinds = ground(engine, crowd, 2 * due * (rounds + 1))
    seeded = time.perf_counter() - began
    ours: list[float] = []
    bare: list[float] = []
    slept: list[float] = []
    for _ in range(rounds + 1):
        cases = wake_up(engine, kinds, due // 2)
        total, sleep = sweep_once(engine, city, kinds, len(cases))
        ours.append(total)
        slept.append(sleep)
        swept = _tally(engine, cases)
        cases = wake_up(engine, kinds, due // 2)
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
    waiting = kinds[-1].stage
    return [
        line,
        _idle(engine, "wake_idle", Target("ours", 5), stages=[waiting], parent=city.call),
        _idle(engine, "wake_idle:whole_kind", None),
    ]


def sweep_once(engine: Engine, city: City, kinds: Sequence[Kind], due: int) -> tuple[float, float]:
    """Sweep every stage once; return how long it took and how long, besides, it would have slept."""
    slept: list[float] = []
    gc.collect()
    with patch("time.sleep", slept.append):
        began = time.perf_counter()
        done = [wake.sweep(engine, "application", stages=[kind.stage], parent=city.call) for kind in kinds]
        took = time.perf_counter() - began
    moved = sum(len(each.moved) for each in done)
    if moved != due or any(each.failed for each in done):
        raise AssertionError(f"{due} were due, {moved} moved: {done}")
    return took, sum(slept)


def _sweep_bare(engine: Engine, cases: Sequence[Case], kinds: Sequence[Kind]) -> float:
    each = len(cases) // len(kinds)
    prepared: Prepared = {
        case.subject: kind.writes.for_case(case)
        for n, kind in enumerate(kinds)
        for case in cases[n * each : (n + 1) * each]
    }
    until = local_instant(NOW) - wake.LAG
    gc.collect()
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


def _idle(engine: Engine, name: str, target: Target | None, times: int = 60, **within: Any) -> Line:
    """Sweep `within` when nothing is due; the baseline is the bare query for what is due."""
    ours: list[float] = []
    bare: list[float] = []
    until = local_instant(NOW) - wake.LAG
    for _ in range(times):
        began = time.perf_counter()
        done = wake.sweep(engine, "application", **within)
        ours.append((time.perf_counter() - began) * 1000)
        if done.moved:
            raise AssertionError(f"nothing was due, but {len(done.moved)} moved")
        began = time.perf_counter()
        with engine.begin() as connection:
            connection.execute(_DUE, {"until": until}).all()
        bare.append((time.perf_counter() - began) * 1000)
    return Line(name, engine.dialect.name, median(ours), median(bare), "ms", target)
