"""Statements compiled once: what they write, and that their errors are told as any other's."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, event, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from models import Bureau
from models.database import DatabaseReadOnly, DatabaseUnreachable, reading, writing
from models.prepared import Prepared

BUREAUS = Bureau.__table__
ADD = Prepared(insert(BUREAUS))
RENAME = Prepared(
    update(BUREAUS).where(BUREAUS.c.level == bindparam("of_level")).values(name_en=bindparam("name"))
)
FIND = Prepared(
    select(BUREAUS.c.code, BUREAUS.c.name_en).where(BUREAUS.c.code >= bindparam("first")).order_by("code")
)


def _bureau(code: str) -> dict[str, Any]:
    names = dict.fromkeys(("code", "name_zh", "name_en", "city_zh", "city_en"), code)
    return {**names, "level": "city", "kind": None, "parent_id": None}


def _found(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        return [(row.code, row.name_en) for row in FIND.all(connection, {"first": "a"})]


@pytest.fixture
def told(engine: Engine) -> Iterator[list[str]]:
    """The first word of each statement that the engine's listeners hear of."""
    heard: list[str] = []

    def hear(_: Any, __: Any, statement: str, *___: Any) -> None:
        heard.append(statement.split(maxsplit=1)[0])

    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def test_one_row_and_many_are_written_and_counted(engine: Engine) -> None:
    with writing(engine) as connection:
        assert ADD.execute(connection, [_bureau("a")]) == 1
        assert ADD.execute(connection, [_bureau("b"), _bureau("c")]) == 2
        assert RENAME.execute(connection, [{"of_level": "city", "name": "Bureau"}]) == 3
        some = [{"of_level": level, "name": "Bureau"} for level in ("city", "none", "city", "neither")]
        assert RENAME.execute(connection, some) == 6
    assert _found(engine) == [("a", "Bureau"), ("b", "Bureau"), ("c", "Bureau")]


def test_the_engines_listeners_hear_of_each_statement(engine: Engine, told: list[str]) -> None:
    with writing(engine) as connection:
        ADD.execute(connection, [_bureau("a"), _bureau("b")])
        FIND.all(connection, {"first": "a"})
    assert [word for word in told if word != "BEGIN"] == ["INSERT", "SELECT"]


def test_a_transaction_is_begun_where_none_was(engine: Engine) -> None:
    with engine.connect() as connection:
        ADD.execute(connection, [_bureau("a")])
        assert connection.in_transaction()
    assert _found(engine) == []


@pytest.mark.parametrize("codes", [["a"], ["b", "a"]])
def test_a_constraint_refuses_as_with_any_statement(engine: Engine, codes: list[str]) -> None:
    with writing(engine) as connection:
        ADD.execute(connection, [_bureau("a")])
    with pytest.raises(IntegrityError), writing(engine) as connection:
        ADD.execute(connection, [_bureau(code) for code in codes])
    assert _found(engine) == [("a", "a")]


def test_writing_while_reading_is_named(engine: Engine) -> None:
    with pytest.raises(DatabaseReadOnly), reading(engine) as connection:
        ADD.execute(connection, [_bureau("a")])
    assert _found(engine) == []


def test_a_lost_connection_is_named_and_not_used_again(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a file does not go away")

    def read_while_the_server_goes() -> None:
        with engine.connect() as other, reading(engine) as connection:
            mine = connection.scalar(text("SELECT pg_backend_pid()"))
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
            FIND.all(connection, {"first": "a"})

    with pytest.raises(DatabaseUnreachable):
        read_while_the_server_goes()
    assert _found(engine) == []
