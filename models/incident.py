"""What went wrong and waits for operations."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of, written
from models.instant import Instant


class Incident(Record, table=True):
    """A failure, counted under its fingerprint however often it comes back."""

    __tablename__ = "incidents"
    __table_args__ = (
        one_of("state", "open", "acknowledged", "closed"),
        CheckConstraint("occurrences >= 1", name="occurrences"),
        CheckConstraint("last_seen >= first_seen", name="seen"),
        written("fingerprint", 200),
        written("kind", 100),
        written("summary", 1000),
        Index(None, "state", "last_seen"),
    )

    id: int | None = Field(default=None, primary_key=True)
    fingerprint: str = Field(unique=True)
    kind: str
    subject_id: int | None = Field(default=None, foreign_key="subjects.id", index=True)
    summary: str
    detail: str = Field(sa_type=Text)
    first_seen: datetime = Field(sa_type=Instant)
    last_seen: datetime = Field(sa_type=Instant)
    occurrences: int = 1
    state: str = "open"
    assigned_to: int | None = Field(default=None, foreign_key="people.id")
