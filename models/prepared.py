"""Core statements compiled once for each dialect.

SQLAlchemy prepares a statement's execution anew each time; where a dozen statements make up one act that
costs more than the database itself. What is written and read is the same, processors of types included.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql import Executable, Select
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
        if len(rows) == 1:
            return connection.exec_driver_sql(form.text, form.parameters(rows[0])).rowcount
        return connection.exec_driver_sql(form.text, [form.parameters(row) for row in rows]).rowcount

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Return the rows of a SELECT as named tuples."""
        form = self._form(connection.dialect, values)
        rows = connection.exec_driver_sql(form.text, form.parameters(values)).cursor
        return [] if rows is None else [form.row(each) for each in rows.fetchall()]

    def _form(self, dialect: Dialect, row: Mapping[str, Any]) -> "_Form":
        key = (dialect.name, tuple(row))
        if key not in self._forms:
            self._forms[key] = _Form(self._statement, dialect, key[1])
        return self._forms[key]


def _named(names: list[str]) -> Callable[..., Any]:
    return namedtuple("Row", names)  # pyrefly: ignore[bad-class-definition]


class _Form:
    """A statement as one dialect sends it."""

    def __init__(self, statement: Any, dialect: Dialect, keys: tuple[str, ...]) -> None:
        compiled: SQLCompiler = statement.compile(
            dialect=dialect, column_keys=None if isinstance(statement, Select) else list(keys)
        )
        self.text: str = compiled.string
        self._positional = bool(compiled.positional)
        types = {name: parameter.type for parameter, name in compiled.bind_names.items()}
        names = list(compiled.positiontup or ()) if self._positional else list(types)
        fixed = compiled.params
        self._binds: list[tuple[str, bool, Any, Process]] = []
        for name in names:
            process = types[name].dialect_impl(dialect).bind_processor(dialect)
            given = name in keys
            value = None if given else (fixed[name] if process is None else process(fixed[name]))
            self._binds.append((name, given, value, process))
        if isinstance(statement, Select):
            columns = list(statement.selected_columns)
            self._tuple = _named([str(column.key) for column in columns])
            self._results: list[Process] = [
                column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
            ]

    def parameters(self, row: Mapping[str, Any]) -> Any:
        """Return the parameters in the form that the driver takes."""
        if self._positional:
            return tuple(
                (row[name] if process is None else process(row[name])) if given else value
                for name, given, value, process in self._binds
            )
        return {
            name: (row[name] if process is None else process(row[name])) if given else value
            for name, given, value, process in self._binds
        }

    def row(self, values: Sequence[Any]) -> Any:
        """Return a fetched row as a named tuple."""
        return self._tuple(
            *(
                value if process is None else process(value)
                for value, process in zip(values, self._results, strict=True)
            )
        )
