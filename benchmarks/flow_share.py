"""One run of the `recommendation` flow over fifty thousand due cases: how much of it is Prefect's."""

from sqlalchemy import Engine

from benchmarks import flow
from benchmarks.due import ground, wake_up
from benchmarks.result import Line, Target


def run(engine: Engine, due: int = 50_000) -> list[Line]:
    """Measure one run with `due` due cases, after a run with none."""
    _, kinds = ground(engine, due + 100, due)
    with flow.served(engine):
        flow.once(0)
        wake_up(engine, kinds, due // 2)
        total, swept = flow.once(due)
    note = f"{due} due cases in {total:.0f} s; {(total - swept) / total:.1%} of the run is Prefect's"
    return [
        Line("flow_share", engine.dialect.name, total - swept, swept, "s", Target("ratio", 0.1 / 0.9), note)
    ]
