"""The radar over a hundred thousand open cases in fifteen districts, as a bureau and as a district look.

A third of the cases are late, those due today are in danger. The baseline is the bare query for the fifty
cases due first, with the names that a line shows.
"""

import datetime
import time
from collections.abc import Callable, Collection, Sequence
from statistics import median
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Table, literal, select, update
from sqlalchemy import case as when

from benchmarks import city as cities
from benchmarks.city import Case, City
from benchmarks.due import LATER, TO_FORMAL_REVIEW
from benchmarks.herd import OF_A_CASE, copies, settle, unchecked
from benchmarks.result import Line, Target
from benchmarks.rows import snapshot
from casework import parties, radar
from casework.access import Claim
from models import Bureau, Deadline, Organisation, Subject, WorkItem
from models import Case as CaseRow
from models.database import reading, writing
from models.instant import Instant
from procedure.instant import calendar_day, local_instant

NOW: Final = "2024-08-21T10:00"
DISTRICTS: Final = 15
PAGE: Final = 50

_LOOKED_AT: Final = [
    table for table in OF_A_CASE if table.name not in {"events", "ledger", "documents", "members"}
]
"""What a case is to the radar: its record and its papers are never read by it."""

_subjects = Subject.__table__
_cases = CaseRow.__table__
_work = WorkItem.__table__
_deadlines = Deadline.__table__
_leads = Organisation.__table__
_bureaus = Bureau.__table__


def run(engine: Engine, crowd: int = 100_000, rounds: int = 15) -> list[Line]:
    """Measure a bureau's and a district's look over `crowd` open cases, and one narrowed to a single desk."""
    began = time.perf_counter()
    city, districts = ground(engine, crowd, _LOOKED_AT)
    seeded = time.perf_counter() - began
    limit = 50 if crowd <= 100_000 else 300
    name = "radar" if crowd <= 100_000 else "radar_1m"
    note = f"{crowd} open cases, {DISTRICTS} districts, a third late; {PAGE} lines; seeded in {seeded:.0f} s"
    lines: list[Line] = []
    viewers: tuple[tuple[str, Claim, dict[str, Any]], ...] = (
        ("", city.people["officer"], {}),
        ("_district", city.people["district"], {}),
        ("_one_stage", city.people["officer"], {"stages": ["formal_review"], "districts": [districts[3]]}),
    )
    with reading(engine) as connection:
        bare = _timed(lambda: _bare(connection), rounds)
    for suffix, claim, narrowed in viewers:
        with reading(engine) as connection:
            seen = radar.look(connection, seen_by=claim, limit=PAGE, **narrowed)
            if not seen.lines or not seen.counts[radar.Trouble.OVERDUE]:
                raise AssertionError(f"a third of the cases are late, but {seen.counts} were told")
        took = _timed(lambda claim=claim, narrowed=narrowed: _look(engine, claim, narrowed), rounds)
        lines.append(Line(name + suffix, engine.dialect.name, took, bare, "ms", Target("ours", limit), note))
        note = ""
    return lines


def _look(engine: Engine, claim: Claim, narrowed: dict[str, Any]) -> None:
    with reading(engine) as connection:
        radar.look(connection, seen_by=claim, limit=PAGE, **narrowed)


def _timed(once: Callable[[], object], rounds: int) -> float:
    took: list[float] = []
    for _ in range(rounds + 2):
        began = time.perf_counter()
        once()
        took.append((time.perf_counter() - began) * 1000)
    return median(took[2:])


def _bare(connection: Connection) -> None:
    query = (
        select(_subjects.c.stage, _subjects.c.due_at, _cases.c.number, _leads.c.name, _bureaus.c.name_zh)
        .join(_cases, _cases.c.subject_id == _subjects.c.id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.district_id)
        .where(_subjects.c.outcome.is_(None), _subjects.c.kind == "application", _subjects.c.bureau_id == 1)
        .where(_subjects.c.due_at.is_not(None))
        .order_by(_subjects.c.due_at)
        .limit(PAGE)
    )
    connection.execute(query).all()


def ground(engine: Engine, crowd: int, tables: Collection[Table] = OF_A_CASE) -> tuple[City, list[str]]:
    """Make a city of `crowd` open cases in DISTRICTS districts, whose codes are returned last.

    Half of the cases wait for their recommendation, half for their formal review. Each has rows of `tables`
    only; its record is whole with all tables.
    """
    city = cities.found(engine)
    cities.move(engine, "2024-08-05T09:00")
    waiting = city.case
    (reviewed,) = copies(engine, waiting, 1)
    for name, who, payload in TO_FORMAL_REVIEW:
        cities.act(engine, city, reviewed, who, name, payload)
    _herd(engine, waiting, crowd // 2, 10, tables)
    _herd(engine, reviewed, crowd - crowd // 2, crowd // 2 + 10, tables)
    codes = _spread(engine)
    settle(engine)
    cities.move(engine, NOW)
    return city, codes


def _herd(engine: Engine, case: Case, count: int, first: int, tables: Collection[Table]) -> None:
    whole = any(table.name == "events" for table in tables)
    since = 0 if whole else max(seq for _, seq in snapshot(engine, case)["events"])
    for at in range(0, count, 100_000):
        copies(engine, case, min(100_000, count - at), first + at, since, tables)


def _spread(engine: Engine) -> list[str]:
    """Put the cases into districts of their own and let them be due at instants of their own."""
    codes, places = _districts(engine)
    now = local_instant(NOW)
    # Ten of thirty days lie before the present.
    instants = [now + datetime.timedelta(days=n - 10, hours=n % 5, minutes=n) for n in range(30)]
    chosen = _one_of(_subjects.c.id % DISTRICTS, places)
    own = select(_subjects.c.district_id).where(_subjects.c.id == _cases.c.subject_id).scalar_subquery()
    desk = select(_subjects.c.district_id).where(_subjects.c.id == _work.c.subject_id).scalar_subquery()
    with unchecked(engine) as connection, connection.begin():
        connection.execute(
            update(_subjects)
            .where(_subjects.c.kind == "application")
            .values(
                district_id=chosen,
                due_at=_one_of(_subjects.c.id // DISTRICTS % len(instants), instants),
                wake_at=LATER,
            )
        )
        connection.execute(update(_cases).values(district_id=own))
        connection.execute(update(_work).where(_work.c.role == "district_officer").values(bureau_id=desk))
    return codes


def _one_of(number: ColumnElement[int], values: Sequence[Any]) -> ColumnElement[Any]:
    kind = Instant() if isinstance(values[0], datetime.datetime) else None
    return when({n: literal(value, kind) for n, value in enumerate(values)}, value=number)


def _districts(engine: Engine) -> tuple[list[str], list[int]]:
    """The codes and numbers of the districts, each with an officer."""
    with writing(engine) as connection:
        city = parties.bureau_id(connection, "yueyang")
        codes = ["pingjiang"]
        for n in range(1, DISTRICTS):
            parties.district_bureau(connection, city, f"d{n}", f"第{n}区", f"District {n}", "district")
            codes.append(f"d{n}")
        places = [parties.bureau_id(connection, code) for code in codes]
        for place in places[1:]:
            officer = parties.person(connection, f"officer-{place}", f"经办人{place}", None)
            parties.grant(
                connection,
                officer,
                "district_officer",
                valid_from=calendar_day("2024-01-01"),
                bureau_id=place,
            )
    return codes, places
