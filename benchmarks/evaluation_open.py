"""A round over a hundred thousand entries of the register, opened by one run of the flow of evaluation.

Ours is the run's whole time, sleep for others' sake left out as in `wake`; the baseline inserts the rows
that the round wrote, read beforehand, with executemany in the round's own chunks, one commit a chunk.
"""

import asyncio
import gc
import time
from types import SimpleNamespace
from unittest.mock import patch

from sqlalchemy import Engine, insert, select, text

from benchmarks import city as cities
from benchmarks import flow
from benchmarks.herd import settle, unchecked
from benchmarks.registered import registered
from benchmarks.result import Line, Target
from casework import giving_way, rounds
from flows.evaluation import evaluation
from models import (
    Deadline,
    Event,
    LedgerEntry,
    Matter,
    Notice,
    Subject,
    Timer,
)
from models.database import reading

_OF_A_TASK = tuple(each.__table__ for each in (Subject, Matter, Event, Deadline, LedgerEntry, Timer, Notice))


def run(engine: Engine, entries: int = 100_000) -> list[Line]:
    """Measure the opening of one round for `entries` entries, and the bare writing of the same rows."""
    city = cities.found(engine)
    with unchecked(engine) as connection, connection.begin():
        first = registered(connection, city, entries)
    cities.move(engine, "2025-08-04T09:00")
    settle(engine)
    slept: list[float] = []
    # Prefect sleeps as ever.
    waived = SimpleNamespace(perf_counter=time.perf_counter, sleep=slept.append)
    with flow.served(engine), patch.object(giving_way, "time", waived):
        _run_of_the_flow()
        announced = rounds.announce(
            engine, "yueyang", city.people["officer"], {"code": "PJ2025", "period": "2025"}
        )
        if not hasattr(announced, "ref"):
            raise cities.Refused(str(announced))
        gc.collect()
        began = time.perf_counter()
        named = _run_of_the_flow()
        ours = time.perf_counter() - began
    if named != f"Moved {entries}":
        raise AssertionError(f"{entries} entries were due, the run says: {named}")
    bare = _bare(engine, first)
    note = (
        f"{entries} entries, one applicant each told; {entries / ours:.0f} entries/s against"
        f" {entries / bare:.0f} bare; sleep of {sum(slept):.0f} s not counted"
    )
    per = 1_000_000 / entries
    return [
        Line(
            "evaluation_open",
            engine.dialect.name,
            ours * per,
            bare * per,
            "µs",
            Target("ours", 200) if engine.dialect.name == "sqlite" else None,
            note,
        )
    ]


def _run_of_the_flow() -> str:
    """Run the flow of evaluation as the warm worker does; return the name of the state it ended in."""
    return str(asyncio.run(evaluation(return_state=True)).name)


def _bare(engine: Engine, first: int) -> float:
    """Write what was written to the subjects from `first` on once more, bare; return how long it took."""
    rows = {}
    with reading(engine) as connection:
        for table in _OF_A_TASK:
            owner = table.c.id if table.name == "subjects" else table.c.subject_id
            found = connection.execute(select(table).where(owner >= first).order_by(owner)).mappings()
            rows[table.name] = [dict(row) for row in found]
    with unchecked(engine) as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            # What was recorded cannot be removed, and here it has to be, to be written once more.
            for guard in ("events_stay", "ledger_stay"):
                connection.execute(text(f"DROP TRIGGER {guard}"))
        for table in reversed(_OF_A_TASK):
            owner = "id" if table.name == "subjects" else "subject_id"
            connection.execute(text(f"DELETE FROM {table.name} WHERE {owner} >= {first}"))  # noqa: S608
    each = {name: len(found) * rounds.CHUNK // len(rows["subjects"]) + 1 for name, found in rows.items()}
    gc.collect()
    began = time.perf_counter()
    for at in range(0, len(rows["subjects"]), rounds.CHUNK):
        with engine.begin() as connection:
            for table in _OF_A_TASK:
                size = each[table.name]
                chunk = rows[table.name][at // rounds.CHUNK * size : (at // rounds.CHUNK + 1) * size]
                if chunk:
                    connection.execute(insert(table), chunk)
    return time.perf_counter() - began
