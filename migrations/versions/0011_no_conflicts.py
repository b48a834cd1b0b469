"""Experts' declarations that nothing ties them to a case, append-only."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SQLITE_GUARDS = (
    """
    CREATE TRIGGER no_conflicts_keep BEFORE UPDATE ON no_conflicts
    BEGIN SELECT RAISE(ABORT, 'no_conflicts are append-only'); END
    """,
    """
    CREATE TRIGGER no_conflicts_stay BEFORE DELETE ON no_conflicts
    BEGIN SELECT RAISE(ABORT, 'no_conflicts are append-only'); END
    """,
)
POSTGRESQL_GUARDS = (
    """
    CREATE TRIGGER no_conflicts_stay BEFORE UPDATE OR DELETE ON no_conflicts
    FOR EACH ROW EXECUTE FUNCTION beian_append_only()
    """,
    """
    CREATE TRIGGER no_conflicts_whole BEFORE TRUNCATE ON no_conflicts
    EXECUTE FUNCTION beian_append_only()
    """,
)


def upgrade() -> None:
    op.create_table(
        "no_conflicts",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_no_conflicts_person_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_no_conflicts_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", "person_id", name=op.f("pk_no_conflicts")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for guard in POSTGRESQL_GUARDS if postgresql else SQLITE_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.drop_table("no_conflicts")
