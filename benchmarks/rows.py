"""What a use case wrote to one case, by comparing its rows before and after; and the same written bare."""

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, Insert, Select, Table, Update, bindparam, insert, select, update

from benchmarks.city import Case
from benchmarks.herd import OF_A_CASE
from models import Subject
from models.database import reading

_subjects = Subject.__table__
TABLES: Final = (_subjects, *OF_A_CASE)

READ: Final[Select[Any]] = select(_subjects).where(_subjects.c.id == bindparam("subject"))
"""The baseline's one read: the subject's row."""

_INSERT: Final = {table.name: insert(table) for table in TABLES}

_FOUND_BY: Final = {"work_items": ("seq",), "visits": (), "scores": (), "panel_members": (), "members": ()}
"""By what, besides the subject, rows without a key of their own are updated."""

_DOCUMENTS: Final = ("context", "details", "team")
_PEOPLE: Final = ("person_id", "recipient_id", "attached_by", "answered_by", "on_behalf_of")

Row = dict[str, Any]
Snapshot = dict[str, dict[tuple[Any, ...], Row]]
Sizes = dict[str, tuple[int, int, int]]
Write = tuple[Insert | Update, list[Row]]


@dataclass(frozen=True, slots=True)
class Bare:
    """One statement of a baseline with the rows it writes, as they were for the recorded case."""

    table: Table
    statement: Insert | Update
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Written:
    """What one act wrote to one case: the bare statements, and what they come to (see `sizes`)."""

    case: Case
    bare: tuple[Bare, ...]
    sizes: Sizes

    def for_case(self, case: Case) -> list[Write]:
        """Return each statement with its rows, prepared for another case."""
        return [(each.statement, [self._own(row, case) for row in each.rows]) for each in self.bare]

    def _own(self, row: Row, case: Case) -> Row:
        mine = {name: self._value(name, value, case) for name, value in row.items()}
        if "message_id" in mine:
            mine["message_id"] = f"<{secrets.token_hex(16)}@beian>"
        return mine

    def _value(self, name: str, value: Any, case: Case) -> Any:
        model = self.case
        if name in {"of_subject", "subject_id"}:
            return case.subject
        if isinstance(value, str):
            return value.replace(model.number, case.number).replace(model.uscc, case.uscc)
        if name in _DOCUMENTS and value is not None:
            return json.loads(self._value("", json.dumps(value, ensure_ascii=False), case))
        if name in _PEOPLE and value == model.applicant:
            return case.applicant
        if name in {"organisation_id", "lead_id"} and value == model.lead:
            return case.lead
        return value


def snapshot(engine: Engine, case: Case) -> Snapshot:
    """Return every row that belongs to `case`, by table and primary key."""
    found: Snapshot = {}
    with reading(engine) as connection:
        for table in TABLES:
            key = [column.name for column in table.primary_key]
            rows = connection.execute(select(table).where(owner(table) == case.subject)).mappings()
            found[table.name] = {tuple(row[name] for name in key): dict(row) for row in rows}
    return found


def written(case: Case, before: Snapshot, after: Snapshot) -> Written:
    """Return what was written to `case` between two snapshots."""
    bare: list[Bare] = []
    for table in TABLES:
        old, new = before[table.name], after[table.name]
        bare += _updates(table, [(old[key], row) for key, row in new.items() if old.get(key, row) != row])
        fresh = [row for key, row in new.items() if key not in old]
        if fresh:
            bare.append(Bare(table, _INSERT[table.name], [_without_defaults(table, row) for row in fresh]))
    return Written(case, tuple(bare), sizes(before, after))


def sizes(before: Snapshot, after: Snapshot) -> Sizes:
    """Return for each table written: rows inserted, rows updated, and characters in their new values."""
    found: Sizes = {}
    for name, new in after.items():
        old = before[name]
        fresh = [row for key, row in new.items() if key not in old]
        changed = [row for key, row in new.items() if old.get(key, row) != row]
        if fresh or changed:
            found[name] = (len(fresh), len(changed), _characters([*fresh, *changed]))
    return found


def replay(connection: Connection, case: Case, statements: Iterable[Write]) -> None:
    """Read the case's row and write the prepared rows."""
    connection.execute(READ, {"subject": case.subject}).one()
    for statement, rows in statements:
        connection.execute(statement, rows)


def owner(table: Table) -> Any:
    """Return the column of `table` that names the subject."""
    return table.c.id if table is _subjects else table.c.subject_id


def _updates(table: Table, changes: list[tuple[Row, Row]]) -> list[Bare]:
    if not changes:
        return []
    natural = [c.name for c in table.primary_key if c.name not in {"id", "subject_id"}]
    by = natural or list(_FOUND_BY.get(table.name, ()))
    columns = [name for name in changes[0][1] if any(old[name] != new[name] for old, new in changes)]
    where = [
        owner(table) == bindparam("of_subject"),
        *(table.c[name] == bindparam(f"of_{name}") for name in by),
    ]
    statement = update(table).where(*where).values({name: bindparam(name) for name in columns})
    rows: list[Row] = []
    for _, new in changes:
        row = {
            "of_subject": None,
            **{f"of_{name}": new[name] for name in by},
            **{name: new[name] for name in columns},
        }
        if row not in rows:
            rows.append(row)
    return [Bare(table, statement, rows)]


def _without_defaults(table: Table, row: Row) -> Row:
    return {name: value for name, value in row.items() if not (name == "id" and "subject_id" in table.c)}


def _characters(rows: Iterable[Mapping[str, Any]]) -> int:
    """Count what the rows hold, keys that the database gives apart."""
    counted: Counter[str] = Counter()
    for row in rows:
        counted.update({name: len(str(value)) for name, value in row.items() if not name.endswith("id")})
    return counted.total()
