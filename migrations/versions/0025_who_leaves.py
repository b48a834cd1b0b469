"""Whether a unit leaves by the change that it is asked to consent to."""

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consents", sa.Column("leaves", sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    changes = connection.execute(sa.text("SELECT id, state FROM subjects WHERE kind = 'change'")).all()
    for change in changes:
        for uscc in orjson.loads(change.state)["record"].get("leaves", []):
            connection.execute(
                sa.text(
                    "UPDATE consents SET leaves = true WHERE subject_id = :change AND organisation_id ="
                    " (SELECT id FROM organisations WHERE uscc = :uscc)"
                ),
                {"change": change.id, "uscc": uscc},
            )


def downgrade() -> None:
    with op.batch_alter_table("consents") as table:
        table.drop_column("leaves")
