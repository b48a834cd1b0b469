"""What an incident is, in Chinese and in English, where the program has words for it."""

import sqlalchemy as sa
from alembic import op

from models import Json

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("says", Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("incidents", "says")
