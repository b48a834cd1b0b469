"""What Prefect costs: the `recommendation` flow against a started server, less the sweeps inside it.

The flow is called in this process, as the warm worker does. What is left after the sweeps is Prefect's: the
run, its tasks, their states, the artifact. It may cost half a second a run, and nothing more for due cases.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from prefect.logging.handlers import APILogHandler, PrefectConsoleHandler
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import Engine

from benchmarks.due import ground, wake_up
from benchmarks.result import Line, Target
from casework import wake
from casework.wake import Sweep
from deployments.server import Server
from flows import database
from flows.recommendation import recommendation

WARM_UP = 2
PAUSE = 2.0
"""Seconds between two runs, which a schedule keeps too: a run that begins while the server still records the
one before is answered 503 by Prefect's SQLite, and its client comes back two seconds later."""


def run(engine: Engine, due: int = 1_000, runs: int = 3) -> list[Line]:
    """Measure `runs` runs with nothing due, with `due` and with twice as many due cases, in turn."""
    _, kinds = ground(engine, 4 * due * runs + 100, 3 * due * runs)
    loads = (0, due, 2 * due)
    took: dict[int, list[tuple[float, float]]] = {load: [] for load in loads}
    with served(engine):
        for _ in range(WARM_UP):
            once(0)
        for _ in range(runs):
            for load in loads:
                wake_up(engine, kinds, load // 2)
                took[load].append(once(load))
    # The least of each: a difference of two medians would mostly be the machine's other business.
    a_case = (min(t - s for t, s in took[2 * due]) - min(t - s for t, s in took[due])) / due * 1_000
    added = {load: median(total - swept for total, swept in took[load]) for load in loads}
    swept = {load: median(swept for _, swept in took[load]) for load in loads}
    name = engine.dialect.name
    return [
        Line(
            "flow_overhead",
            name,
            added[0],
            swept[0],
            "s",
            Target("ours", 0.5),
            "a run with nothing due, less its sweeps (the baseline)",
        ),
        Line(
            "flow_overhead_due",
            name,
            added[due],
            swept[due],
            "s",
            Target("ours", 0.5),
            f"a run with {due} due cases, less their sweeps: it publishes its table, too",
        ),
        Line(
            "flow_per_case",
            name,
            max(a_case, 0.0),
            (swept[2 * due] - swept[due]) / due * 1_000,
            "ms",
            Target("ratio", 0.1),
            f"what a case adds, from {due} to {2 * due} due: nothing; a tenth of its sweep is left for noise",
        ),
    ]


@contextmanager
def served(engine: Engine) -> Generator[None]:
    """A Prefect server of its own, and `engine` as the database that flows work on."""
    address = engine.url.render_as_string(hide_password=False)
    with (
        tempfile.TemporaryDirectory(prefix="beian-bench-") as folder,
        Server(Path(folder)) as server,
        patch.dict(os.environ, {"BEIAN_DATABASE_URL": address}),
        temporary_settings({PREFECT_API_URL: server.api_url}),
        patch.object(PrefectConsoleHandler, "emit"),
    ):
        yield
        # What is still to be sent to a server that is gone would be retried for a minute.
        APILogHandler().flush()
        database.engine().dispose()


def once(due: int) -> tuple[float, float]:
    """Run the flow, which has `due` cases to move; return its seconds, and those that its sweeps took."""
    swept: list[float] = []
    moved: list[int] = []
    sweep = wake.sweep

    def timed(*args: Any, **kwargs: Any) -> Sweep:
        began = time.perf_counter()
        done = sweep(*args, **kwargs)
        swept.append(time.perf_counter() - began)
        moved.append(len(done.moved))
        return done

    time.sleep(PAUSE)
    began = time.perf_counter()
    with patch.object(wake, "sweep", timed):
        asyncio.run(recommendation())
    took = time.perf_counter() - began
    if sum(moved) != due:
        raise AssertionError(f"{due} were due, {sum(moved)} moved")
    return took, sum(swept)
