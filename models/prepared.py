"""Core statements compiled once for each dialect.

SQLAlchemy prepares a statement's execution anew each time; where a dozen statements make up one act that
costs more than the database itself. What is written and read is the same, processors of types included.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql import Executable, Insert, Select
from sqlalchemy.sql.compiler import SQLCompiler

Process = Callable[[Any], Any] | None


class Prepared:
    """A Core statement with named parameters, for rows that all have the same keys.

    Columns with defaults on Python's side must be given: a prepared statement fills nothing in.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._forms: dict[tuple[str, tuple[str, ...]], _Form] = {}

    def execute(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Carry the statement out for each of ``rows`` and return how many rows it touched in all."""
        form = self._form(connection.dialect, rows[0])
        many = len(rows) > 1
        parameters = form.many(rows) if many else form.parameters(rows[0])
        cursor = send(connection, form.text, parameters, many=many)
        touched = cursor.rowcount
        cursor.close()
        return touched

    def fill(
        self, connection: Connection, common: Mapping[str, Any], own: Mapping[str, Sequence[Any]]
    ) -> None:
        """Carry the statement out for rows that share ``common`` and have each its place of every ``own``."""
        form = self._form(connection.dialect, {**common, **own})
        send(connection, form.text, form.filled(common, own), many=True).close()

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Return the rows of a SELECT as named tuples."""
        form = self._form(connection.dialect, values)
        cursor = send(connection, form.text, form.parameters(values))
        rows = [form.row(each) for each in cursor.fetchall()]
        cursor.close()
        return rows

    def _form(self, dialect: Dialect, row: Mapping[str, Any]) -> "_Form":
        key = (dialect.name, tuple(row))
        if key not in self._forms:
            self._forms[key] = _Form(self._statement, dialect, key[1])
        return self._forms[key]


def send(connection: Connection, text: str, parameters: Any = (), *, many: bool = False) -> Any:
    """Send a statement through the driver's own cursor and return that, its errors told as SQLAlchemy's."""
    if not connection.in_transaction():
        connection.begin()
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    for told in connection.engine.dispatch.before_cursor_execute:
        told(connection, cursor, text, parameters, None, many)
    try:
        if many:
            cursor.executemany(text, parameters)
        else:
            cursor.execute(text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        # The one way to its own errors, to the listeners that name them, and to giving up a lost connection.
        connection._handle_dbapi_exception(error, text, parameters, cursor, None)
    return cursor


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Send the prepared statements of the block without waiting for the answer to each, where the driver can.

    Only for what is written: how many rows a statement touched is not known inside the block, and what it
    was refused for is told at its end at the latest.
    """
    driver = connection.connection.driver_connection
    if connection.dialect.driver != "psycopg" or driver is None:
        yield
        return
    try:
        with driver.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        connection._handle_dbapi_exception(error, None, None, None, None)


def _picking(names: list[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    return itemgetter(*names) if len(names) > 1 else lambda row: [row[name] for name in names]


def _named(names: list[str]) -> Callable[..., Any]:
    return namedtuple("Row", names)  # pyrefly: ignore[bad-class-definition]


def _names_its_columns(statement: Any) -> bool:
    return isinstance(statement, Select) or (isinstance(statement, Insert) and statement.select is not None)


class _Form:
    """A statement as one dialect sends it."""

    def __init__(self, statement: Any, dialect: Dialect, keys: tuple[str, ...]) -> None:
        if isinstance(statement, Insert):
            # Nobody asks for the keys that the database gives.
            statement = statement.inline()
        compiled: SQLCompiler = statement.compile(
            dialect=dialect, column_keys=None if _names_its_columns(statement) else list(keys)
        )
        self.text: str = compiled.string
        self._positional = bool(compiled.positional)
        types = {name: parameter.type for parameter, name in compiled.bind_names.items()}
        self._names = list(compiled.positiontup or ()) if self._positional else list(types)
        processes: list[Process] = [
            types[name].dialect_impl(dialect).bind_processor(dialect) for name in self._names
        ]
        self._pick = _picking(self._names)
        self._processes = [(at, process) for at, process in enumerate(processes) if process is not None]
        self._fixed = {name: compiled.params[name] for name in self._names if name not in keys}
        if isinstance(statement, Select):
            columns = list(statement.selected_columns)
            self._tuple = _named([str(column.key) for column in columns])
            results = [
                column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
            ]
            self._results = [(at, process) for at, process in enumerate(results) if process is not None]

    def parameters(self, row: Mapping[str, Any]) -> Any:
        """Return the parameters in the form that the driver takes."""
        given = {**self._fixed, **row} if self._fixed else row
        values = list(self._pick(given))
        for at, process in self._processes:
            values[at] = process(values[at])
        return values if self._positional else dict(zip(self._names, values, strict=True))

    def many(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the parameters of several rows, made column by column."""
        columns = {name: [row[name] for row in rows] for name in self._names if name not in self._fixed}
        return self.filled(self._fixed, columns)

    def filled(self, common: Mapping[str, Any], own: Mapping[str, Iterable[Any]]) -> list[Any]:
        """Return the parameters of rows that share some values and differ in others, by column."""
        processes = dict(self._processes)
        columns: list[Iterable[Any]] = []
        for at, name in enumerate(self._names):
            process = processes.get(at)
            if name in own:
                values = own[name]
                columns.append(values if process is None else map(process, values))
            else:
                value = common[name] if name in common else self._fixed[name]
                columns.append(repeat(value if process is None else process(value)))
        each = zip(*columns, strict=False)
        return list(each) if self._positional else [dict(zip(self._names, row, strict=True)) for row in each]

    def row(self, fetched: Sequence[Any]) -> Any:
        """Return a fetched row as a named tuple."""
        values = list(fetched)
        for at, process in self._results:
            values[at] = process(values[at])
        return self._tuple(*values)
