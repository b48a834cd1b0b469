"""What the radar reads: when each open case is or was due and in which district, and how fast desks are."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = "outcome IS NULL AND district_id IS NOT NULL"
AGAIN = "occurrence >= 2 AND holder = 'applicant'"


def upgrade() -> None:
    op.add_column("subjects", sa.Column("due_at", Instant(), nullable=True))
    op.add_column("subjects", sa.Column("district_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("subjects") as table:
        table.create_foreign_key(op.f("fk_subjects_district_id"), "bureaus", ["district_id"], ["id"])
    op.execute(
        """
        UPDATE subjects SET
            district_id = (SELECT cases.district_id FROM cases WHERE cases.subject_id = subjects.id),
            due_at = (
                SELECT min(deadlines.due_at) FROM deadlines JOIN cases USING (subject_id)
                WHERE deadlines.subject_id = subjects.id
                AND deadlines.state IN ('running', 'overdue') AND cases.submitted_at IS NOT NULL
            )
        WHERE kind = 'application'
        """
    )
    _index("ix_subjects_urgency", "subjects", ["bureau_id", "due_at", "district_id", "stage", "id"], OPEN)
    _index(
        "ix_subjects_backlog", "subjects", ["bureau_id", "district_id", "stage", "due_at", "entered_at"], OPEN
    )
    _index("ix_deadlines_again", "deadlines", ["subject_id"], AGAIN)
    _index("ix_work_items_done", "work_items", ["stage", "done_at"], "done_at IS NOT NULL")
    _index("ix_notices_dead", "notices", ["subject_id"], "state = 'dead'")
    _index("ix_roles_ended", "roles", ["valid_to"], "valid_to IS NOT NULL")
    _index("ix_people_inactive", "people", ["id"], "NOT active")


def downgrade() -> None:
    for name, table in (
        ("ix_people_inactive", "people"),
        ("ix_roles_ended", "roles"),
        ("ix_notices_dead", "notices"),
        ("ix_work_items_done", "work_items"),
        ("ix_deadlines_again", "deadlines"),
        ("ix_subjects_backlog", "subjects"),
        ("ix_subjects_urgency", "subjects"),
    ):
        op.drop_index(name, table_name=table)
    with op.batch_alter_table("subjects") as table:
        table.drop_constraint(op.f("fk_subjects_district_id"), type_="foreignkey")
        table.drop_column("district_id")
        table.drop_column("due_at")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
