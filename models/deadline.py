"""Deadlines and the ledger that explains each of their dates."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, one_of, written
from models.instant import Instant

PROVISIONAL = text("state = 'running' AND provisional")
AGAIN = text("occurrence >= 2 AND holder = 'applicant'")


class Deadline(Record, table=True):
    """A deadline of a subject; `due_at` is NULL exactly while it is suspended."""

    __tablename__ = "deadlines"
    __table_args__ = (
        one_of("state", "running", "suspended", "overdue", "met", "lapsed", "cancelled"),
        CheckConstraint("state <> 'running' OR due_at IS NOT NULL", name="running_is_due"),
        CheckConstraint("state <> 'suspended' OR due_at IS NULL", name="suspended_is_not_due"),
        written("name", 100),
        Index(
            "ix_deadlines_provisional",
            "due_at",
            sqlite_where=PROVISIONAL,
            postgresql_where=PROVISIONAL,
        ),
        Index("ix_deadlines_again", "subject_id", sqlite_where=AGAIN, postgresql_where=AGAIN),
    )

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    name: str = Field(primary_key=True)
    occurrence: int = Field(primary_key=True)
    holder: str
    state: str
    base_at: datetime = Field(sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    provisional: bool = False
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class LedgerEntry(Record, table=True):
    """One reason why a deadline is when it is; the database refuses to change or delete it."""

    __tablename__ = "ledger"
    __table_args__ = (
        ForeignKeyConstraint(
            ["subject_id", "name", "occurrence"],
            ["deadlines.subject_id", "deadlines.name", "deadlines.occurrence"],
            deferrable=True,
            initially="DEFERRED",
        ),
        ForeignKeyConstraint(
            ["subject_id", "seq"],
            ["events.subject_id", "events.seq"],
            deferrable=True,
            initially="DEFERRED",
        ),
        one_of(
            "kind",
            "started",
            "suspended",
            "resumed",
            "extended",
            "met",
            "overdue",
            "lapsed",
            "cancelled",
            "recalculated",
            "restored",
        ),
        at_most("reason", 2000),
    )

    subject_id: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    occurrence: int = Field(primary_key=True)
    entry: int = Field(primary_key=True)
    seq: int
    kind: str
    at: datetime = Field(sa_type=Instant)
    due_before: datetime | None = Field(default=None, sa_type=Instant)
    due_after: datetime | None = Field(default=None, sa_type=Instant)
    remaining: str | None = None
    reason: str | None = None
    person_id: int | None = Field(default=None, foreign_key="people.id")
    calendar: str | None = None
    provisional: bool = False
