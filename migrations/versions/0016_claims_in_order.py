"""The index of unsent notices ends with their number: a claim reads in order, however many wait."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UNSENT = sa.text("state IN ('pending', 'sending', 'failed')")


def upgrade() -> None:
    _index("channel", "urgency", "not_before", "id")


def downgrade() -> None:
    _index("channel", "urgency", "not_before")


def _index(*columns: str) -> None:
    op.drop_index("ix_notices_unsent", table_name="notices")
    op.create_index(
        "ix_notices_unsent", "notices", list(columns), sqlite_where=UNSENT, postgresql_where=UNSENT
    )
