"""Waking among a million open cases, against a tenth of them: a sweep asks an index, not a crowd.

What is measured is ours on both sides, in two databases of the same kind, in turns: what else the machine
does meanwhile it does to both.
"""

import time
from statistics import median

from sqlalchemy import Engine

from benchmarks import ground
from benchmarks.due import ground as grounded
from benchmarks.due import wake_up
from benchmarks.herd import OF_ONE_THAT_WAITS, copies, settle
from benchmarks.result import Line, Target
from benchmarks.wake import sweep_once


def run(engine: Engine, crowd: int = 1_000_000, due: int = 1_000, rounds: int = 5) -> list[Line]:
    """Measure `rounds` sweeps of `due` due cases among `crowd` open ones, and among a tenth of them."""
    few, asleep = crowd // 10, due * (rounds + 1)
    name = engine.dialect.name
    with ground.scratch(name) as other:
        began = time.perf_counter()
        sides = [(each, *grounded(each, few, asleep)) for each in (other, engine)]
        copies(engine, sides[1][1].case, crowd - few, 1_000_000, tables=OF_ONE_THAT_WAITS)
        settle(engine)
        grown = time.perf_counter() - began
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds + 1):
            for (database, city, kinds), times in zip(sides, took, strict=True):
                cases = wake_up(database, kinds, due // 2)
                times.append(sweep_once(database, city, kinds, len(cases))[0])
    # The first warms up.
    among_few, among_many = (median(times[1:]) * 1_000 / due * 1_000 for times in took)
    note = f"{due} due of {crowd} open and of {few}; ms per 1,000; grown in {grown:.0f} s"
    return [Line("wake_1m", name, among_many, among_few, "ms", Target("ratio", 1.2), note)]
