"""Two processes at once against one: what the second adds, beside what it adds to bare transactions.

An act takes `two / one` of the time that it takes one process alone; 0.5 would be twice as fast.
"""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.synchronize import Barrier
from statistics import median
from typing import Literal

from sqlalchemy import Engine

from benchmarks import city as cities
from benchmarks.act import MEASURED, SET_UP, Step, Timed, live_bare, live_through, prepare
from benchmarks.city import City
from benchmarks.result import Line, Target
from models.database import connect

Side = Literal["ours", "bare"]
_ground: list["Ground"] = []


@dataclass(frozen=True, slots=True)
class Ground:
    """What the processes start with: the database, the city, and the cases before each step."""

    address: str
    city: City
    steps: list[Step]
    both: Barrier


@dataclass(frozen=True, slots=True)
class Task:
    """Lives for one process to carry out: on which side, on which cases, and how many do so at once."""

    side: Side
    cases: slice
    at_once: int


def run(engine: Engine, lives: int = 12, rounds: int = 5) -> list[Line]:
    """Measure `rounds` times `lives` lives a process on either side, by one process and by two, in turn."""
    city = cities.found(engine)
    cities.move(engine, SET_UP)
    steps = prepare(engine, city, 6 * lives * (rounds + 1))
    cities.move(engine, MEASURED)
    context = multiprocessing.get_context("fork")
    ground = Ground(engine.url.render_as_string(hide_password=False), city, steps, context.Barrier(2))
    engine.dispose()
    took: dict[tuple[Side, int], list[float]] = {}
    sides: tuple[Side, ...] = ("ours", "bare")
    shares = (slice(n * lives, (n + 1) * lives) for n in count())
    with ProcessPoolExecutor(2, context, _begin, (ground,)) as pool:
        for _ in range(rounds + 1):
            for side in sides:
                for at_once in (1, 2):
                    tasks = [Task(side, next(shares), at_once) for _ in range(at_once)]
                    times = list(pool.map(_live, tasks))
                    elapsed = max(end for _, end in times) - min(start for start, _ in times)
                    took.setdefault((side, at_once), []).append(elapsed / (at_once * lives * len(steps)))
    alone, together = (
        {side: median(took[side, at_once][1:]) * 1_000 for side in sides} for at_once in (1, 2)
    )
    note = (
        f"ms an act, one process / two: ours {alone['ours']:.2f} / {together['ours']:.2f},"
        f" bare {alone['bare']:.2f} / {together['bare']:.2f}"
    )
    return [
        Line(
            "two_processes",
            engine.dialect.name,
            together["ours"] / alone["ours"],
            together["bare"] / alone["bare"],
            "of one",
            Target("ratio", 1 / 0.9),
            note,
        )
    ]


def _begin(ground: Ground) -> None:
    _ground.append(ground)


def _live(task: Task) -> tuple[float, float]:
    """Carry out the lives of `task` together with whoever else does; return when that began and ended."""
    (ground,) = _ground
    engine = connect(ground.address)
    steps = [replace(step, cases=step.cases[task.cases]) for step in ground.steps]
    lives = len(steps[0].cases)
    if task.at_once == 2:
        ground.both.wait(120)
    began = time.perf_counter()
    if task.side == "ours":
        live_through(engine, ground.city, steps, lives, Timed())
    else:
        live_bare(engine, steps, lives, Timed())
    ended = time.perf_counter()
    engine.dispose()
    return began, ended
