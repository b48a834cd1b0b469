"""Urges: who urged the holder of a case, append-only."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SQLITE_GUARDS = (
    """
    CREATE TRIGGER urges_keep BEFORE UPDATE ON urges
    BEGIN SELECT RAISE(ABORT, 'urges are append-only'); END
    """,
    """
    CREATE TRIGGER urges_stay BEFORE DELETE ON urges
    BEGIN SELECT RAISE(ABORT, 'urges are append-only'); END
    """,
)
POSTGRESQL_GUARDS = (
    """
    CREATE TRIGGER urges_stay BEFORE UPDATE OR DELETE ON urges
    FOR EACH ROW EXECUTE FUNCTION beian_append_only()
    """,
    """
    CREATE TRIGGER urges_whole BEFORE TRUNCATE ON urges
    EXECUTE FUNCTION beian_append_only()
    """,
)


def upgrade() -> None:
    op.create_table(
        "urges",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "holder IN ('applicant', 'district', 'bureau', 'panel')", name=op.f("ck_urges_holder")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_urges_number")),
        sa.CheckConstraint("people >= 0", name=op.f("ck_urges_people")),
        sa.CheckConstraint("length(remark) <= 500", name=op.f("ck_urges_remark_length")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_urges_person_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_urges_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", "number", name=op.f("pk_urges")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for guard in POSTGRESQL_GUARDS if postgresql else SQLITE_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.drop_table("urges")
