"""People's acts while another process sweeps: how long the slowest of them wait.

On SQLite both want the one write lock; on PostgreSQL only the same rows.
"""

import multiprocessing
import time
from multiprocessing.synchronize import Event
from statistics import median, quantiles
from typing import Final

from sqlalchemy import Engine

from benchmarks.act import LIFE, Timed
from benchmarks.city import Case, City, act
from benchmarks.due import LAST_HOUR, ground, wake_up
from benchmarks.herd import copies
from benchmarks.result import Line, Target
from casework import wake
from models.database import connect
from procedure.instant import local_instant

PAUSE: Final = 0.005
"""Seconds between two acts: people do not queue up behind each other in one thread."""

_NAME, _WHO, _PAYLOAD = LIFE[0]
_AT: Final = local_instant(LAST_HOUR)


def run(engine: Engine, due: int = 2_000, acts: int = 400) -> list[Line]:
    """Measure `acts` acts in quiet, then as many while another process moves `due` due cases and more."""
    city, kinds = ground(engine, 3 * due + 100, 2 * due + 100)
    cases = copies(engine, city.case, 2 * acts + 20, 400_000)
    acts_of(engine, city, cases, 20)
    quiet = acts_of(engine, city, cases, acts)
    context = multiprocessing.get_context("spawn")
    ready, over = context.Event(), context.Event()
    address = engine.url.render_as_string(hide_password=False)
    stages = tuple(kind.stage for kind in kinds)
    sweeping = context.Process(target=_sweep, args=(address, stages, city.call, ready, over))
    sweeping.start()
    try:
        ready.wait(60)
        busy: list[float] = []
        for _ in range(4):
            wake_up(engine, kinds, due // 4)
            busy += acts_of(engine, city, cases, acts // 4)
    finally:
        over.set()
        sweeping.join(300)
        sweeping.kill()
    if sweeping.exitcode != 0:
        raise AssertionError("the sweeping process did not last")
    return [waited(engine, "act_p99_under_sweep", busy, quiet)]


def waited(engine: Engine, name: str, busy: list[float], quiet: list[float], also: str = "") -> Line:
    """Return how long acts took beside other work against those in quiet: 99th percentiles, in ms."""
    return Line(
        name,
        engine.dialect.name,
        quantiles(busy, n=100)[98],
        quantiles(quiet, n=100)[98],
        "ms",
        Target("ours", 60) if engine.dialect.name == "sqlite" else None,
        f"{len(busy)} acts; medians {median(busy):.1f} / {median(quiet):.1f}{also}",
    )


def acts_of(engine: Engine, city: City, cases: list[Case], number: int) -> list[float]:
    """Do so many acts, each on a case of its own, and return how long each took in milliseconds."""
    timed = Timed()
    for _ in range(number):
        case = cases.pop()
        timed.time(_NAME, lambda: act(engine, city, case, _WHO, _NAME, _PAYLOAD, _AT))  # noqa: B023
        time.sleep(PAUSE)
    return timed.wall[_NAME]


def _sweep(address: str, stages: tuple[str, ...], call: int, ready: Event, over: Event) -> None:
    """Sweep whatever is due until told that it is over."""
    engine = connect(address)
    ready.set()
    while not over.is_set():
        for stage in stages:
            wake.sweep(engine, "application", stages=[stage], parent=call)
        time.sleep(0.01)
