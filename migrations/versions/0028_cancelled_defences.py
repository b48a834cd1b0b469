"""A defence that its case's end cancelled stays on record without its place in the order of its day."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("defences") as table:
        table.alter_column("position", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM defences WHERE position IS NULL")
    with op.batch_alter_table("defences") as table:
        table.alter_column("position", existing_type=sa.Integer(), nullable=False)
