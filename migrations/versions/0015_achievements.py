"""Achievements of filed consortia, as the documents' targets count them."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STANDING = sa.text("struck_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "achievements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("achieved_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("struck_at", Instant(), nullable=True),
        sa.Column("struck_by", sa.Integer(), nullable=True),
        sa.Column("struck_reason", sa.String(), nullable=True),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 60", name=op.f("ck_achievements_kind_length")),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 300", name=op.f("ck_achievements_title_length")),
        sa.CheckConstraint("length(source) BETWEEN 1 AND 500", name=op.f("ck_achievements_source_length")),
        sa.CheckConstraint(
            "length(struck_reason) BETWEEN 1 AND 2000", name=op.f("ck_achievements_struck_reason_length")
        ),
        sa.CheckConstraint(
            "(struck_at IS NULL) = (struck_by IS NULL) AND (struck_at IS NULL) = (struck_reason IS NULL)",
            name=op.f("ck_achievements_struck"),
        ),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_achievements_bureau_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["register_entries.id"], name=op.f("fk_achievements_entry_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_achievements_recorded_by")),
        sa.ForeignKeyConstraint(["struck_by"], ["people.id"], name=op.f("fk_achievements_struck_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievements")),
    )
    op.create_index(op.f("ix_achievements_entry_id"), "achievements", ["entry_id"])
    op.create_index(
        "uq_achievements_standing",
        "achievements",
        ["bureau_id", "kind", "title"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    op.drop_table("achievements")
