"""What was granted of support, paid and recovered."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("consortium", sa.String(), nullable=False),
        sa.Column("beneficiary", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("recovered", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.CheckConstraint("length(measure) BETWEEN 1 AND 60", name=op.f("ck_grants_measure_length")),
        sa.CheckConstraint("length(consortium) BETWEEN 1 AND 100", name=op.f("ck_grants_consortium_length")),
        sa.CheckConstraint("length(beneficiary) BETWEEN 1 AND 18", name=op.f("ck_grants_beneficiary_length")),
        sa.CheckConstraint("length(object) BETWEEN 1 AND 200", name=op.f("ck_grants_object_length")),
        sa.CheckConstraint("amount >= 1", name=op.f("ck_grants_amount")),
        sa.CheckConstraint("paid BETWEEN 0 AND amount", name=op.f("ck_grants_paid")),
        sa.CheckConstraint("recovered BETWEEN 0 AND paid", name=op.f("ck_grants_recovered")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_grants_bureau_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["register_entries.id"], name=op.f("fk_grants_entry_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_grants_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_entry_id"), "grants", ["entry_id"])
    op.create_index(op.f("ix_grants_bureau_id_measure"), "grants", ["bureau_id", "measure"])


def downgrade() -> None:
    op.drop_table("grants")
