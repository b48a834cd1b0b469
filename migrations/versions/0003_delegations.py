"""Roles handed over to substitutes, and supervisors."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_delegations_ended")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_delegations_days")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 2000", name=op.f("ck_delegations_reason_length")),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name=op.f("fk_delegations_ended_by")),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_delegations_made_by")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_delegations_role_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["people.id"], name=op.f("fk_delegations_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_role_id_last_day"), "delegations", ["role_id", "last_day"])
    op.create_index(
        op.f("ix_delegations_substitute_id_last_day"), "delegations", ["substitute_id", "last_day"]
    )
    op.create_table(
        "supervisors",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_supervisors_person_id")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_supervisors_role_id")),
        sa.PrimaryKeyConstraint("role_id", name=op.f("pk_supervisors")),
    )


def downgrade() -> None:
    op.drop_table("supervisors")
    op.drop_table("delegations")
