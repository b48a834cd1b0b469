"""CHECK constraints in the words of this domain, the same on SQLite and PostgreSQL.

SQLite ignores the length in VARCHAR(n); only a CHECK bounds a text on both engines.
"""

from typing import Any

from sqlalchemy import CheckConstraint, TextClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class _OneOf(TextClause):
    """That a column holds one of several texts."""

    inherit_cache = False

    def __init__(self, column: str, values: tuple[str, ...]) -> None:
        listed = [f"'{value}'" for value in values]
        super().__init__(f"{column} IN ({', '.join(listed)})")
        self.each = " OR ".join(f"{column} = {value}" for value in listed)


@compiles(_OneOf, "sqlite")
def _one_by_one(element: _OneOf, _compiler: SQLCompiler, **_: Any) -> str:
    """For a list SQLite makes a table anew in each statement that writes: of ten timers, half of the time."""
    return element.each


def one_of(column: str, *values: str) -> CheckConstraint:
    """`column` holds one of `values` (or NULL, where the column allows it)."""
    return CheckConstraint(_OneOf(column, values), name=column)


def at_most(column: str, characters: int) -> CheckConstraint:
    """`column` holds at most so many characters."""
    return CheckConstraint(f"length({column}) <= {characters}", name=f"{column}_length")


def written(column: str, characters: int) -> CheckConstraint:
    """`column` holds at least one and at most so many characters."""
    return CheckConstraint(f"length({column}) BETWEEN 1 AND {characters}", name=f"{column}_length")


def digest(column: str) -> CheckConstraint:
    """`column` holds a SHA-256 in hexadecimal: 64 characters."""
    return CheckConstraint(f"length({column}) = 64", name=f"{column}_length")
