"""What happened to a subject, in order, for good."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import Record
from models.constraint import digest, written
from models.instant import Instant
from models.json_column import JsonText

REPEATABLE = text("act_key IS NOT NULL")


class Event(Record, table=True):
    """One link of a subject's hash chain.

    The database refuses to change or delete it, with one exception: `personal` may be
    set to NULL, which erases it. `act_key` makes a repeated request find its first answer.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("seq >= 0", name="seq"),
        CheckConstraint("schema_version >= 1", name="schema_version"),
        written("act_key", 200),
        digest("prev_hash"),
        digest("hash"),
        Index(
            "uq_events_act_key",
            "subject_id",
            "act_key",
            unique=True,
            sqlite_where=REPEATABLE,
            postgresql_where=REPEATABLE,
        ),
        Index(None, "recorded_at"),
        Index(None, "person_id", "recorded_at"),
    )

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    seq: int = Field(primary_key=True)
    kind: str
    schema_version: int
    effective_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    person_id: int | None = Field(default=None, foreign_key="people.id")
    role: str
    on_behalf_of: int | None = Field(default=None, foreign_key="people.id")
    act: str | None = None
    act_key: str | None = None
    data: str = Field(sa_type=JsonText)
    personal: str | None = Field(default=None, sa_type=JsonText)
    prev_hash: str
    hash: str
