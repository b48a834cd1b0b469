"""The radar over a million open cases; it takes minutes to make them, so it runs only when asked for."""

from sqlalchemy import Engine

from benchmarks import radar
from benchmarks.result import Line


def run(engine: Engine) -> list[Line]:
    """Measure looks over a million open cases."""
    return radar.run(engine, crowd=1_000_000)
