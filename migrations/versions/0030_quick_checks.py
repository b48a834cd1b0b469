"""SQLite checks words without making a table of them for each row; two indexes that nobody asks are gone.

What is checked is the same, and so is every row: only the text of the tables changes, as SQLite's manual
(https://www.sqlite.org/lang_altertable.html) has it for what does not touch the content.
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

GONE = (
    ("ix_timers_pending", "timers", "at", sa.text("state = 'pending'")),
    ("ix_deadlines_running", "deadlines", "due_at", sa.text("state = 'running'")),
)
LISTED = re.compile(r"CHECK \((\w+) IN \(([^()]*)\)\)")
WORD = re.compile(r"'\w+'")
ONE_BY_ONE = re.compile(r"CHECK \(((\w+) = '\w+'(?: OR \2 = '\w+')*)\)")


def upgrade() -> None:
    for name, table, _, _ in GONE:
        op.drop_index(name, table_name=table)
    _rewrite(LISTED, _one_by_one)


def downgrade() -> None:
    _rewrite(ONE_BY_ONE, _listed)
    for name, table, column, where in GONE:
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def _one_by_one(check: re.Match[str]) -> str:
    each = (f"{check[1]} = {value}" for value in check[2].split(", "))
    return f"CHECK ({' OR '.join(each)})"


def _listed(check: re.Match[str]) -> str:
    return f"CHECK ({check[2]} IN ({', '.join(WORD.findall(check[1]))}))"


def _rewrite(pattern: re.Pattern[str], anew: Callable[[re.Match[str]], str]) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    tables = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    try:
        for name, statement in tables:
            connection.exec_driver_sql(
                "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?",
                (pattern.sub(anew, statement), name),
            )
    except sa.exc.DatabaseError:
        # An SQLite built to guard its schema (as macOS brings it) keeps the slower text of the same checks.
        connection.exec_driver_sql("PRAGMA writable_schema=OFF")
        return
    # Every connection, this one included, reads the tables anew.
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=RESET")
