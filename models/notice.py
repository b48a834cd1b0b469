"""The outbox: notices, and each attempt to deliver one."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, digest, one_of, written
from models.instant import Instant
from models.json_column import Json

DEAD = text("state = 'dead'")
UNSENT = text("state IN ('pending', 'sending', 'failed')")
OF_NO_SUBJECT = text("subject_id IS NULL")

URGENT: Final = 0
ORDINARY: Final = 1
LATER: Final = 2
"""How urgent a notice is: under a backlog the lower figure goes first. Digests and summaries come LATER."""


class Notice(Record, table=True):
    """A message that one cause owes one recipient over one channel, at most once.

    ``cause`` is an event of the subject (``event 7``, with its number in ``seq``), a rung of one of its
    deadlines (``rung recommendation 1 before_3d``), or what operations owe their own people, of no subject.
    ``not_before`` is when it next has a turn: after a pause, in the morning of a digest, when a lease ends.
    ``strikes`` are the failures that count towards giving it up, ``attempts`` are all of them. Notices of
    one recipient and channel with the same ``bundle`` leave as one message. ``instead_of`` is the notice
    that another channel could not deliver.
    """

    __tablename__ = "notices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["subject_id", "seq"],
            ["events.subject_id", "events.seq"],
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("subject_id", "cause", "recipient_id", "channel"),
        # NULLs differ from each other in a UNIQUE.
        Index(
            "uq_notices_of_no_subject",
            "cause",
            "recipient_id",
            "channel",
            unique=True,
            sqlite_where=OF_NO_SUBJECT,
            postgresql_where=OF_NO_SUBJECT,
        ),
        CheckConstraint("seq IS NULL OR subject_id IS NOT NULL", name="event_of_subject"),
        one_of("state", "pending", "sending", "sent", "failed", "dead"),
        one_of("language", "zh", "en"),
        CheckConstraint("urgency BETWEEN 0 AND 2", name="urgency"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("strikes BETWEEN 0 AND attempts", name="strikes"),
        written("cause", 300),
        written("text", 100),
        written("channel", 40),
        written("message_id", 200),
        written("bundle", 40),
        Index("ix_notices_dead", "subject_id", sqlite_where=DEAD, postgresql_where=DEAD),
        # With the number, in the order of claims: else PostgreSQL sorts all that wait for sixty of them.
        Index(
            "ix_notices_unsent",
            "channel",
            "urgency",
            "not_before",
            "id",
            sqlite_where=UNSENT,
            postgresql_where=UNSENT,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int | None = Field(default=None, foreign_key="subjects.id")
    cause: str
    seq: int | None = None
    text: str
    recipient_id: int = Field(foreign_key="people.id", index=True)
    channel: str = "email"
    language: str = "zh"
    urgency: int = ORDINARY
    state: str = "pending"
    context: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    strikes: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    possibly_twice: bool = False
    message_id: str = Field(unique=True)
    bundle: str | None = None
    instead_of: int | None = Field(default=None, foreign_key="notices.id")


class Delivery(Record, table=True):
    """One attempt and the channel's answer; the database refuses to change or delete it.

    ``id`` counts the attempts from 1 without a gap, and ``hash`` covers the attempt, what its notice was to
    whom, and the hash before it. ``content_hash`` is that of the message handed over, NULL where there was
    none to hand over.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "attempt"),
        CheckConstraint("attempt >= 1", name="attempt"),
        CheckConstraint("duration_ms >= 0", name="duration_ms"),
        at_most("answer", 4000),
        digest("content_hash"),
        digest("prev_hash"),
        digest("hash"),
    )

    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notices.id")
    attempt: int
    at: datetime = Field(sa_type=Instant)
    channel: str
    ok: bool
    answer: str
    duration_ms: int
    content_hash: str | None = None
    prev_hash: str
    hash: str
