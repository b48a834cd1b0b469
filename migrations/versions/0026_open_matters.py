"""What the radar reads of matters after filing: the district of their entry, and indexes of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OPEN_MATTER = sa.text("outcome IS NULL AND entry_district_id IS NOT NULL")
INDEXES = {
    "ix_subjects_matters": ["bureau_id", "due_at", "entry_district_id", "stage", "kind", "id"],
    "ix_subjects_matters_of_district": ["bureau_id", "entry_district_id", "due_at", "stage", "kind", "id"],
}


def upgrade() -> None:
    op.add_column("subjects", sa.Column("entry_district_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("subjects") as table:
        table.create_foreign_key(
            op.f("fk_subjects_entry_district_id"), "bureaus", ["entry_district_id"], ["id"]
        )
    op.execute(
        """
        UPDATE subjects SET entry_district_id = (
            SELECT cases.district_id FROM matters
            JOIN register_entries ON register_entries.id = matters.entry_id
            JOIN cases ON cases.subject_id = register_entries.subject_id
            WHERE matters.subject_id = subjects.id
        ), due_at = (
            SELECT min(deadlines.due_at) FROM deadlines
            WHERE deadlines.subject_id = subjects.id
            AND deadlines.state IN ('running', 'overdue') AND subjects.outcome IS NULL
        )
        WHERE kind NOT IN ('call', 'application', 'round')
        """
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "subjects", columns, sqlite_where=OPEN_MATTER, postgresql_where=OPEN_MATTER)


def downgrade() -> None:
    for name in reversed(INDEXES):
        op.drop_index(name, table_name="subjects")
    with op.batch_alter_table("subjects") as table:
        table.drop_constraint(op.f("fk_subjects_entry_district_id"), type_="foreignkey")
        table.drop_column("entry_district_id")
