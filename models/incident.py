"""What went wrong and waits for operations: its causes, the cases they hit, and who did what about it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, one_of, written
from models.instant import Instant
from models.json_column import Json

# Unresolved, and not told by a case's due date alone.
UNTOLD = text("state <> 'closed' AND kind <> 'overdue'")


class Incident(Record, table=True):
    """A failure, counted under its fingerprint however often it comes back.

    `subject_id` is the case it was first seen with; every case it hit has a row of its own. `says` is the
    summary in Chinese and in English, where the program has words for it; of an error there are its own only.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        one_of("state", "open", "acknowledged", "closed"),
        CheckConstraint("occurrences >= 1", name="occurrences"),
        CheckConstraint("last_seen >= first_seen", name="seen"),
        written("fingerprint", 200),
        written("kind", 100),
        written("summary", 1000),
        Index(None, "state", "last_seen"),
        Index("ix_incidents_untold", "id", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
    )

    id: int | None = Field(default=None, primary_key=True)
    fingerprint: str = Field(unique=True)
    kind: str
    subject_id: int | None = Field(default=None, foreign_key="subjects.id", index=True)
    summary: str
    says: dict[str, str] | None = Field(default=None, sa_type=Json)
    detail: str = Field(sa_type=Text)
    first_seen: datetime = Field(sa_type=Instant)
    last_seen: datetime = Field(sa_type=Instant)
    occurrences: int = 1
    state: str = "open"
    assigned_to: int | None = Field(default=None, foreign_key="people.id")


class IncidentCase(Record, table=True):
    """A case that an incident's cause hit: still failing, or recovered since."""

    __tablename__ = "incident_cases"
    __table_args__ = (
        one_of("state", "failing", "recovered"),
        CheckConstraint("occurrences >= 1", name="occurrences"),
        CheckConstraint("last_seen >= first_seen", name="seen"),
        written("summary", 1000),
        Index(None, "subject_id"),
        Index(None, "incident_id", "state", "subject_id"),
    )

    incident_id: int = Field(primary_key=True, foreign_key="incidents.id")
    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    state: str = "failing"
    summary: str
    first_seen: datetime = Field(sa_type=Instant)
    last_seen: datetime = Field(sa_type=Instant)
    occurrences: int = 1


class IncidentEntry(Record, table=True):
    """What was done about an incident, by whom; the database refuses to change or delete it."""

    __tablename__ = "incident_entries"
    __table_args__ = (
        one_of(
            "kind",
            "raised",
            "raised_again",
            "acknowledged",
            "assigned",
            "retried",
            "recovered",
            "failed_again",
            "resolved",
            "closed",
        ),
        at_most("remark", 2000),
        Index(None, "incident_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incidents.id")
    at: datetime = Field(sa_type=Instant)
    kind: str
    subject_id: int | None = Field(default=None, foreign_key="subjects.id")
    person_id: int | None = Field(default=None, foreign_key="people.id")
    role: str
    on_behalf_of: int | None = Field(default=None, foreign_key="people.id")
    remark: str | None = None
