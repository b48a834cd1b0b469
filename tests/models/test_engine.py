"""The engine's promises: real transactions, durable settings, troubles called by name."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session
from valid_rows import ROWS, TABLES, fill

from models import Counter, Sweep
from models.database import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DatabaseUnusable,
    connect,
    deciding,
    default_url,
    reading,
    writing,
)
from models.unusable import of_postgresql

COUNTERS = Counter.__table__
BUREAUS = TABLES["bureaus"]


def _bureau(code: str) -> dict[str, Any]:
    row = {**ROWS["bureaus"][0], "code": code}
    del row["id"]
    return row


def _codes(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(BUREAUS.c.code).order_by(BUREAUS.c.code)))


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Engine:
    engine = connect(default_url(tmp_path))
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE page (content TEXT)"))
    return engine


def test_every_pooled_connection_to_sqlite_has_its_settings(sqlite_engine: Engine) -> None:
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
        "recursive_triggers": 1,
        "wal_autocheckpoint": 16000,
        "query_only": 0,
    }
    with ExitStack() as held:
        connections = [held.enter_context(sqlite_engine.connect()) for _ in range(12)]
        drivers: list[Any] = [connection.connection.driver_connection for connection in connections]
        assert len({id(driver) for driver in drivers}) == 12
        for driver in drivers:
            found = {name: driver.execute(f"PRAGMA {name}").fetchone()[0] for name in expected}
            assert found == expected


def test_every_connection_to_postgresql_speaks_utc_and_waits_no_longer(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("settings of PostgreSQL")
    with engine.connect() as connection:
        settings = {name: connection.scalar(text(f"SHOW {name}")) for name in ("timezone", "lock_timeout")}
    assert settings == {"timezone": "UTC", "lock_timeout": "30s"}


def test_eight_threads_lose_no_increment(engine: Engine) -> None:
    with writing(engine) as connection:
        fill(connection, ["bureaus"])
        connection.execute(COUNTERS.insert(), {"bureau_id": 1, "name": "register", "value": 0})
    together = threading.Barrier(8)

    def increment() -> None:
        together.wait()
        for _ in range(100):
            with writing(engine) as connection:
                value = connection.scalar(select(COUNTERS.c.value).with_for_update())
                connection.execute(COUNTERS.update().values(value=value + 1))

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(increment) for _ in range(8)]:
            done.result()
    with reading(engine) as connection:
        assert connection.scalar(select(COUNTERS.c.value)) == 800


def test_an_error_rolls_the_whole_block_back(engine: Engine) -> None:
    def write_and_fail() -> None:
        with writing(engine) as connection:
            connection.execute(BUREAUS.insert(), _bureau("a"))
            raise KeyError

    with pytest.raises(KeyError):
        write_and_fail()
    assert _codes(engine) == []
    with writing(engine) as connection:
        connection.execute(BUREAUS.insert(), _bureau("b"))
    assert _codes(engine) == ["b"]


def test_a_reference_checked_at_the_end_rolls_the_whole_block_back(engine: Engine) -> None:
    def write_without_event() -> None:
        with writing(engine) as connection:
            fill(connection, list(ROWS)[: list(ROWS).index("events")])
            connection.execute(TABLES["work_items"].insert(), ROWS["work_items"])

    with pytest.raises(IntegrityError):
        write_without_event()
    assert _codes(engine) == []
    with writing(engine) as connection:
        fill(connection)


def test_rows_that_refer_to_each_other_may_come_in_any_order(engine: Engine) -> None:
    tables = list(ROWS)
    late = ["notices", "work_items", "timers", "ledger", "deadlines", "events"]
    before = tables[: tables.index("events")]
    with writing(engine) as connection:
        fill(connection, [*before, *late])
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger")) == 1


def test_reading_sees_one_moment(engine: Engine) -> None:
    with reading(engine) as snapshot:
        assert list(snapshot.scalars(select(BUREAUS.c.code))) == []
        with writing(engine) as connection:
            connection.execute(BUREAUS.insert(), _bureau("a"))
        assert list(snapshot.scalars(select(BUREAUS.c.code))) == []
    assert _codes(engine) == ["a"]


def test_reading_refuses_to_write_and_leaves_the_connection_writable(engine: Engine) -> None:
    for _ in range(3):
        with pytest.raises(DatabaseReadOnly), reading(engine) as connection:
            connection.execute(BUREAUS.insert(), _bureau("a"))
    with writing(engine) as connection:
        connection.execute(BUREAUS.insert(), _bureau("a"))
    with Session(engine) as session:
        session.add(Sweep(lane="calls", started_at=ROWS["sweeps"][0]["started_at"]))
        session.commit()
    assert _codes(engine) == ["a"]


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(BUREAUS.insert(), _bureau("a"))
        assert _codes(engine) == []
    assert _codes(engine) == ["a"]


def test_deciding_holds_nothing_while_it_looks(engine: Engine) -> None:
    with deciding(engine) as (connection, lock):
        assert list(connection.scalars(select(BUREAUS.c.code))) == []
        with writing(engine) as other:
            other.execute(BUREAUS.insert(), _bureau("a"))
        lock()
        assert list(connection.scalars(select(BUREAUS.c.code))) == ["a"]
        connection.execute(BUREAUS.insert(), _bureau("b"))
    assert _codes(engine) == ["a", "b"]


def test_deciding_rolls_back_all_that_it_wrote(engine: Engine) -> None:
    def decide_and_fail() -> None:
        with deciding(engine) as (connection, lock):
            lock()
            connection.execute(BUREAUS.insert(), _bureau("a"))
            raise KeyError

    with pytest.raises(KeyError):
        decide_and_fail()
    with deciding(engine) as (connection, _):
        assert list(connection.scalars(select(BUREAUS.c.code))) == []
    with writing(engine) as connection:
        connection.execute(BUREAUS.insert(), _bureau("b"))
    assert _codes(engine) == ["b"]


def test_deciding_refuses_to_write_before_it_has_the_lock(sqlite_engine: Engine) -> None:
    with pytest.raises(DatabaseReadOnly), deciding(sqlite_engine) as (connection, _):
        connection.execute(text("INSERT INTO page VALUES ('early')"))
    with writing(sqlite_engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM page")) == 0
        connection.execute(text("INSERT INTO page VALUES ('in time')"))


def test_a_new_file_is_awaited_while_another_process_prepares_it(tmp_path: Path) -> None:
    """A file not yet in its write-ahead log makes SQLite refuse at once, whatever the busy timeout."""
    url = default_url(tmp_path)
    other = sqlite3.connect(tmp_path / "beian.db", isolation_level=None)
    other.execute("CREATE TABLE page (content TEXT)")
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(connect, url)
        with pytest.raises(TimeoutError):
            opened.result(timeout=0.2)
        other.execute("COMMIT")
        with reading(opened.result()) as connection:
            assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    other.close()


def test_a_held_lock_is_named(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine):
        other = connect(str(sqlite_engine.url))
        with other.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA busy_timeout=1")
            with pytest.raises(DatabaseBusy) as refused:
                connection.execute(text("INSERT INTO page VALUES ('x')"))
        other.dispose()
    assert refused.value.why == "database is locked"


def test_a_full_disk_is_named_and_nothing_is_half_written(sqlite_engine: Engine) -> None:
    def write_too_much() -> None:
        with writing(sqlite_engine) as connection:
            connection.execute(text("INSERT INTO page VALUES ('first')"))
            connection.execute(text("PRAGMA max_page_count=4"))
            connection.execute(text("INSERT INTO page VALUES (:long)"), {"long": "x" * 100_000})

    with pytest.raises(DatabaseFull) as refused:
        write_too_much()
    assert refused.value.why == "database or disk is full"
    with reading(sqlite_engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM page")) == 0


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (psycopg.errors.DiskFull("no space left on device"), DatabaseFull),
        (psycopg.errors.ReadOnlySqlTransaction("read-only"), DatabaseReadOnly),
        (psycopg.errors.LockNotAvailable("lock timeout"), DatabaseBusy),
        (psycopg.errors.AdminShutdown("shutting down"), DatabaseUnreachable),
        (psycopg.errors.TooManyConnections("too many"), DatabaseUnreachable),
        (psycopg.errors.DataCorrupted("broken page"), DatabaseDamaged),
    ],
)
def test_troubles_of_postgresql_are_named(error: psycopg.Error, named: type[DatabaseUnusable]) -> None:
    assert type(of_postgresql(error, "here", connecting=False)) is named


def test_an_error_of_the_statement_stays_what_it_is(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(BUREAUS.insert(), {**_bureau("a"), "level": "village"})


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "beian.db").write_text("not a database, and long enough to be sure of it " * 100)
    with pytest.raises(DatabaseDamaged) as refused:
        connect(default_url(tmp_path))
    assert refused.value.why == "file is not a database"


READ_ONLY_PROBE = """
import os, sys
folder, user = sys.argv[1], int(sys.argv[2])
from models.database import DatabaseReadOnly, connect, default_url
if user:
    os.setuid(user)
from pathlib import Path
for place in (folder, folder + "/below"):
    try:
        connect(default_url(Path(place)))
    except DatabaseReadOnly as error:
        print(error.why)
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_read_only_folder_is_named(there: bool) -> None:
    # Not tmp_path: pytest closes the folders above it to other users.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if there:
            sqlite3.connect(folder / "beian.db").close()
            connect(default_url(folder)).dispose()
            (folder / "beian.db").chmod(0o444)
        folder.chmod(0o555)
        # The superuser may write anywhere, so the probe gives that up.
        user = "65534" if os.geteuid() == 0 else "0"
        probe = subprocess.run(
            [sys.executable, "-c", READ_ONLY_PROBE, name, user],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
        folder.chmod(0o755)
    first = (
        "attempt to write a readonly database" if there else f"the folder {name} is read-only for this user"
    )
    assert probe.stdout.splitlines() == [first, "Permission denied"]


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("", "the database address cannot be read"),
        ("beian.db", "the database address cannot be read"),
        ("sqlite://", "the database address names no file"),
        ("sqlite:///:memory:", "the database address names no file"),
        ("mysql://localhost/beian", "a database of the kind 'mysql' is not supported"),
    ],
)
def test_an_address_that_cannot_be_used_is_named(url: str, what: str) -> None:
    with pytest.raises(DatabaseUnusable) as refused:
        connect(url)
    assert refused.value.what == what


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(DatabaseUnreachable) as refused:
        connect("postgresql://postgres:secret@127.0.0.1:1/beian")
    assert refused.value.what == "cannot use postgresql+psycopg://postgres:***@127.0.0.1:1/beian"
    assert "refused" in refused.value.why
    assert "secret" not in str(refused.value)


def test_a_server_that_went_away_is_named_and_found_again(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server")
    kill = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def write_while_the_server_goes() -> None:
        with writing(engine) as connection:
            connection.execute(BUREAUS.insert(), _bureau("a"))
            with writing(engine) as other:
                other.execute(kill)
            connection.execute(BUREAUS.insert(), _bureau("b"))

    with pytest.raises(DatabaseUnreachable):
        write_while_the_server_goes()
    with writing(engine) as connection:
        connection.execute(kill)
        connection.execute(BUREAUS.insert(), _bureau("c"))
    assert _codes(engine) == ["c"]


def test_what_a_failing_statement_was_given_stays_out_of_logs_and_incidents(engine: Engine) -> None:
    # Put together, so that the line itself, which a traceback quotes, does not say it.
    name = "张" + "三"
    with pytest.raises(DBAPIError) as failed, writing(engine) as connection:
        connection.execute(text("SELECT :name, no_such_column"), {"name": name})
    assert "no_such_column" in str(failed.value)
    assert name not in "".join(traceback.format_exception(failed.value))
