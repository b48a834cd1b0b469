"""Ladders: why a rung was not sent, when a deadline passes, priority on the desk, and duty officers."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHY = "why IN ('began_later', 'no_hours_left', 'merged', 'too_late', 'nobody')"
ROLES = (
    "'applicant', 'member', 'district_officer', 'city_officer', 'city_leader', 'administrator', 'expert', "
    "'operations'"
)


def upgrade() -> None:
    with op.batch_alter_table("timers") as timers:
        timers.add_column(sa.Column("why", sa.String(), nullable=True))
        timers.create_check_constraint(op.f("ck_timers_why"), WHY)
    op.add_column("subjects", sa.Column("passes_at", Instant(), nullable=True))
    op.execute("UPDATE subjects SET passes_at = wake_at")
    op.add_column("work_items", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    _roles(f"{ROLES}, 'duty_officer'")


def downgrade() -> None:
    op.execute("DELETE FROM roles WHERE role = 'duty_officer'")
    _roles(ROLES)
    with op.batch_alter_table("work_items") as work_items:
        work_items.drop_column("priority")
    op.execute("UPDATE subjects SET wake_at = passes_at")
    with op.batch_alter_table("subjects") as subjects:
        subjects.drop_column("passes_at")
    op.execute("DELETE FROM timers WHERE rung <> 'due'")
    with op.batch_alter_table("timers") as timers:
        timers.drop_constraint(op.f("ck_timers_why"), type_="check")
        timers.drop_column("why")


def _roles(names: str) -> None:
    # A table that SQLite rebuilds keeps no index over an expression.
    op.drop_index("uq_roles_scope", "roles")
    with op.batch_alter_table("roles") as roles:
        roles.drop_constraint(op.f("ck_roles_role"), type_="check")
        roles.create_check_constraint(op.f("ck_roles_role"), f"role IN ({names})")
    op.create_index(
        "uq_roles_scope",
        "roles",
        ["person_id", "role", sa.text("coalesce(bureau_id, 0)"), sa.text("coalesce(organisation_id, 0)")],
        unique=True,
    )
