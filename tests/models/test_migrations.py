"""Migrations lead to exactly the tables that the models declare, up and down, on both engines."""

import re
import sqlite3
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from valid_rows import SECRET_KEY, fill

from models import Record
from models.database import (
    DatabaseNewer,
    DatabaseNotMigrated,
    DatabaseUnusable,
    connect,
    default_url,
    reading,
    writing,
)
from models.migrate import SCRIPTS, current, downgrade, require_current, upgrade
from notifications.secret import Seal

NEWEST = ScriptDirectory(str(SCRIPTS)).get_current_head()


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = connect(empty_url)
    yield engine
    engine.dispose()


BY_LETTERS = "_by_letters"
"""How the names of indexes end that PostgreSQL has where its extension is at hand, and no model declares."""


def _declarable(_thing: object, name: str | None, kind: str, *_: object) -> bool:
    return kind != "index" or not str(name).endswith(BY_LETTERS)


def _differences(engine: Engine) -> list[Any]:
    with reading(engine) as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*uq_roles_scope")
        warnings.filterwarnings("ignore", message=".*expression-based index")
        context = MigrationContext.configure(connection, opts={"include_object": _declarable})
        return compare_metadata(context, Record.metadata)


POSTGRESQL_SCHEMA = (
    """
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """
    SELECT concat_ws(' ', table_name, column_name, udt_name, is_nullable, column_default)
    FROM information_schema.columns WHERE table_schema = 'public'
    """,
)


def _schema(connection: Connection) -> set[str]:
    """Everything the database knows of its tables, alembic's own and the triggers left out."""
    if connection.dialect.name == "postgresql":
        lines = [line for query in POSTGRESQL_SCHEMA for line in connection.scalars(text(query))]
        return {line for line in lines if "alembic_version" not in line and BY_LETTERS not in line}
    statements = connection.scalars(
        text("SELECT sql FROM sqlite_master WHERE type <> 'trigger' AND tbl_name <> 'alembic_version'")
    )
    return {line for statement in statements if statement for line in _lines(statement)}


def _lines(statement: str) -> Iterator[str]:
    """A statement line by line under its table's name, so that the order of columns says nothing."""
    if not statement.startswith("CREATE TABLE"):
        yield statement
        return
    name, _, body = statement.partition("(")
    for line in re.split(r"(?m)\n|, (?=\w+ (?:TEXT|INTEGER|VARCHAR|JSON|BOOLEAN)\b)", body):
        # A table that was rebuilt and renamed is quoted; an added column stands on the last one's line.
        yield name.replace('"', "") + re.sub(r"[, ]+$", "", line.strip())


def _guards(connection: Connection) -> set[str]:
    if connection.dialect.name == "postgresql":
        functions = connection.scalars(text("SELECT proname FROM pg_proc WHERE proname LIKE 'beian%'"))
        triggers = connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
        return {*functions, *triggers}
    return set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))


def test_the_migrated_tables_are_the_declared_ones(empty: Engine) -> None:
    with writing(empty) as connection:
        Record.metadata.create_all(connection)
        declared = _schema(connection)
        Record.metadata.drop_all(connection)
    upgrade(empty)
    assert _differences(empty) == []
    with reading(empty) as connection:
        migrated = _schema(connection)
    assert len(declared) > 300
    assert migrated == declared


def test_an_sqlite_that_guards_its_schema_keeps_the_checks_it_has(tmp_path: Path) -> None:
    engine = connect(default_url(tmp_path))

    @event.listens_for(engine, "before_cursor_execute")
    def guard(*given: Any) -> None:
        if str(given[2]).startswith("UPDATE sqlite_master"):
            why = sqlite3.OperationalError("table sqlite_master may not be modified")
            raise OperationalError(given[2], None, why)

    upgrade(engine)
    assert current(engine) == NEWEST
    with reading(engine) as connection:
        assert "CHECK (state IN ('" in "".join(_schema(connection))
    downgrade(engine, "base")
    upgrade(engine)
    assert current(engine) == NEWEST
    engine.dispose()


def test_up_down_up_leads_to_the_same_place(empty: Engine) -> None:
    assert current(empty) is None
    upgrade(empty)
    with reading(empty) as connection:
        first = _schema(connection), _guards(connection)
    downgrade(empty, "base")
    assert current(empty) is None
    with reading(empty) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
        assert _guards(connection) == set()
    upgrade(empty)
    assert current(empty) == NEWEST
    assert _differences(empty) == []
    with reading(empty) as connection:
        assert (_schema(connection), _guards(connection)) == first


def test_every_step_up_and_down_leads_to_the_same_place(empty: Engine) -> None:
    """A released database of any age is brought here, and back, without anything of it changing."""
    steps = [script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()][::-1]
    upgrade(empty)
    seen: list[tuple[set[str], set[str]]] = []
    for revision in reversed(steps):
        downgrade(empty, revision)
        with reading(empty) as connection:
            seen.append((_schema(connection), _guards(connection)))
    upgrade(empty)
    for revision, known in zip(reversed(steps), seen, strict=True):
        downgrade(empty, revision)
        with reading(empty) as connection:
            assert (_schema(connection), _guards(connection)) == known


def test_a_full_database_can_be_taken_down(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEIAN_SECRET_KEY", SECRET_KEY)
    with writing(engine) as connection:
        fill(connection)
    downgrade(engine, "base")
    assert current(engine) is None


def test_second_factors_in_plain_text_are_sealed_or_nothing_is_changed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEIAN_SECRET_KEY", SECRET_KEY)
    with writing(engine) as connection:
        fill(connection)
    downgrade(engine, "0011")
    with reading(engine) as connection:
        plain = connection.scalar(text("SELECT totp_secret FROM credentials"))
    monkeypatch.delenv("BEIAN_SECRET_KEY")
    with pytest.raises(DatabaseUnusable):
        upgrade(engine)
    assert current(engine) == "0011"
    monkeypatch.setenv("BEIAN_SECRET_KEY", f"{'n' * 32},{SECRET_KEY}")
    upgrade(engine)
    with reading(engine) as connection:
        sealed = connection.scalar(text("SELECT totp_sealed FROM credentials"))
    assert plain == Seal(["n" * 32]).open(sealed) == "JBSWY3DPEHPK3PXP"


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        fill(connection)
    upgrade(engine)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM events")) == 1
    require_current(engine)


def test_a_failed_migration_leaves_nothing_behind(empty: Engine) -> None:
    with writing(empty) as connection:
        connection.execute(text("CREATE TABLE timers (in_the_way INTEGER)"))
    with pytest.raises(DBAPIError, match="timers"):
        upgrade(empty, datetime(2024, 7, 1, tzinfo=UTC))
    with reading(empty) as connection:
        assert inspect(connection).get_table_names() == ["timers"]
        assert _guards(connection) == set()


def test_foreign_keys_are_in_force_after_a_migration(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL never switches them off")
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_database_without_tables_is_named(empty: Engine) -> None:
    with pytest.raises(DatabaseNotMigrated) as refused:
        require_current(empty)
    assert refused.value.why == f"it stands at nothing, this version of Beian needs {NEWEST}"


def test_a_database_from_a_newer_version_is_named(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refuse in (require_current, upgrade, lambda newer: downgrade(newer, "base")):
        with pytest.raises(DatabaseNewer) as refused:
            refuse(engine)
        assert refused.value.why == "its revision 9999 is unknown here"
        assert refused.value.next_step == (
            "Install that version, or restore a backup from before it was migrated"
        )
    assert current(engine) == "9999"


def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    together = threading.Barrier(6)

    def start() -> str | None:
        together.wait()
        engine = connect(empty_url)
        try:
            upgrade(engine)
            return current(engine)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(6) as pool:
        started = [pool.submit(start) for _ in range(6)]
        assert [process.result() for process in started] == [NEWEST] * 6
