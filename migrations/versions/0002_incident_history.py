"""Incidents: the cases each cause hit, and an append-only history of who did what about it."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE_GUARDS = (
    """
    CREATE TRIGGER incident_entries_keep BEFORE UPDATE ON incident_entries
    BEGIN SELECT RAISE(ABORT, 'incident_entries are append-only'); END
    """,
    """
    CREATE TRIGGER incident_entries_stay BEFORE DELETE ON incident_entries
    BEGIN SELECT RAISE(ABORT, 'incident_entries are append-only'); END
    """,
)
POSTGRESQL_GUARDS = (
    """
    CREATE TRIGGER incident_entries_stay BEFORE UPDATE OR DELETE ON incident_entries
    FOR EACH ROW EXECUTE FUNCTION beian_append_only()
    """,
    """
    CREATE TRIGGER incident_entries_whole BEFORE TRUNCATE ON incident_entries
    EXECUTE FUNCTION beian_append_only()
    """,
)
KINDS = (
    "'raised', 'raised_again', 'acknowledged', 'assigned', 'retried', 'recovered', 'failed_again', "
    "'resolved', 'closed'"
)


def upgrade() -> None:
    op.create_table(
        "incident_cases",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("first_seen", Instant(), nullable=False),
        sa.Column("last_seen", Instant(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('failing', 'recovered')", name=op.f("ck_incident_cases_state")),
        sa.CheckConstraint("last_seen >= first_seen", name=op.f("ck_incident_cases_seen")),
        sa.CheckConstraint(
            "length(summary) BETWEEN 1 AND 1000", name=op.f("ck_incident_cases_summary_length")
        ),
        sa.CheckConstraint("occurrences >= 1", name=op.f("ck_incident_cases_occurrences")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_cases_incident_id")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_incident_cases_subject_id")),
        sa.PrimaryKeyConstraint("incident_id", "subject_id", name=op.f("pk_incident_cases")),
    )
    op.create_index(op.f("ix_incident_cases_subject_id"), "incident_cases", ["subject_id"])
    op.create_index(
        op.f("ix_incident_cases_incident_id_state_subject_id"),
        "incident_cases",
        ["incident_id", "state", "subject_id"],
    )
    op.create_table(
        "incident_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.Integer(), nullable=True),
        sa.Column("remark", sa.String(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_incident_entries_kind")),
        sa.CheckConstraint("length(remark) <= 2000", name=op.f("ck_incident_entries_remark_length")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_entries_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf_of"], ["people.id"], name=op.f("fk_incident_entries_on_behalf_of")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_incident_entries_person_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_incident_entries_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_entries")),
    )
    op.create_index(op.f("ix_incident_entries_incident_id_id"), "incident_entries", ["incident_id", "id"])
    # What was known until now: each incident was one case's, and its beginning is told once.
    op.execute(
        """
        INSERT INTO incident_cases
            (incident_id, subject_id, state, summary, first_seen, last_seen, occurrences)
        SELECT id, subject_id, CASE WHEN state = 'closed' THEN 'recovered' ELSE 'failing' END,
            summary, first_seen, last_seen, occurrences
        FROM incidents WHERE subject_id IS NOT NULL
        """
    )
    op.execute(
        """
        INSERT INTO incident_entries (incident_id, at, kind, subject_id, role)
        SELECT id, first_seen, 'raised', subject_id, 'system' FROM incidents
        """
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.drop_table("incident_entries")
    op.drop_table("incident_cases")
