"""One act with everything included, against a bare transaction that reads the case and writes the same rows.

A life is what a submitted case goes through until its scoring is closed. Ours lives it through
`casework.acts.perform`; the baseline replays the rows that one such life wrote,
prepared before the clock runs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, Final

from sqlalchemy import Engine

from benchmarks import city as cities
from benchmarks.city import EXPERTS, Case, City
from benchmarks.herd import copies
from benchmarks.result import Line, Target
from benchmarks.rows import Sizes, Written, replay, sizes, snapshot, written
from models.database import writing

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


class Unequal(AssertionError):
    """The two sides did not write the same rows: the comparison would mean nothing."""


def run(engine: Engine, lives: int = 80, block: int = 5) -> list[Line]:
    """Measure `lives` lives on each side, in alternating blocks, after a warm-up of one block."""
    city = cities.found(engine)
    cities.move(engine, "2024-08-05T09:00")
    herd = copies(engine, city.case, 2 * (lives + block) + 2)
    model = record(engine, city, herd.pop())
    verify(engine, herd.pop(), model)
    ours, bare = Timed(), Timed()
    live_through(engine, city, [herd.pop() for _ in range(block)], Timed())
    live_bare(engine, model, [herd.pop() for _ in range(block)], Timed())
    while herd:
        live_through(engine, city, [herd.pop() for _ in range(min(block, len(herd)))], ours)
        live_bare(engine, model, [herd.pop() for _ in range(min(block, len(herd)))], bare)
    return _lines(engine.dialect.name, ours, bare)


def record(engine: Engine, city: City, case: Case) -> list[tuple[str, Written]]:
    """Live one life through the use cases and return what each act of it wrote."""
    found: list[tuple[str, Written]] = []
    before = snapshot(engine, case)
    for name, who, payload in LIFE:
        cities.act(engine, city, case, who, name, payload)
        after = snapshot(engine, case)
        found.append((name, written(case, before, after)))
        before = after
    return found


def verify(engine: Engine, case: Case, model: list[tuple[str, Written]]) -> None:
    """Replay `model` on `case` and raise Unequal unless each act writes as many rows of the same size."""
    before = snapshot(engine, case)
    for name, what in model:
        with writing(engine) as connection:
            replay(connection, case, what.for_case(case))
        after = snapshot(engine, case)
        same(name, what.sizes, sizes(before, after))
        before = after


def same(name: str, ours: Sizes, bare: Sizes) -> None:
    """Raise Unequal unless both sides wrote the same number of rows and characters to the same tables."""
    if ours != bare:
        raise Unequal(f"{name}: ours wrote {ours}, the baseline {bare}")


def live_through(engine: Engine, city: City, cases: list[Case], timed: Timed) -> None:
    """Carry `cases` through their lives, one after the other, by the use cases."""
    for case in cases:
        for name, who, payload in LIFE:
            timed.time(name, lambda: cities.act(engine, city, case, who, name, payload))  # noqa: B023


def live_bare(engine: Engine, model: list[tuple[str, Written]], cases: list[Case], timed: Timed) -> None:
    """Write the same lives bare: one transaction an act, its values prepared before the clock runs."""
    prepared = [(case, [(name, what.for_case(case)) for name, what in model]) for case in cases]
    for case, life in prepared:
        for name, statements in life:

            def bare() -> None:
                with engine.begin() as connection:
                    replay(connection, case, statements)  # noqa: B023

            timed.time(name, bare)


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
