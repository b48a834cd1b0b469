"""Many cases from one: its rows copied inside the database, each copy with a number, unit and applicant."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    Text,
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
from models.base import Record
from models.database import writing
from models.json_column import Json

_organisations = Organisation.__table__
_people = Person.__table__
_roles = Role.__table__
_subjects = Subject.__table__
_NUMBERED = (_organisations, _people, _subjects)

_FIRST_NUMBER = 100_000
_FIRST_CODE = 10_000_000

OF_A_CASE = tuple(table for table in Record.metadata.sorted_tables if "subject_id" in table.c)
"""The tables whose rows belong to a subject, parents before children."""


def copies(engine: Engine, case: Case, count: int, first: int = 1) -> list[Case]:
    """Copy `case` with all its rows `count` times; `first` numbers the copies apart from earlier ones."""
    with writing(engine) as connection:
        start = {
            table.name: connection.execute(select(func.max(table.c.id))).scalar_one() for table in _NUMBERED
        }
        _copy_all(connection, case, count, first, start)
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


def _copy_all(connection: Connection, case: Case, count: int, first: int, start: Mapping[str, int]) -> None:
    if connection.dialect.name == "postgresql":
        # The copies refer to each other as their model's rows do; checking each again would take minutes.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    series = select(literal(1).label("n")).cte("series", recursive=True)
    series = series.union_all(select(series.c.n + 1).where(series.c.n < count))
    n = series.c.n
    number = literal("YY2024-", String).concat(cast(n + (_FIRST_NUMBER + first - 1), Text))
    uscc = literal("91430600MA", String).concat(cast(n + (_FIRST_CODE + first - 1), Text))
    own = {
        "subject_id": n + start["subjects"],
        "lead_id": n + start["organisations"],
        "number": number,
    }

    def renamed(column: ColumnElement[Any]) -> ColumnElement[Any]:
        if not isinstance(column.type, String | Json):
            return column
        new = func.replace(func.replace(cast(column, Text), case.number, number), case.uscc, uscc)
        return cast(new, column.type) if isinstance(column.type, Json) else new

    def copy(table: Table, where: ColumnElement[bool], values: Mapping[str, Any]) -> None:
        given = {name: value for name, value in values.items() if name in table.c}
        names = [column.name for column in table.c if column.name != "id" or "id" in given]
        source = _source(table, series, [given.get(name, renamed(table.c[name])) for name in names])
        connection.execute(insert(table).from_select(names, source.where(where)))

    copy(_organisations, _organisations.c.id == case.lead, {"id": n + start["organisations"], "uscc": uscc})
    handle = literal("applicant-", String).concat(cast(n + first, Text))
    copy(_people, _people.c.id == case.applicant, {"id": n + start["people"], "handle": handle})
    copy(
        _roles,
        _roles.c.person_id == case.applicant,
        {"person_id": n + start["people"], "organisation_id": n + start["organisations"]},
    )
    copy(_subjects, _subjects.c.id == case.subject, {"id": n + start["subjects"]})
    for table in OF_A_CASE:
        mine = dict(own)
        if "message_id" in table.c:
            mine["message_id"] = table.c.message_id.concat(cast(n + first, Text))
        if "recipient_id" in table.c:
            mine["recipient_id"] = _own(table.c.recipient_id, case.applicant, n + start["people"])
        if "organisation_id" in table.c:
            mine["organisation_id"] = _own(table.c.organisation_id, case.lead, n + start["organisations"])
        copy(table, table.c.subject_id == case.subject, mine)
    if connection.dialect.name == "postgresql":
        for table in _NUMBERED:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "  # noqa: S608
                    f"(SELECT max(id) FROM {table.name}))"
                )
            )


def _source(table: Table, series: CTE, columns: list[Any]) -> Any:
    return select(*columns).select_from(table.join(series, true()))


def _own(column: ColumnElement[Any], model: int, copied: ColumnElement[Any]) -> ColumnElement[Any]:
    return when((column == model, copied), else_=column)
