"""A day's outage with ten thousand cases; it takes minutes, so it runs only when asked for."""

from sqlalchemy import Engine

from benchmarks import outage
from benchmarks.result import Line


def run(engine: Engine) -> list[Line]:
    """Measure how ten thousand cases make up for a day."""
    return outage.run(engine, cases=10_000, acts=3_000)
