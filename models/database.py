"""The engine: one way to connect, one way to write, one way to read."""

import logging
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError

from models import json_column, moment
from models.prepared import send
from models.unusable import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseNewer,
    DatabaseNotMigrated,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DatabaseUnusable,
    of_postgresql,
    of_sqlite,
)

__all__ = [
    "DatabaseBusy",
    "DatabaseDamaged",
    "DatabaseFull",
    "DatabaseNewer",
    "DatabaseNotMigrated",
    "DatabaseReadOnly",
    "DatabaseUnreachable",
    "DatabaseUnusable",
    "connect",
    "deciding",
    "default_url",
    "reading",
    "writing",
]

BUSY_TIMEOUT_MS = 30_000

# recursive_triggers: without it REPLACE deletes a row past the append-only triggers.
SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    # The default of 1,000 pages makes every sixtieth act wait for a checkpoint; 16,000 are 64 MB of log.
    "PRAGMA wal_autocheckpoint=16000",
)

# It warns of every connection that is lost within a pipeline, though the loss itself is raised, and told.
logging.getLogger("psycopg").setLevel(logging.ERROR)

READS = "beian_reads"
LOOKS = "beian_looks"
LOOKING = ("SELECT", "WITH", "EXPLAIN", "PRAGMA", "BEGIN")
LONGEST_VERB = max(map(len, LOOKING))


def default_url(folder: Path) -> str:
    """The address of the SQLite database that belongs to `folder`."""
    return URL.create("sqlite", database=str(folder.resolve() / "beian.db")).render_as_string()


def connect(url: str) -> Engine:
    """Open the database at `url` and prove that it answers.

    A missing SQLite file is created, with its folder. Whether the tables are there is
    `migrate.require_current`'s question. Every connection keeps the same promises:
    foreign keys are enforced, a commit is on disk when it returns, a lock is awaited for
    30 seconds, and a plain transaction on SQLite takes the write lock at its beginning.

    Raises DatabaseUnusable, here and from every later statement, when the trouble lies in
    the database rather than in the statement.
    """
    address = _address(url)
    engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _postgresql(address)
    with engine.connect():
        return engine


@contextmanager
def writing(engine: Engine) -> Generator[Connection, None, None]:
    """One write transaction: committed at the end of the block, rolled back if it raises.

    On SQLite the write lock is held from the first statement on (BEGIN IMMEDIATE), so what
    the block reads cannot change before it writes.
    """
    moment.over()
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Generator[Connection, None, None]:
    """One snapshot of the database: every statement in the block sees the same moment.

    Within `moment.shared` it is the moment of the readings before it there, as long as nothing was written.
    Writing inside the block is refused with DatabaseReadOnly.
    """
    together = moment.current()
    if together is None:
        with _snapshot(engine) as connection:
            yield connection
    else:
        with together.joined(engine, _snapshot) as connection:
            yield connection


@contextmanager
def _snapshot(engine: Engine) -> Generator[Connection, None, None]:
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(**{READS: True}) as connection, connection.begin():
            yield connection
    else:
        options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection


@contextmanager
def deciding(engine: Engine) -> Generator[tuple[Connection, Callable[[], None]]]:
    """One connection that first looks without holding anything, then writes.

    Yields the connection and `lock`. What is read before `lock` is called may have changed since: guard
    the writes. After it the block is a write transaction, committed at the end, rolled back if it raises.
    SQLite refuses a write before `lock` with DatabaseReadOnly; PostgreSQL has its transaction already.
    """
    moment.over()
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection, lambda: None
        return
    with engine.connect().execution_options(**{LOOKS: True}) as connection, connection.begin():
        yield connection, lambda: _lock(connection)


def _lock(connection: Connection) -> None:
    send(connection, "BEGIN IMMEDIATE").close()


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise DatabaseUnusable(
            "the database address cannot be read", str(error), "Write it as sqlite:///PATH or postgresql://…"
        ) from None
    if backend == "sqlite":
        if not address.database or address.database == ":memory:":
            raise DatabaseUnusable(
                "the database address names no file",
                "a database in memory would be another one for each connection",
                "Write it as sqlite:///PATH",
            )
        return address.set(drivername="sqlite")
    if backend in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+psycopg")
    raise DatabaseUnusable(
        f"a database of the kind {backend!r} is not supported",
        "Beian runs on SQLite and PostgreSQL",
        "Write the address as sqlite:///PATH or postgresql://…",
    )


def _write_ahead(connection: sqlite3.Connection) -> str:
    """Ask for the write-ahead log; the journal mode the file has then.

    A file new to several processes is switched by one of them, and SQLite refuses the others at once instead
    of awaiting the lock: so the wait is here.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1_000
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
        time.sleep(0.01)


def _sqlite(address: URL) -> Engine:
    path = Path(str(address.database))
    if not str(path).startswith("file:"):
        _make_folder(path.parent)
    engine = create_engine(address, pool_size=10, max_overflow=30, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # pysqlite's own BEGIN comes before the first write only: what was read before it is stale.
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)
        mode = _write_ahead(connection)
        if mode != "wal":
            raise DatabaseUnusable(
                f"{path} cannot use a write-ahead log",
                f"SQLite stayed in journal mode {mode!r}",
                "Put the file on a local disk; network folders do not work",
            )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(LOOKS):
            return
        if options.get(READS):
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    # PRAGMA query_only would do it too, but makes SQLite prepare every statement of the connection anew.
    # `retval` spares every statement a wrapper around this.
    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def refuse(
        connection: Connection, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> tuple[str, Any]:
        options = connection.get_execution_options()
        looks = options.get(READS) or (options.get(LOOKS) and not cursor.connection.in_transaction)
        if looks and not statement.lstrip()[:LONGEST_VERB].upper().startswith(LOOKING):
            raise DatabaseReadOnly(
                f"{path} is only being looked at here",
                f"a statement would write: {statement.split(maxsplit=1)[0]}",
                "Write inside `writing`, or after `lock` in `deciding`",
            )
        return statement, parameters

    @event.listens_for(engine, "handle_error")
    def explain(context: ExceptionContext) -> DatabaseUnusable | None:
        error = context.original_exception
        return of_sqlite(error, str(path)) if isinstance(error, sqlite3.Error) else None

    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseReadOnly(
            f"cannot make the folder {folder}",
            error.strerror or str(error),
            "Choose a folder in which this user may write",
        ) from None


def _postgresql(address: URL) -> Engine:
    asked = address.query.get("options", "")
    defaults = {"connect_timeout": "10", "application_name": "beian", **address.query}
    engine = create_engine(
        address,
        connect_args={**defaults, "options": f"-c timezone=UTC -c lock_timeout={BUSY_TIMEOUT_MS} {asked}"},
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=json_column.dump,
        json_deserializer=orjson.loads,
    )
    place = address.render_as_string(hide_password=True)

    @event.listens_for(engine, "handle_error")
    def explain(context: ExceptionContext) -> DatabaseUnusable | None:
        error = context.original_exception
        if context.is_pre_ping or not isinstance(error, psycopg.Error):
            return None
        connecting = context.connection is None or context.is_disconnect
        return of_postgresql(error, place, connecting=connecting)

    return engine
