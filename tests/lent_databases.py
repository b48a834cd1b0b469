"""PostgreSQL databases lent from test to test: making one costs ten times what cleaning one does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

LARGEST_KEPT = 64 * 1024 * 1024
"""A database that grew beyond this many bytes is dropped rather than cleaned."""

_SHAPE = """
SELECT md5(string_agg(part, '|' ORDER BY part)) FROM (
    SELECT concat('relation ', oid, relkind, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat('column ', attrelid, attnum, attname, atttypid, attnotnull) FROM pg_attribute
        WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL SELECT concat('trigger ', oid, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat('constraint ', oid, convalidated) FROM pg_constraint
    UNION ALL SELECT concat('function ', oid, md5(prosrc)) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat('schema ', oid) FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast_temp)'
    UNION ALL SELECT concat('setting ', setdatabase, setrole, setconfig) FROM pg_db_role_setting
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS parts (part)
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_SEQUENCES = """
SELECT quote_ident(sequencename), coalesce(last_value, start_value), last_value IS NOT NULL
FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename
"""
_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class _Database:
    name: str
    shape: str
    tables: tuple[str, ...]
    rows: dict[str, bytes]
    sequences: tuple[tuple[str, int, bool], ...]


class LentDatabases:
    """Databases made by `make`, a context that yields a name, each as it was made whenever it is lent."""

    def __init__(self, make: Callable[[], str], drop: Callable[[str], None], address: Callable[[str], str]):
        self._make, self._drop, self._address = make, drop, address
        self._free: list[_Database] = []

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend one; what the borrower did to it is undone, or it is dropped where that cannot be sure."""
        database = self._free.pop() if self._free else self._look(self._make())
        try:
            yield database.name
        finally:
            if self._cleaned(database):
                self._free.append(database)
            else:
                self._drop(database.name)

    def drop_all(self) -> None:
        """Drop those that nobody has."""
        while self._free:
            self._drop(self._free.pop().name)

    def _look(self, name: str) -> _Database:
        with psycopg.connect(self._address(name)) as connection:
            tables = tuple(row[0] for row in connection.execute(_TABLES).fetchall())
            rows = {table: rows for table in tables if (rows := _rows(connection, table))}
            return _Database(name, _shape(connection), tables, rows, _sequences(connection))

    def _cleaned(self, database: _Database) -> bool:
        try:
            with psycopg.connect(self._address(database.name)) as connection:
                connection.execute(_OTHERS)
                size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
                if size is None or size[0] > LARGEST_KEPT or _shape(connection) != database.shape:
                    return False
                _restore(connection, database)
        except psycopg.Error:
            return False
        return True


def _restore(connection: psycopg.Connection, database: _Database) -> None:
    # Neither append-only triggers nor foreign keys look on.
    connection.execute("SET LOCAL session_replication_role = replica")
    wipe = sql.SQL("; ").join(
        sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in database.tables
    )
    connection.execute(wipe)
    for table, rows in database.rows.items():
        into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
        with connection.cursor().copy(into) as copy:
            copy.write(rows)
    for name, value, called in database.sequences:
        connection.execute("SELECT setval(%s, %s, %s)", (name, value, called))


def _shape(connection: psycopg.Connection) -> str:
    row = connection.execute(_SHAPE).fetchone()
    assert row is not None
    return row[0]


def _rows(connection: psycopg.Connection, table: str) -> bytes:
    out = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
    with connection.cursor().copy(out) as copy:
        return b"".join(bytes(part) for part in copy)


def _sequences(connection: psycopg.Connection) -> tuple[tuple[str, int, bool], ...]:
    return tuple(connection.execute(_SEQUENCES).fetchall())
