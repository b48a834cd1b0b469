"""Links with which the first person of an invited unit opens an account."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("invitations") as table:
        table.add_column(sa.Column("member_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_invitations_member_id"), "members", ["member_id"], ["id"])
    op.create_index(op.f("ix_invitations_member_id"), "invitations", ["member_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_invitations_member_id"), "invitations")
    with op.batch_alter_table("invitations") as table:
        table.drop_constraint(op.f("fk_invitations_member_id"), type_="foreignkey")
        table.drop_column("member_id")
