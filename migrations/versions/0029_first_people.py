"""Whether the first person of a unit, who came by a link, belongs to it, in the bureau's word."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("invitations") as table:
        table.add_column(sa.Column("belongs", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("judged_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("judged_at", Instant(), nullable=True))
        table.create_foreign_key(op.f("fk_invitations_judged_by"), "people", ["judged_by"], ["id"])
        table.create_check_constraint(
            op.f("ck_invitations_judged"),
            "(belongs IS NULL) = (judged_by IS NULL) AND (belongs IS NULL) = (judged_at IS NULL)",
        )


def downgrade() -> None:
    with op.batch_alter_table("invitations") as table:
        table.drop_constraint(op.f("ck_invitations_judged"), type_="check")
        table.drop_constraint(op.f("fk_invitations_judged_by"), type_="foreignkey")
        for name in ("judged_at", "judged_by", "belongs"):
            table.drop_column(name)
