"""What comes after filing: matters of register entries, rounds, and the history of what the register said."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = "'call', 'application', 'evaluation', 'change', 'revocation', 'claim'"
MATTERS = "'entry', 'round', 'evaluation', 'change', 'revocation', 'claim'"
STATES = "'valid', 'expired', 'revoked', 'dissolved'"
SQLITE_GUARDS = (
    """
    CREATE TRIGGER register_states_keep BEFORE UPDATE ON register_states
    BEGIN SELECT RAISE(ABORT, 'register_states are append-only'); END
    """,
    """
    CREATE TRIGGER register_states_stay BEFORE DELETE ON register_states
    BEGIN SELECT RAISE(ABORT, 'register_states are append-only'); END
    """,
)
POSTGRESQL_GUARDS = (
    """
    CREATE TRIGGER register_states_stay BEFORE UPDATE OR DELETE ON register_states
    FOR EACH ROW EXECUTE FUNCTION beian_append_only()
    """,
    """
    CREATE TRIGGER register_states_whole BEFORE TRUNCATE ON register_states
    EXECUTE FUNCTION beian_append_only()
    """,
)


def upgrade() -> None:
    _kinds(f"{KINDS}, 'entry', 'round'")
    op.create_table(
        "matters",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("cause_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"kind IN ({MATTERS})", name=op.f("ck_matters_kind")),
        sa.CheckConstraint("length(number) BETWEEN 1 AND 200", name=op.f("ck_matters_number_length")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_matters_bureau_id")),
        sa.ForeignKeyConstraint(["cause_id"], ["subjects.id"], name=op.f("fk_matters_cause_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["register_entries.id"], name=op.f("fk_matters_entry_id")),
        sa.ForeignKeyConstraint(["round_id"], ["subjects.id"], name=op.f("fk_matters_round_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_matters_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_matters")),
        sa.UniqueConstraint("bureau_id", "number", name=op.f("uq_matters_bureau_id_number")),
    )
    op.create_index("ix_matters_entry_id_kind", "matters", ["entry_id", "kind"])
    for name, columns, where in (
        ("uq_matters_round", ["round_id", "entry_id"], sa.text("round_id IS NOT NULL")),
        ("uq_matters_cause", ["cause_id", "kind"], sa.text("cause_id IS NOT NULL")),
    ):
        op.create_index(name, "matters", columns, unique=True, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "register_states",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_register_states_state")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_register_states_number")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["register_entries.id"], name=op.f("fk_register_states_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", "number", name=op.f("pk_register_states")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for guard in POSTGRESQL_GUARDS if postgresql else SQLITE_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.drop_table("register_states")
    op.drop_table("matters")
    _kinds(KINDS)


def _kinds(names: str) -> None:
    with op.batch_alter_table("subjects") as subjects:
        subjects.drop_constraint(op.f("ck_subjects_kind"), type_="check")
        subjects.create_check_constraint(op.f("ck_subjects_kind"), f"kind IN ({names})")
