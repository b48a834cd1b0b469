"""CHECK constraints in the words of this domain, the same on SQLite and PostgreSQL.

SQLite ignores the length in VARCHAR(n); only a CHECK bounds a text on both engines.
"""

from sqlalchemy import CheckConstraint


def one_of(column: str, *values: str) -> CheckConstraint:
    """`column` holds one of `values` (or NULL, where the column allows it)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def at_most(column: str, characters: int) -> CheckConstraint:
    """`column` holds at most so many characters."""
    return CheckConstraint(f"length({column}) <= {characters}", name=f"{column}_length")


def written(column: str, characters: int) -> CheckConstraint:
    """`column` holds at least one and at most so many characters."""
    return CheckConstraint(f"length({column}) BETWEEN 1 AND {characters}", name=f"{column}_length")


def digest(column: str) -> CheckConstraint:
    """`column` holds a SHA-256 in hexadecimal: 64 characters."""
    return CheckConstraint(f"length({column}) = 64", name=f"{column}_length")
