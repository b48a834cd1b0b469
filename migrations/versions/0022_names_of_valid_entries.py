"""The name of an entry that is no longer valid may be filed again."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

VALID = sa.text("state = 'valid'")


def upgrade() -> None:
    with op.batch_alter_table("register_entries") as entries:
        entries.drop_constraint(op.f("uq_register_entries_bureau_id_name"), type_="unique")
    op.create_index(
        "uq_register_entries_valid_name",
        "register_entries",
        ["bureau_id", "name"],
        unique=True,
        sqlite_where=VALID,
        postgresql_where=VALID,
    )


def downgrade() -> None:
    op.drop_index("uq_register_entries_valid_name", "register_entries")
    with op.batch_alter_table("register_entries") as entries:
        entries.create_unique_constraint(op.f("uq_register_entries_bureau_id_name"), ["bureau_id", "name"])
