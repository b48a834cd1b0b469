"""One act with everything included, against a bare transaction that reads the case and writes the same rows.

A life is what a submitted case goes through until its scoring is closed. Ours carries its acts out by
`casework.acts.perform`; the baseline replays the rows that each of them wrote, prepared before the clock
runs. Every act meets a case of its own that this process has not seen: between two acts on a real case lie
days, other cases, and often another process.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import median, quantiles
from typing import Any, Final

from sqlalchemy import Engine

from benchmarks import city as cities
from benchmarks.city import EXPERTS, Case, City
from benchmarks.herd import copies
from benchmarks.result import Line, Target
from benchmarks.rows import Sizes, Written, replay, sizes, snapshot, written
from models.database import writing
from procedure.instant import local_instant

SET_UP: Final = "2024-08-05T09:00"
MEASURED: Final = "2024-08-05T09:30"

LIFE: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("accept_online", "district", {}),
    (
        "return_for_correction",
        "district",
        {"items": [{"item": "document:implementation_plan", "remark": "请补盖公章"}]},
    ),
    ("resubmit", "applicant", {}),
    ("endorse", "district", {"opinion": "材料属实，同意推荐"}),
    (
        "deliver_papers",
        "district",
        {"letter": True, "finance_signed": True, "application_copies": 1, "summary_copies": 2},
    ),
    ("pass_review", "officer", {}),
    ("schedule_visit", "officer", {"at": "2024-08-05T16:00", "team": ["陈", "吴"]}),
    ("record_visit", "officer", {"on": "2024-08-05", "result": "passed", "findings": "现场与材料一致"}),
    ("name_panel", "officer", {"experts": list(EXPERTS)}),
    *(("score", expert, {"points": "82.5"}) for expert in EXPERTS),
    ("close_scoring", "officer", {}),
)
"""The acts of a life, in order: which, by whom, with what."""


@dataclass(slots=True)
class Timed:
    """What each act took, in milliseconds by the wall clock and of this thread's processor time."""

    wall: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    cpu: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def time(self, name: str, work: Callable[[], object]) -> None:
        """Run `work` as one act `name`."""
        cpu, wall = time.thread_time(), time.perf_counter()
        work()
        wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
        self.wall.setdefault(name, []).append(wall * 1000)
        self.cpu.setdefault(name, []).append(cpu * 1000)


@dataclass(frozen=True, slots=True)
class Step:
    """One act of a life: by whom, with what, what it writes, and the cases that stand before it."""

    name: str
    who: str
    payload: dict[str, Any]
    writes: Written
    cases: list[Case]


class Unequal(AssertionError):
    """The two sides did not write the same rows: the comparison would mean nothing."""


def run(engine: Engine, lives: int = 80, block: int = 5) -> list[Line]:
    """Measure `lives` times each act of a life on each side, in alternating blocks, after a warm-up block."""
    city = cities.found(engine)
    cities.move(engine, SET_UP)
    steps = prepare(engine, city, 2 * (lives + block))
    cities.move(engine, MEASURED)
    ours, bare = Timed(), Timed()
    live_through(engine, city, steps, block, Timed())
    live_bare(engine, steps, block, Timed())
    while steps[0].cases:
        now = min(block, len(steps[0].cases) // 2)
        live_through(engine, city, steps, now, ours)
        live_bare(engine, steps, now, bare)
    return _lines(engine.dialect.name, ours, bare)


def prepare(engine: Engine, city: City, each: int) -> list[Step]:
    """Carry the city's case through its life, and before each act copy it `each` times for that act.

    Each act is recorded on one more copy, and its replay held to the same rows on another: raises Unequal.
    """
    steps: list[Step] = []
    for n, (name, who, payload) in enumerate(LIFE):
        model, other, *cases = copies(engine, city.case, each + 2, 1 + n * (each + 2))
        before = snapshot(engine, model)
        cities.act(engine, city, model, who, name, payload, local_instant(MEASURED))
        writes = written(model, before, snapshot(engine, model))
        verify(engine, other, name, writes)
        steps.append(Step(name, who, payload, writes, cases))
        cities.act(engine, city, city.case, who, name, payload)
    return steps


def verify(engine: Engine, case: Case, name: str, writes: Written) -> None:
    """Replay `writes` on `case`; raise Unequal unless it writes as many rows of the same size."""
    before = snapshot(engine, case)
    with writing(engine) as connection:
        replay(connection, case, writes.for_case(case))
    same(name, writes.sizes, sizes(before, snapshot(engine, case)))


def same(name: str, ours: Sizes, bare: Sizes) -> None:
    """Raise Unequal unless both sides wrote the same number of rows and characters to the same tables."""
    if ours != bare:
        raise Unequal(f"{name}: ours wrote {ours}, the baseline {bare}")


_received = count(1)


def live_through(engine: Engine, city: City, steps: Sequence[Step], lives: int, timed: Timed) -> None:
    """Carry out each act of a life `lives` times by the use cases, each received at an instant of its own."""
    for _ in range(lives):
        for step in steps:
            case, at = step.cases.pop(), local_instant(MEASURED).add(microseconds=next(_received))
            timed.time(
                step.name,
                lambda: cities.act(engine, city, case, step.who, step.name, step.payload, at),  # noqa: B023
            )


def live_bare(engine: Engine, steps: Sequence[Step], lives: int, timed: Timed) -> None:
    """Write the same bare: one transaction an act, its values prepared before the clock runs."""
    for _ in range(lives):
        for step in steps:
            case = step.cases.pop()
            statements = step.writes.for_case(case)

            def bare() -> None:
                with engine.begin() as connection:
                    replay(connection, case, statements)  # noqa: B023

            timed.time(step.name, bare)


def _lines(engine: str, ours: Timed, bare: Timed) -> list[Line]:
    wall, bare_wall = _all(ours.wall), _all(bare.wall)
    p99, bare_p99 = quantiles(wall, n=100)[98], quantiles(bare_wall, n=100)[98]
    found = [
        Line(
            "act",
            engine,
            median(wall),
            median(bare_wall),
            "ms",
            Target("ratio", 1.5),
            f"{len(wall)} acts a side; means {sum(wall) / len(wall):.2f} / {sum(bare_wall) / len(wall):.2f}",
        ),
        Line("act_cpu", engine, median(_all(ours.cpu)), median(_all(bare.cpu)), "ms", Target("ratio", 1.5)),
        Line(
            "act_p99",
            engine,
            p99,
            median(wall),
            "ms",
            Target("ratio", 4),
            f"against our own median; bare p99 {bare_p99:.2f}",
        ),
    ]
    found += [
        Line(f"act:{name}", engine, median(times), median(bare.wall[name]), "ms")
        for name, times in ours.wall.items()
    ]
    return found


def _all(times: dict[str, list[float]]) -> list[float]:
    return [each for some in times.values() for each in some]
