"""People's acts while another process opens a round of evaluation: how long the slowest of them wait."""

import multiprocessing
from multiprocessing.synchronize import Event

from sqlalchemy import Engine

from benchmarks import city as cities
from benchmarks.due import LAST_HOUR
from benchmarks.herd import copies, settle, unchecked
from benchmarks.registered import registered
from benchmarks.result import Line
from benchmarks.under_sweep import acts_of, waited
from casework import rounds
from models.database import connect

_AT_ONCE = 20


def run(engine: Engine, entries: int = 60_000, acts: int = 400) -> list[Line]:
    """Measure `acts` acts in quiet, then as many while another process opens a round over `entries`."""
    city = cities.found(engine)
    with unchecked(engine) as connection, connection.begin():
        registered(connection, city, entries)
    cities.move(engine, LAST_HOUR)
    cases = copies(engine, city.case, 2 * acts + 20, 400_000)
    settle(engine)
    told = {"code": "PJ2024", "period": "2024", "filed_until": "2024-08-05"}
    announced = rounds.announce(engine, "yueyang", city.people["officer"], told)
    if not hasattr(announced, "ref"):
        raise cities.Refused(str(announced))
    acts_of(engine, city, cases, 20)
    quiet = acts_of(engine, city, cases, acts)
    context = multiprocessing.get_context("spawn")
    ready, over = context.Event(), context.Event()
    address = engine.url.render_as_string(hide_password=False)
    opening = context.Process(target=_open, args=(address, ready, over))
    opening.start()
    busy: list[float] = []
    try:
        ready.wait(60)
        while len(busy) < acts and not over.is_set():
            busy += acts_of(engine, city, cases, min(_AT_ONCE, acts - len(busy)))
    finally:
        opening.join(300)
        opening.kill()
    if opening.exitcode != 0:
        raise AssertionError("the process that opens the round did not last")
    return [waited(engine, "act_p99_under_round", busy, quiet, f"; {entries} entries")]


def _open(address: str, ready: Event, over: Event) -> None:
    """Open the task of every entry due."""
    engine = connect(address)
    ready.set()
    rounds.open_tasks(engine)
    over.set()
