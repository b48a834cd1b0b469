"""Saved views: what somebody often narrows a work list to."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.CheckConstraint("desk IN ('bureau', 'district')", name=op.f("ck_saved_views_desk")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 40", name=op.f("ck_saved_views_name_length")),
        sa.CheckConstraint("length(query) <= 500", name=op.f("ck_saved_views_query_length")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_views_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("person_id", "desk", "name", name=op.f("uq_saved_views_person_id_desk_name")),
    )


def downgrade() -> None:
    op.drop_table("saved_views")
