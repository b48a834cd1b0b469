"""Many cases from one: its rows copied inside the database.

Each copy has a number, a lead unit and an applicant of its own, and in its state and events instants of its
own: what a process keeps of one case must not help with the next.
"""

from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    Text,
    and_,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    true,
)
from sqlalchemy import case as when

from benchmarks.city import Case
from models import Organisation, Person, Role, Subject
from models import case as cases
from models.base import Record
from models.json_column import Json, JsonText

_cases = cases.Case.__table__
_organisations = Organisation.__table__
_people = Person.__table__
_roles = Role.__table__
_subjects = Subject.__table__
_NUMBERED = (_organisations, _people, _subjects)

_FIRST_NUMBER = 100_000
_FIRST_CODE = 10_000_000
_COPYING_KB = 262_144
_ON_THE_HOUR = "T09:00:00+08:00"

OF_A_CASE = tuple(table for table in Record.metadata.sorted_tables if "subject_id" in table.c)
"""The tables whose rows belong to a subject, parents before children."""

OF_ONE_THAT_WAITS = tuple(
    table for table in OF_A_CASE if table.name in {"cases", "deadlines", "timers", "work_items", "notices"}
)
"""Those that are asked of a case while others act: its record and papers are read with an act of its own."""


def copies(
    engine: Engine,
    case: Case,
    count: int,
    first: int = 1,
    since: int = 0,
    tables: Collection[Table] = OF_A_CASE,
) -> list[Case]:
    """Copy `case` with its rows `count` times; `first` numbers the copies apart from earlier ones.

    With `since`, of what the case gathered over time (events, ledger, notices, work) only what its events
    from that number on brought: enough for what happens next, and a hundred thousand of them fit on a disk.
    Of the tables whose rows belong to a subject only `tables` are copied.
    """
    with unchecked(engine) as connection, connection.begin():
        start = {
            table.name: connection.execute(select(func.max(table.c.id))).scalar_one() for table in _NUMBERED
        }
        _copy_all(connection, case, count, first, since, start, tables)
        if engine.dialect.name == "postgresql":
            for table in _NUMBERED:
                _advance(connection, table)
    return [
        Case(
            start["subjects"] + n + 1,
            f"YY2024-{_FIRST_NUMBER + first + n}",
            start["organisations"] + n + 1,
            f"91430600MA{_FIRST_CODE + first + n}",
            start["people"] + n + 1,
        )
        for n in range(count)
    ]


def settle(engine: Engine) -> None:
    """Let the database do at once what it does by itself over the months of a call: vacuum, checkpoint."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if engine.dialect.name == "sqlite":
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        else:
            driver.autocommit = True
            driver.execute("VACUUM ANALYZE")
            driver.execute("CHECKPOINT")
            driver.autocommit = False


@contextmanager
def unchecked(engine: Engine) -> Generator[Connection]:
    """A connection for making many rows fast: none is checked against others, none is safe at once."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("SET session_replication_role = replica"))
            try:
                yield connection
            finally:
                with connection.begin():
                    connection.execute(text("SET session_replication_role = DEFAULT"))
            return
        driver: Any = connection.connection.driver_connection
        fast = ("foreign_keys=OFF", "synchronous=OFF", f"cache_size={-_COPYING_KB}")
        as_before = ("foreign_keys=ON", "synchronous=FULL", "cache_size=-2000")
        for setting in fast:
            driver.execute(f"PRAGMA {setting}")
        try:
            yield connection
        finally:
            for setting in as_before:
                driver.execute(f"PRAGMA {setting}")


def _copy_all(
    connection: Connection,
    case: Case,
    count: int,
    first: int,
    since: int,
    start: Mapping[str, int],
    tables: Collection[Table],
) -> None:
    series = select(literal(1).label("n")).cte("series", recursive=True)
    series = series.union_all(select(series.c.n + 1).where(series.c.n < count))
    n = series.c.n
    number = literal("YY2024-", String).concat(cast(n + (_FIRST_NUMBER + first - 1), Text))
    uscc = literal("91430600MA", String).concat(cast(n + (_FIRST_CODE + first - 1), Text))
    moment = (
        literal("T09:00:00.", String).concat(cast(n + (_FIRST_NUMBER + first - 1), Text)).concat("+08:00")
    )
    subject, unit, person = (n + start[name] for name in ("subjects", "organisations", "people"))

    def renamed(column: ColumnElement[Any]) -> ColumnElement[Any]:
        if not isinstance(column.type, JsonText | Json):
            return column
        new = func.replace(func.replace(cast(column, Text), case.number, number), case.uscc, uscc)
        new = func.replace(new, _ON_THE_HOUR, moment)
        return cast(new, column.type) if isinstance(column.type, Json) else new

    def copy(table: Table, where: ColumnElement[bool], values: Mapping[str, ColumnElement[Any]]) -> None:
        given = {name: value for name, value in values.items() if name in table.c}
        names = [column.name for column in table.c if column.name != "id" or "id" in given]
        columns = [given.get(name, renamed(table.c[name])) for name in names]
        source = select(*columns).select_from(table.join(series, true())).where(where)
        connection.execute(insert(table).from_select(names, source))

    copy(_organisations, _organisations.c.id == case.lead, {"id": unit, "uscc": uscc})
    handle = literal("applicant-", String).concat(cast(n + first, Text))
    copy(_people, _people.c.id == case.applicant, {"id": person, "handle": handle})
    copy(_roles, _roles.c.person_id == case.applicant, {"person_id": person, "organisation_id": unit})
    copy(_subjects, _subjects.c.id == case.subject, {"id": subject})
    for table in tables:
        own = {"subject_id": subject, "lead_id": unit}
        if table is _cases:
            own["number"] = number
        if "message_id" in table.c:
            own["message_id"] = cast(n + first, Text).concat(table.c.message_id)
        if "recipient_id" in table.c:
            own["recipient_id"] = _own(table.c.recipient_id, case.applicant, person)
        if "organisation_id" in table.c:
            own["organisation_id"] = _own(table.c.organisation_id, case.lead, unit)
        recent = table.c.seq >= since if "seq" in table.c else true()
        copy(table, and_(table.c.subject_id == case.subject, recent), own)


def _advance(connection: Connection, table: Table) -> None:
    sequence = func.pg_get_serial_sequence(table.name, "id")
    connection.execute(select(func.setval(sequence, select(func.max(table.c.id)).scalar_subquery())))


def _own(column: ColumnElement[Any], model: int, copied: ColumnElement[Any]) -> ColumnElement[Any]:
    return when((column == model, copied), else_=column)
