"""Waking among a million open cases, against a tenth of them: a sweep asks an index, not a crowd.

What is measured is ours on both sides, in the same database before and after it has grown.
"""

import time
from collections.abc import Sequence
from statistics import median

from sqlalchemy import Engine

from benchmarks.city import City
from benchmarks.due import Kind, ground, wake_up
from benchmarks.herd import OF_ONE_THAT_WAITS, copies, settle
from benchmarks.result import Line, Target
from benchmarks.wake import sweep_once


def run(engine: Engine, crowd: int = 1_000_000, due: int = 1_000, rounds: int = 5) -> list[Line]:
    """Measure `rounds` sweeps of `due` due cases among a tenth of `crowd` open ones, then among all."""
    city, kinds = ground(engine, crowd // 10, 2 * due * (rounds + 1))
    few = _swept(engine, city, kinds, due, rounds)
    began = time.perf_counter()
    copies(engine, city.case, crowd - crowd // 10, 1_000_000, tables=OF_ONE_THAT_WAITS)
    settle(engine)
    grown = time.perf_counter() - began
    many = _swept(engine, city, kinds, due, rounds)
    note = f"{due} due of {crowd} open and of {crowd // 10}; ms per 1,000; grown in {grown:.0f} s"
    return [Line("wake_1m", engine.dialect.name, many, few, "ms", Target("ratio", 1.2), note)]


def _swept(engine: Engine, city: City, kinds: Sequence[Kind], due: int, rounds: int) -> float:
    """Return how long a sweep takes, in ms per thousand due cases; the first warms up."""
    took: list[float] = []
    for _ in range(rounds + 1):
        cases = wake_up(engine, kinds, due // 2)
        took.append(sweep_once(engine, city, kinds, len(cases))[0])
    return median(took[1:]) * 1_000 / due * 1_000
