"""The research credit file."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("referred_on", sa.Date(), nullable=True),
        sa.Column("referred_to", sa.String(), nullable=True),
        sa.CheckConstraint("length(facts) BETWEEN 1 AND 2000", name=op.f("ck_credit_records_facts_length")),
        sa.CheckConstraint("length(source) BETWEEN 1 AND 500", name=op.f("ck_credit_records_source_length")),
        sa.CheckConstraint(
            "length(referred_to) BETWEEN 1 AND 200", name=op.f("ck_credit_records_referred_to_length")
        ),
        sa.CheckConstraint(
            "organisation_id IS NOT NULL OR person_id IS NOT NULL", name=op.f("ck_credit_records_of_somebody")
        ),
        sa.CheckConstraint(
            "(referred_on IS NULL) = (referred_to IS NULL)", name=op.f("ck_credit_records_referred")
        ),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_credit_records_bureau_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_credit_records_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_credit_records_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_credit_records_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_records")),
    )
    for column in ("bureau_id", "organisation_id", "person_id"):
        op.create_index(op.f(f"ix_credit_records_{column}"), "credit_records", [column])


def downgrade() -> None:
    op.drop_table("credit_records")
