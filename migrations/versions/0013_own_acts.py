"""What a person did is found by an index."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_events_person_id_recorded_at"), "events", ["person_id", "recorded_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_events_person_id_recorded_at"), table_name="events")
