"""Notices of events, rungs and operations; channels, breakers, addresses; deliveries in a chain."""

import hashlib

import orjson
import sqlalchemy as sa
from alembic import op

from models.instant import Instant
from models.json_column import Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNSENT = sa.text("state IN ('pending', 'sending', 'failed')")
OF_NO_SUBJECT = sa.text("subject_id IS NULL")

KEEP = """
    CREATE TRIGGER deliveries_keep BEFORE UPDATE ON deliveries
    BEGIN SELECT RAISE(ABORT, 'deliveries are append-only'); END
    """
STAY = """
    CREATE TRIGGER deliveries_stay BEFORE DELETE ON deliveries
    BEGIN SELECT RAISE(ABORT, 'deliveries are append-only'); END
    """


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.CheckConstraint("length(channel) BETWEEN 1 AND 40", name=op.f("ck_addresses_channel_length")),
        sa.CheckConstraint("length(value) BETWEEN 1 AND 4000", name=op.f("ck_addresses_value_length")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_addresses_person_id")),
        sa.PrimaryKeyConstraint("person_id", "channel", name=op.f("pk_addresses")),
    )
    op.create_table(
        "breakers",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("length(channel) BETWEEN 1 AND 40", name=op.f("ck_breakers_channel_length")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_breakers_failures")),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (retry_at IS NULL)", name=op.f("ck_breakers_open_has_a_retry")
        ),
        sa.CheckConstraint("length(reason) <= 4000", name=op.f("ck_breakers_reason_length")),
        sa.PrimaryKeyConstraint("channel", "person_id", name=op.f("pk_breakers")),
    )
    op.add_column("people", sa.Column("choices", Json(), nullable=True))
    _notices()
    _deliveries()


def _notices() -> None:
    op.drop_index("ix_notices_unsent", "notices")
    for column in (
        sa.Column("cause", sa.String()),
        sa.Column("language", sa.String()),
        sa.Column("urgency", sa.Integer()),
        sa.Column("strikes", sa.Integer()),
        sa.Column("bundle", sa.String()),
        sa.Column("instead_of", sa.Integer()),
    ):
        op.add_column("notices", column)
    op.execute(
        """
        UPDATE notices SET cause = 'event ' || seq, urgency = 1, strikes = attempts,
            not_before = coalesce(CASE WHEN state = 'sending' THEN leased_until END, not_before, created_at),
            language = (SELECT language FROM people WHERE people.id = notices.recipient_id)
        """
    )
    with op.batch_alter_table("notices") as notices:
        notices.drop_constraint(op.f("uq_notices_subject_id_seq_recipient_id_channel"), type_="unique")
        for name in ("subject_id", "seq"):
            notices.alter_column(name, existing_type=sa.Integer(), nullable=True)
        for name, kind in (
            ("cause", sa.String()),
            ("language", sa.String()),
            ("urgency", sa.Integer()),
            ("strikes", sa.Integer()),
            ("not_before", Instant()),
        ):
            notices.alter_column(name, existing_type=kind, nullable=False)
        for name, rule in (
            ("event_of_subject", "seq IS NULL OR subject_id IS NOT NULL"),
            ("language", "language IN ('zh', 'en')"),
            ("urgency", "urgency BETWEEN 0 AND 2"),
            ("strikes", "strikes BETWEEN 0 AND attempts"),
            ("cause_length", "length(cause) BETWEEN 1 AND 300"),
            ("bundle_length", "length(bundle) BETWEEN 1 AND 40"),
        ):
            notices.create_check_constraint(op.f(f"ck_notices_{name}"), rule)
        notices.create_foreign_key(op.f("fk_notices_instead_of"), "notices", ["instead_of"], ["id"])
        notices.create_unique_constraint(
            op.f("uq_notices_subject_id_cause_recipient_id_channel"),
            ["subject_id", "cause", "recipient_id", "channel"],
        )
    op.create_index(
        "ix_notices_unsent",
        "notices",
        ["channel", "urgency", "not_before"],
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )
    op.create_index(
        "uq_notices_of_no_subject",
        "notices",
        ["cause", "recipient_id", "channel"],
        unique=True,
        sqlite_where=OF_NO_SUBJECT,
        postgresql_where=OF_NO_SUBJECT,
    )


def _deliveries() -> None:
    for name in ("content_hash", "prev_hash", "hash"):
        op.add_column("deliveries", sa.Column(name, sa.String()))
    _unguard()
    _chain()
    with op.batch_alter_table("deliveries") as deliveries:
        for name in ("prev_hash", "hash"):
            deliveries.alter_column(name, existing_type=sa.String(), nullable=False)
        for name in ("content_hash", "prev_hash", "hash"):
            deliveries.create_check_constraint(op.f(f"ck_deliveries_{name}_length"), f"length({name}) = 64")
    _guard()


def _chain() -> None:
    """Number the attempts made so far from 1, and link them."""
    connection = op.get_bind()
    deliveries = sa.table(
        "deliveries",
        *(sa.column(name, sa.Integer()) for name in ("id", "notice_id", "attempt", "duration_ms")),
        *(sa.column(name, sa.String()) for name in ("channel", "answer", "prev_hash", "hash")),
        sa.column("at", Instant()),
        sa.column("ok", sa.Boolean()),
    )
    notices = sa.table(
        "notices",
        *(sa.column(name, sa.Integer()) for name in ("id", "subject_id", "recipient_id")),
        *(sa.column(name, sa.String()) for name in ("cause", "text")),
    )
    rows = connection.execute(
        sa.select(deliveries, notices.c.subject_id, notices.c.cause, notices.c.recipient_id, notices.c.text)
        .join(notices, notices.c.id == deliveries.c.notice_id)
        .order_by(deliveries.c.id)
    ).all()
    head = "0" * 64
    for number, row in enumerate(rows, 1):
        content = [
            head,
            number,
            *(row.notice_id, row.attempt, row.at.timestamp(), row.channel, row.ok, row.answer),
            *(row.duration_ms, None, row.subject_id, row.cause, row.recipient_id, row.text),
        ]
        own = hashlib.sha256(orjson.dumps(content)).hexdigest()
        connection.execute(
            sa.update(deliveries).where(deliveries.c.id == row.id).values(id=number, prev_hash=head, hash=own)
        )
        head = own


def _unguard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER deliveries_keep")
        op.execute("DROP TRIGGER deliveries_stay")
    else:
        op.execute("ALTER TABLE deliveries DISABLE TRIGGER USER")


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(KEEP)
        op.execute(STAY)
    else:
        op.execute("ALTER TABLE deliveries ENABLE TRIGGER USER")


def downgrade() -> None:
    """Back to notices of events by one channel; others, and what was tried for them, are dropped."""
    _unguard()
    others = "SELECT id FROM notices WHERE seq IS NULL OR instead_of IS NOT NULL"
    op.execute(f"DELETE FROM deliveries WHERE notice_id IN ({others})")  # noqa: S608
    op.execute("UPDATE notices SET instead_of = NULL WHERE seq IS NULL")
    op.execute("DELETE FROM notices WHERE seq IS NULL OR instead_of IS NOT NULL")
    with op.batch_alter_table("deliveries") as deliveries:
        for name in ("content_hash", "prev_hash", "hash"):
            deliveries.drop_constraint(op.f(f"ck_deliveries_{name}_length"), type_="check")
            deliveries.drop_column(name)
    _guard()
    op.drop_index("uq_notices_of_no_subject", "notices")
    op.drop_index("ix_notices_unsent", "notices")
    with op.batch_alter_table("notices") as notices:
        notices.drop_constraint(op.f("uq_notices_subject_id_cause_recipient_id_channel"), type_="unique")
        notices.drop_constraint(op.f("fk_notices_instead_of"), type_="foreignkey")
        for name in ("event_of_subject", "language", "urgency", "strikes", "cause_length", "bundle_length"):
            notices.drop_constraint(op.f(f"ck_notices_{name}"), type_="check")
        for name in ("cause", "language", "urgency", "strikes", "bundle", "instead_of"):
            notices.drop_column(name)
        for name in ("subject_id", "seq"):
            notices.alter_column(name, existing_type=sa.Integer(), nullable=False)
        notices.alter_column("not_before", existing_type=Instant(), nullable=True)
        notices.create_unique_constraint(
            op.f("uq_notices_subject_id_seq_recipient_id_channel"),
            ["subject_id", "seq", "recipient_id", "channel"],
        )
    op.create_index(
        "ix_notices_unsent",
        "notices",
        ["not_before", "created_at"],
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )
    with op.batch_alter_table("people") as people:
        people.drop_column("choices")
    op.drop_table("breakers")
    op.drop_table("addresses")
