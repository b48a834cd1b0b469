"""Working days: adding and subtracting, against plain addition of calendar days."""

import datetime
import random
import time
from collections.abc import Callable
from statistics import median

from sqlalchemy import Engine

from benchmarks.result import Line, Target
from procedure import working_days


def run(engine: Engine | None = None, calls: int = 20_000, rounds: int = 9) -> list[Line]:  # noqa: ARG001
    """Measure `calls` calls a round, in alternating rounds, over days of 2020 to 2026, up to 60 days on."""
    calendar = working_days.state_council()
    chance = random.Random(2024)
    first = datetime.date(2020, 4, 1)
    asked = [
        (first + datetime.timedelta(chance.randrange(2_300)), chance.randint(1, 60)) for _ in range(calls)
    ]

    def plain(day: datetime.date, n: int) -> object:
        return day + datetime.timedelta(days=n)

    sides: dict[str, Callable[[datetime.date, int], object]] = {
        "add": calendar.add,
        "subtract": calendar.subtract,
        "plain": plain,
    }
    took: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, function in sides.items():
            began = time.perf_counter()
            for day, n in asked:
                function(day, n)
            took[name].append((time.perf_counter() - began) / calls * 1e6)
    baseline = median(took["plain"])
    return [
        Line(f"calendar_{name}", "none", median(took[name]), baseline, "µs", Target("ours", 2))
        for name in ("add", "subtract")
    ]
