"""Bars on leading and on joining a core layer."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MATTERS = "'entry', 'round', 'evaluation', 'change', 'revocation', 'claim'"
SUBJECTS = "'call', 'application', 'evaluation', 'change', 'revocation', 'claim', 'entry', 'round'"


def upgrade() -> None:
    _kinds("subjects", f"{SUBJECTS}, 'disqualification'")
    _kinds("matters", f"{MATTERS}, 'disqualification'")
    op.create_table(
        "bars",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("breached_on", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("document_number", sa.String(), nullable=False),
        sa.Column("void_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "length(document_number) BETWEEN 1 AND 100", name=op.f("ck_bars_document_number_length")
        ),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_bars_term")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_bars_bureau_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_bars_organisation_id")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_bars_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_bars")),
    )
    op.create_index(op.f("ix_bars_organisation_id"), "bars", ["organisation_id"])


def downgrade() -> None:
    op.drop_table("bars")
    _kinds("matters", MATTERS)
    _kinds("subjects", SUBJECTS)


def _kinds(table: str, names: str) -> None:
    with op.batch_alter_table(table) as altered:
        altered.drop_constraint(op.f(f"ck_{table}_kind"), type_="check")
        altered.create_check_constraint(op.f(f"ck_{table}_kind"), f"kind IN ({names})")
