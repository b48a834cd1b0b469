"""Bringing a database to this version's tables, and back."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from models.clock import Clock
from models.database import DatabaseNewer, DatabaseNotMigrated, DatabaseUnusable, reading

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"

# Any constant will do, as long as every process that migrates takes the same.
MIGRATION_LOCK = 5_102_024


def upgrade(engine: Engine, story_at: datetime | None = None) -> None:
    """Migrate to the newest version in one transaction; a database already there stays as it is.

    A database is marked at its creation, for good: with `story_at` it is a story whose clock
    starts there, without it lives in real time.

    Raises DatabaseNewer, and DatabaseUnusable where `story_at` is asked of a database that
    lives in real time.
    """
    with _migrating(engine) as connection:
        command.upgrade(_config(connection), "head")
        _set_clock(connection, story_at)


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate back to `revision` ("base" drops every table and what is in them)."""
    with _migrating(engine) as connection:
        command.downgrade(_config(connection), revision)


def current(engine: Engine) -> str | None:
    """The revision that the database stands at; None if nothing has been migrated."""
    with reading(engine) as connection:
        return _revision(connection)


def require_current(engine: Engine) -> None:
    """Raise DatabaseNewer or DatabaseNotMigrated unless the tables are this version's."""
    with reading(engine) as connection:
        _refuse_newer(connection)
        revision = _revision(connection)
    newest = _scripts().get_current_head()
    if revision != newest:
        raise DatabaseNotMigrated(
            f"{_place(engine)} is not migrated",
            f"it stands at {revision or 'nothing'}, this version of Beian needs {newest}",
            "Run `beian init`, or `beian up`, which migrate it",
        )


@contextmanager
def _migrating(engine: Engine) -> Generator[Connection, None, None]:
    with engine.connect() as connection, _tables_may_be_rebuilt(connection), connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        _refuse_newer(connection)
        yield connection
        if engine.dialect.name == "sqlite":
            _refuse_dangling(connection)


@contextmanager
def _tables_may_be_rebuilt(connection: Connection) -> Generator[None, None, None]:
    """SQLite alters a table by copying and dropping it, which foreign keys would refuse."""
    if connection.dialect.name != "sqlite":
        yield
        return
    # SQLite ignores this pragma inside a transaction, and SQLAlchemy would begin one.
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _refuse_dangling(connection: Connection) -> None:
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if dangling is not None:
        raise DatabaseUnusable(
            f"{_place(connection.engine)} cannot be migrated",
            f"row {dangling[1]} of {dangling[0]} would refer to nothing in {dangling[2]}",
            "Report this; nothing was changed",
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(SCRIPTS))


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    revision = _revision(connection)
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise DatabaseNewer(
            f"{_place(connection.engine)} was migrated by a newer version of Beian",
            f"its revision {revision} is unknown here",
            "Install that version, or restore a backup from before it was migrated",
        )


def _place(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _set_clock(connection: Connection, story_at: datetime | None) -> None:
    clock = Clock.__table__
    row = connection.execute(clock.select()).one_or_none()
    if row is None:
        connection.execute(clock.insert(), {"id": 1, "story": story_at is not None, "at": story_at})
    elif story_at is not None and not row.story:
        raise DatabaseUnusable(
            f"{_place(connection.engine)} cannot become a story",
            "it was created to live in real time, and that is for good",
            "Run the story in a database of its own",
        )
