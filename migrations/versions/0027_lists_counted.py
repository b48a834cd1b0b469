"""Cases of a bureau or a district are counted, and a call's found there, without reading them."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NEW = (
    ("call_id", "district_id"),
    ("district_id", "closed", "submitted_at"),
    ("bureau_id", "closed", "district_id", "submitted_at"),
)
OLD = (("call_id",), ("district_id",))


def upgrade() -> None:
    _instead(OLD, NEW)


def downgrade() -> None:
    _instead(NEW, OLD)


def _instead(old: tuple[tuple[str, ...], ...], new: tuple[tuple[str, ...], ...]) -> None:
    for columns in old:
        op.drop_index(op.f(f"ix_cases_{'_'.join(columns)}"), table_name="cases")
    for columns in new:
        op.create_index(op.f(f"ix_cases_{'_'.join(columns)}"), "cases", list(columns))
