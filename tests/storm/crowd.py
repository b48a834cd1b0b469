"""Many cases like one: its rows written again under names of their own, with chains sealed anew.

The one was brought there by the use cases; whoever reads the copies, `audit verify` too, finds nothing amiss.
"""

import json
import secrets
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, func, insert, select, update

from casework import chain
from casework.access import Claim
from models import Counter, Event, Organisation, Person, Record, Role, Subject
from models.database import writing
from tests.casework.city import City, lead_uscc

CHUNK: Final = 500
"""Cases that are written together."""

_counters = Counter.__table__
_events = Event.__table__
_roles = Role.__table__
_subjects = Subject.__table__
_OWN: Final = (Organisation.__table__, Person.__table__, _subjects)
"""The lead unit, its applicant and the case: each copy has its own."""

Row = dict[str, Any]
Ids = dict[str, int]
Words = list[tuple[str, str]]


def crowd(city: City, model: int, first: int, end: int) -> list[int]:
    """Add cases like ``model``, that of place 0, for the places from ``first`` until ``end``; return them."""
    with writing(city.engine) as connection:
        of_model = {
            "organisations": _lead(connection, model),
            "people": city.people["zhang0"].person,
            "subjects": model,
        }
        rows = {table: _rows(connection, table, of_model) for table in Record.metadata.sorted_tables}
        last = {table.name: connection.execute(select(func.max(table.c.id))).scalar_one() for table in _OWN}
    rows = {table: own for table, own in rows.items() if own}
    places = range(first, end)
    ids = {n: {name: last[name] + n - first + 1 for name in last} for n in places}
    for at in range(0, len(places), CHUNK):
        _write(city, rows, of_model, {n: ids[n] for n in places[at : at + CHUNK]})
    if places:
        with writing(city.engine) as connection:
            _count(connection, end)
    for n in places:
        city.people[f"zhang{n}"] = Claim(ids[n]["people"], "applicant")
    return [ids[n]["subjects"] for n in places]


def _count(connection: Connection, cases: int) -> None:
    """What counts rows goes on after the copies."""
    connection.execute(update(_counters).where(_counters.c.name == "case:2024").values(value=cases))
    for table in _OWN if connection.dialect.name == "postgresql" else ():
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, select(func.max(table.c.id)).scalar_subquery())))


def _lead(connection: Connection, case: int) -> int:
    cases = Record.metadata.tables["cases"]
    return connection.execute(select(cases.c.lead_id).where(cases.c.subject_id == case)).scalar_one()


def _rows(connection: Connection, table: Table, of_model: Ids) -> list[Row]:
    """The rows of ``table`` that belong to the model, in order of their key."""
    if table in _OWN:
        column: Column[Any] | None = table.c.id
    elif table is _roles:
        column = table.c.person_id
    else:
        column = table.c.get("subject_id")
    if column is None:
        return []
    query = select(table).where(column == of_model[_named(column) or ""]).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(query).mappings()]


def _named(column: Column[Any]) -> str | None:
    """Which of a copy's own rows ``column`` names by its id, None if it names none."""
    if column.name == "subject_id" or column is _subjects.c.id:
        return "subjects"
    if column.name == "id":
        return column.table.name if column.table in _OWN else None
    known = {foreign.column.table.name for foreign in column.foreign_keys} & {"organisations", "people"}
    return next(iter(known), None)


def _write(city: City, rows: dict[Table, list[Row]], of_model: Ids, some: dict[int, Ids]) -> None:
    names = {table: {column.name: named for column in table.c if (named := _named(column))} for table in rows}
    made: dict[Table, list[Row]] = {table: [] for table in rows}
    old = _words(0)
    for n, ids in some.items():
        words = list(zip(old, _words(n), strict=True))
        copies = {
            table: [_copy(row, names[table], of_model, ids, words) for row in own]
            for table, own in rows.items()
        }
        (subject,) = copies[_subjects]
        subject["head"] = _seal(copies[_events])
        for table, own in copies.items():
            made[table] += own
    with writing(city.engine) as connection:
        for table, own in made.items():
            if table not in _OWN:
                for row in own:
                    row.pop("id", None)
            connection.execute(insert(table), own)


def _copy(row: Row, names: dict[str, str], of_model: Ids, ids: Ids, words: Words) -> Row:
    copy = dict(row)
    for column, value in row.items():
        named = names.get(column)
        if named is not None:
            copy[column] = ids[named] if value == of_model[named] else value
        elif isinstance(value, str):
            copy[column] = _renamed(value, words)
        elif isinstance(value, dict):
            copy[column] = json.loads(_renamed(json.dumps(value, ensure_ascii=False), words))
    if "message_id" in copy:
        copy["message_id"] = f"<{secrets.token_hex(16)}@beian>"
    return copy


def _renamed(text: str, words: Words) -> str:
    for old, new in words:
        text = text.replace(old, new)
    return text


def _words(n: int) -> tuple[str, ...]:
    """What the case of place ``n`` and its people are called, wherever that is written."""
    return (f"YY2024-{n + 1:04d}", lead_uscc(n), f"第{n}公司", f"方向{n}", f"zhang{n}", f"Zhang{n}")


def _seal(events: list[Row]) -> str:
    head = chain.ORIGIN
    for row in events:
        row["prev_hash"] = head
        row["hash"] = head = chain.seal(row, head)
    return head
