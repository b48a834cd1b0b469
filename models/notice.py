"""The outbox: notices, and each attempt to deliver one."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, one_of, written
from models.instant import Instant
from models.json_column import Json

UNSENT = text("state IN ('pending', 'sending', 'failed')")


class Notice(Record, table=True):
    """A message that one event owes one recipient over one channel, at most once."""

    __tablename__ = "notices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["subject_id", "seq"],
            ["events.subject_id", "events.seq"],
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("subject_id", "seq", "recipient_id", "channel"),
        one_of("state", "pending", "sending", "sent", "failed", "dead"),
        CheckConstraint("attempts >= 0", name="attempts"),
        written("text", 100),
        written("channel", 40),
        written("message_id", 200),
        Index(
            "ix_notices_unsent",
            "not_before",
            "created_at",
            sqlite_where=UNSENT,
            postgresql_where=UNSENT,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="subjects.id")
    seq: int
    text: str
    recipient_id: int = Field(foreign_key="people.id", index=True)
    channel: str = "email"
    state: str = "pending"
    context: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    possibly_twice: bool = False
    message_id: str = Field(unique=True)


class Delivery(Record, table=True):
    """One attempt and the channel's answer; the database refuses to change or delete it."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "attempt"),
        CheckConstraint("attempt >= 1", name="attempt"),
        CheckConstraint("duration_ms >= 0", name="duration_ms"),
        at_most("answer", 4000),
    )

    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notices.id")
    attempt: int
    at: datetime = Field(sa_type=Instant)
    channel: str
    ok: bool
    answer: str
    duration_ms: int
