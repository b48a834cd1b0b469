"""What a page looks at in turn it sees at one moment, until it writes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from valid_rows import ROWS, TABLES

from models import moment
from models.database import connect, deciding, reading, writing

BUREAUS = TABLES["bureaus"]


def enter(engine: Engine, code: str) -> None:
    row = {name: value for name, value in ROWS["bureaus"][0].items() if name != "id"}
    with writing(engine) as connection:
        connection.execute(BUREAUS.insert(), {**row, "code": code})


def elsewhere(engine: Engine, code: str) -> None:
    """Enter a bureau as another request would."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(enter, engine, code).result()


def codes(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(BUREAUS.c.code).order_by(BUREAUS.c.code)))


def held(engine: Engine) -> int:
    """How many connections are in use."""
    return engine.pool.checkedout()  # type: ignore[attr-defined]


def test_readings_within_see_the_moment_of_the_first(engine: Engine) -> None:
    with moment.shared() as shared:
        assert codes(engine) == []
        elsewhere(engine, "a")
        assert codes(engine) == []
        assert held(engine) == 1
        shared.end()
        assert codes(engine) == ["a"]
        assert held(engine) == 0
    assert codes(engine) == ["a"]


def test_nothing_is_begun_before_the_first(engine: Engine) -> None:
    with moment.shared() as shared:
        elsewhere(engine, "a")
        assert held(engine) == 0
        assert codes(engine) == ["a"]
        shared.end()


def test_one_within_another_goes_on(engine: Engine) -> None:
    with moment.shared() as shared:
        with reading(engine) as outer:
            assert codes(engine) == []
            assert outer.scalar(text("SELECT 1")) == 1
        shared.end()


def test_what_one_writes_oneself_is_seen_afterwards(engine: Engine) -> None:
    with moment.shared() as shared:
        assert codes(engine) == []
        enter(engine, "a")
        assert codes(engine) == ["a"]
        shared.end()


def test_so_is_what_was_written_after_a_look(engine: Engine) -> None:
    with moment.shared() as shared:
        assert codes(engine) == []
        with deciding(engine) as (connection, lock):
            lock()
            connection.execute(BUREAUS.update().values(code="b"))
        elsewhere(engine, "a")
        assert codes(engine) == ["a"]
        shared.end()


def test_after_an_error_the_next_looks_for_itself(engine: Engine) -> None:
    with moment.shared() as shared:
        with pytest.raises(DBAPIError), reading(engine) as connection:
            connection.execute(text("SELECT nothing_of_this_name"))
        assert codes(engine) == []
        shared.end()
    assert held(engine) == 0


def test_a_database_that_is_gone_at_the_end_has_answered(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite is a file: nobody ends its connections")
    with moment.shared() as shared:
        with reading(engine) as connection:
            mine = connection.scalar(text("SELECT pg_backend_pid()"))
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_end, engine, mine).result()
        shared.end()
    assert codes(engine) == []


def _end(engine: Engine, backend: int) -> None:
    with reading(engine) as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": backend})


def test_another_database_has_a_moment_of_its_own(engine: Engine) -> None:
    other = connect(engine.url.render_as_string(hide_password=False))
    with moment.shared() as shared:
        assert codes(engine) == []
        elsewhere(engine, "a")
        assert (codes(other), codes(engine)) == (["a"], [])
        shared.end()
    other.dispose()


def test_others_share_nothing(engine: Engine) -> None:
    with moment.shared() as shared:
        assert codes(engine) == []
        elsewhere(engine, "a")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(codes, engine).result() == ["a"]
        shared.end()
