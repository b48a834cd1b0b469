"""PostgreSQL finds what holds a text by groups of three letters, where its extension `pg_trgm` is at hand.

Without it (it comes with PostgreSQL's contributed modules, and whoever owns a database may create it) a
search reads through all cases, as it does on SQLite: the same is found.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_cases_by_letters", "cases", ("number", "direction")),
    ("ix_organisations_by_letters", "organisations", ("name",)),
)
AT_HAND = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql" or not connection.exec_driver_sql(AT_HAND).scalar_one():
        return
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except sa.exc.DBAPIError:
        # Somebody else owns the database.
        return
    for name, table, columns in INDEXES:
        letters = ", ".join(f"{column} gin_trgm_ops" for column in columns)
        connection.exec_driver_sql(f"CREATE INDEX {name} ON {table} USING gin ({letters})")


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for name, _, _ in INDEXES:
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")
