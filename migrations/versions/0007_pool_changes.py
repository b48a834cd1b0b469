"""Changes of the expert pools: append-only and chained, beginning with the experts that are there."""

import datetime
import hashlib

import orjson
import sqlalchemy as sa
from alembic import op

from models.instant import Instant
from models.json_column import Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SQLITE_GUARDS = (
    """
    CREATE TRIGGER pool_changes_keep BEFORE UPDATE ON pool_changes
    BEGIN SELECT RAISE(ABORT, 'pool_changes are append-only'); END
    """,
    """
    CREATE TRIGGER pool_changes_stay BEFORE DELETE ON pool_changes
    BEGIN SELECT RAISE(ABORT, 'pool_changes are append-only'); END
    """,
)
POSTGRESQL_GUARDS = (
    """
    CREATE TRIGGER pool_changes_stay BEFORE UPDATE OR DELETE ON pool_changes
    FOR EACH ROW EXECUTE FUNCTION beian_append_only()
    """,
    "CREATE TRIGGER pool_changes_whole BEFORE TRUNCATE ON pool_changes EXECUTE FUNCTION beian_append_only()",
)
ORIGIN = "0" * 64


def upgrade() -> None:
    op.create_table(
        "pool_changes",
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("state", Json(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_pool_changes_seq")),
        sa.CheckConstraint(
            "kind IN ('admitted', 'changed', 'retired', 'readmitted')", name=op.f("ck_pool_changes_kind")
        ),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 2000", name=op.f("ck_pool_changes_reason_length")),
        sa.CheckConstraint("length(prev_hash) = 64", name=op.f("ck_pool_changes_prev_hash_length")),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_pool_changes_hash_length")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_pool_changes_bureau_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_pool_changes_expert_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pool_changes_person_id")),
        sa.PrimaryKeyConstraint("bureau_id", "seq", name=op.f("pk_pool_changes")),
    )
    op.create_index(op.f("ix_pool_changes_expert_id"), "pool_changes", ["expert_id"])
    _begin_with_those_there_are()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.drop_table("pool_changes")


def _begin_with_those_there_are() -> None:
    connection = op.get_bind()
    experts = sa.table(
        "experts",
        *(sa.column(name) for name in ("id", "bureau_id", "employer_id", "active")),
        sa.column("fields", Json()),
        sa.column("ties", Json()),
    )
    units = sa.table("organisations", sa.column("id"), sa.column("uscc"))
    clock = sa.table("clock", sa.column("story"), sa.column("at", Instant()))
    changes = sa.table(
        "pool_changes",
        *(sa.column(name) for name in ("bureau_id", "seq", "expert_id", "kind", "prev_hash", "hash")),
        sa.column("at", Instant()),
        sa.column("state", Json()),
    )
    story = connection.execute(sa.select(clock.c.at)).scalar()
    now = story or datetime.datetime.now(datetime.UTC)
    heads: dict[int, tuple[int, str]] = {}
    rows = connection.execute(
        sa.select(experts, units.c.uscc)
        .select_from(experts.outerjoin(units, units.c.id == experts.c.employer_id))
        .order_by(experts.c.id)
    ).all()
    for row in rows:
        seq, head = heads.get(row.bureau_id, (0, ORIGIN))
        state = {
            "employer": row.uscc,
            "fields": list(row.fields),
            "ties": list(row.ties),
            "active": bool(row.active),
        }
        content = [head, row.bureau_id, seq + 1, row.id, "admitted", now.timestamp(), None, None, state]
        seal = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
        connection.execute(
            changes.insert().values(
                bureau_id=row.bureau_id,
                seq=seq + 1,
                expert_id=row.id,
                kind="admitted",
                at=now,
                state=state,
                prev_hash=head,
                hash=seal,
            )
        )
        heads[row.bureau_id] = (seq + 1, seal)
