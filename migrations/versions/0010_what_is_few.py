"""What the radar reads at every look and is few: provisional deadlines, and incidents not of late cases."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PROVISIONAL = sa.text("state = 'running' AND provisional")
UNTOLD = sa.text("state <> 'closed' AND kind <> 'overdue'")


def upgrade() -> None:
    for name, table, column, few in (
        ("ix_deadlines_provisional", "deadlines", "due_at", PROVISIONAL),
        ("ix_incidents_untold", "incidents", "id", UNTOLD),
    ):
        op.create_index(name, table, [column], sqlite_where=few, postgresql_where=few)


def downgrade() -> None:
    op.drop_index("ix_incidents_untold", table_name="incidents")
    op.drop_index("ix_deadlines_provisional", table_name="deadlines")
