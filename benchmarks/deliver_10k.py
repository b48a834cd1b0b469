"""Draining a backlog of ten thousand notices; it takes its time, so it runs only when asked for."""

from sqlalchemy import Engine

from benchmarks import deliver
from benchmarks.result import Line


def run(engine: Engine) -> list[Line]:
    """Measure the draining of ten thousand notices."""
    return deliver.run(engine, notices=10_000)
