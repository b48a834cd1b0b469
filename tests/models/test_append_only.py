"""Events, the ledger and deliveries are written once, on both engines."""

from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from valid_rows import LATER, ROWS, TABLES, fill

from models import Event
from models.database import reading, writing

EVENTS = Event.__table__

OTHER_VALUES: dict[str, Any] = {
    "subject_id": 3,
    "seq": 2,
    "kind": "other",
    "schema_version": 2,
    "effective_at": LATER,
    "recorded_at": LATER,
    "person_id": None,
    "role": "other",
    "on_behalf_of": 2,
    "act": None,
    "act_key": None,
    "data": '{"a": 1.0, "b": 1}',
    "personal": "{}",
    "prev_hash": "2" * 64,
    "hash": "2" * 64,
}


@pytest.fixture
def filled(engine: Engine) -> Engine:
    with writing(engine) as connection:
        fill(connection)
    return engine


def _rows(engine: Engine, table: str) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(TABLES[table].select()).mappings()]


def test_no_column_of_an_event_can_be_changed(filled: Engine) -> None:
    assert set(OTHER_VALUES) == set(EVENTS.columns.keys())
    for column, value in OTHER_VALUES.items():
        with pytest.raises(IntegrityError, match="events are append-only"), writing(filled) as connection:
            connection.execute(EVENTS.update().values({column: value}))
    assert _rows(filled, "events") == ROWS["events"]


def test_personal_data_can_be_erased_and_never_written_again(filled: Engine) -> None:
    with writing(filled) as connection:
        connection.execute(EVENTS.update().values(personal=None))
    assert _rows(filled, "events") == [{**ROWS["events"][0], "personal": None}]
    with pytest.raises(IntegrityError, match="append-only"), writing(filled) as connection:
        connection.execute(EVENTS.update().values(personal="{}"))


def test_erasing_is_no_cover_for_another_change(filled: Engine) -> None:
    with pytest.raises(IntegrityError, match="append-only"), writing(filled) as connection:
        connection.execute(EVENTS.update().values(personal=None, role="other"))
    assert _rows(filled, "events") == ROWS["events"]


@pytest.mark.parametrize(
    "table",
    ["events", "ledger", "deliveries", "pool_changes", "incident_entries", "register_states", "urges"],
)
def test_a_row_can_be_neither_deleted_nor_replaced(filled: Engine, table: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), writing(filled) as connection:
        connection.execute(TABLES[table].delete())
    columns = {
        "deliveries": "answer",
        "incident_entries": "remark",
        "pool_changes": "reason",
        "register_states": "state",
        "urges": "remark",
    }
    column = columns.get(table, "kind")
    other = "expired" if table == "register_states" else "lapsed"
    row = {**ROWS[table][0], column: other}
    keys = TABLES[table].primary_key
    replacing = {
        "sqlite": sqlite.insert(TABLES[table]).prefix_with("OR REPLACE"),
        "postgresql": postgresql.insert(TABLES[table]).on_conflict_do_update(keys, set_={column: other}),
    }[filled.dialect.name]
    with pytest.raises(IntegrityError, match="append-only"), writing(filled) as connection:
        connection.execute(replacing, row)
    assert _rows(filled, table) == ROWS[table]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("ledger", "reason"),
        ("deliveries", "answer"),
        ("incident_entries", "remark"),
        ("register_states", "state"),
        ("urges", "remark"),
    ],
)
def test_a_row_cannot_be_changed(filled: Engine, table: str, column: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), writing(filled) as connection:
        connection.execute(TABLES[table].update().values({column: "better"}))
    assert _rows(filled, table) == ROWS[table]


def test_the_whole_table_cannot_be_emptied(filled: Engine) -> None:
    if filled.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    for table in ("events", "ledger", "deliveries", "incident_entries", "urges", "clock"):
        with pytest.raises(IntegrityError), writing(filled) as connection:
            connection.execute(text(f"TRUNCATE {table} CASCADE"))
    assert _rows(filled, "events") == ROWS["events"]
