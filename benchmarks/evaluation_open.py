"""A round over a hundred thousand entries of the register, opened by one run of the flow of evaluation.

Ours is the run's whole time, sleep for others' sake left out as in `wake`; the baseline inserts the rows
that the round wrote, read beforehand, with executemany in the round's own chunks, one commit a chunk.
"""

import gc
import time
from unittest.mock import patch

from sqlalchemy import Connection, Engine, func, insert, select, text

from benchmarks import city as cities
from benchmarks.city import City
from benchmarks.herd import settle, unchecked
from benchmarks.result import Line, Target
from casework import rounds
from models import (
    Case,
    Deadline,
    Event,
    LedgerEntry,
    Matter,
    Notice,
    Organisation,
    Person,
    RegisterEntry,
    Role,
    Subject,
    Timer,
)
from models.database import reading
from procedure.instant import calendar_day, local_instant

_FILED = local_instant("2024-08-01T09:00")
_OF_A_TASK = tuple(each.__table__ for each in (Subject, Matter, Event, Deadline, LedgerEntry, Timer, Notice))
_AT_ONCE = 10_000


def run(engine: Engine, entries: int = 100_000) -> list[Line]:
    """Measure the opening of one round for `entries` entries, and the bare writing of the same rows."""
    city = cities.found(engine)
    with unchecked(engine) as connection, connection.begin():
        first = registered(connection, city, entries)
    cities.move(engine, "2025-08-04T09:00")
    settle(engine)
    announced = rounds.announce(
        engine, "yueyang", city.people["officer"], {"code": "PJ2025", "period": "2025"}
    )
    if not hasattr(announced, "ref"):
        raise cities.Refused(str(announced))
    slept: list[float] = []
    gc.collect()
    with patch("time.sleep", slept.append):
        began = time.perf_counter()
        opened = rounds.open_tasks(engine)
        ours = time.perf_counter() - began
    if opened.tasks != {"PJ2025": entries}:
        raise AssertionError(f"{entries} entries were due, opened: {opened}")
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


def registered(connection: Connection, city: City, entries: int) -> int:
    """File `entries` consortia by their rows alone, each with a lead unit and an applicant of its own."""
    case = connection.execute(
        select(Case.__table__).where(Case.__table__.c.subject_id == city.case.subject)
    ).one()
    subject = connection.execute(
        select(Subject.__table__).where(Subject.__table__.c.id == city.case.subject)
    ).one()
    start = {
        table.name: connection.execute(select(func.max(table.c.id))).scalar_one() + 1
        for table in (Organisation.__table__, Person.__table__, Subject.__table__)
    }
    units, people, subjects = start["organisations"], start["people"], start["subjects"]
    day = calendar_day("2024-01-01")
    for begins in range(0, entries, _AT_ONCE):
        chunk = range(begins, min(begins + _AT_ONCE, entries))
        connection.execute(
            insert(Organisation.__table__),
            [
                {"id": units + n, "uscc": f"91430600MA{n:08d}", "name": f"第{n}公司", "kind": "enterprise"}
                for n in chunk
            ],
        )
        connection.execute(
            insert(Person.__table__),
            [
                {
                    "id": people + n,
                    "handle": f"unit-{n}",
                    "name": f"经办{n}",
                    "email": f"unit-{n}@example.org",
                    "language": "zh",
                    "active": True,
                }
                for n in chunk
            ],
        )
        connection.execute(
            insert(Role.__table__),
            [
                {
                    "person_id": people + n,
                    "role": "applicant",
                    "organisation_id": units + n,
                    "valid_from": day,
                }
                for n in chunk
            ],
        )
        connection.execute(
            insert(Subject.__table__),
            [
                {
                    **dict(subject._mapping),
                    "id": subjects + n,
                    "stage": "filing",
                    "outcome": "filed",
                    "wake_at": None,
                    "passes_at": None,
                    "due_at": None,
                }
                for n in chunk
            ],
        )
        connection.execute(
            insert(Case.__table__),
            [
                {
                    **dict(case._mapping),
                    "subject_id": subjects + n,
                    "number": f"C{n}",
                    "lead_id": units + n,
                    "closed": True,
                }
                for n in chunk
            ],
        )
        connection.execute(
            insert(RegisterEntry.__table__),
            [
                {
                    "bureau_id": case.bureau_id,
                    "subject_id": subjects + n,
                    "number": f"YYLHT-2024-{n:06d}",
                    "name": f"岳阳市第{n}方向创新联合体",
                    "lead_id": units + n,
                    "direction": f"第{n}方向",
                    "valid_from": calendar_day("2024-08-01"),
                    "valid_to": calendar_day("2027-07-31"),
                    "filed_at": _FILED,
                    "document_number": "1号",
                    "state": "valid",
                }
                for n in chunk
            ],
        )
    of_entry = {
        **dict(subject._mapping),
        "id": subjects + entries,
        "kind": "entry",
        "stage": "valid",
        "parent_id": None,
        "wake_at": None,
        "passes_at": None,
        "due_at": None,
        "district_id": None,
    }
    connection.execute(insert(Subject.__table__), [of_entry])
    one = connection.execute(select(func.min(RegisterEntry.__table__.c.id))).scalar_one()
    connection.execute(
        insert(Matter.__table__),
        [
            {
                "subject_id": subjects + entries,
                "bureau_id": case.bureau_id,
                "kind": "entry",
                "number": "YYLHT-2024-000000",
                "entry_id": one,
            }
        ],
    )
    return subjects + entries + 2


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
