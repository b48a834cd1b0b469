"""What the machine moves: one row for each call, application, register entry and so on."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import Record
from models.constraint import digest, one_of, written
from models.instant import Instant
from models.json_column import JsonText

WAITING = text("wake_at IS NOT NULL")
OPEN = text("outcome IS NULL AND district_id IS NOT NULL")
OPEN_MATTER = text("outcome IS NULL AND entry_district_id IS NOT NULL")


class Subject(Record, table=True):
    """The present state of one subject, its version and the head of its event chain.

    `wake_at` is the next instant at which something must happen to it without a person: the earliest of its
    pending timers. `passes_at` is the earliest of those at which a deadline passes. A subject with an outcome
    never wakes. `due_at` is when a submitted case is due, or was and is not done: the earliest of its
    deadlines that run or are overdue. `district_id` is its recommending unit; what comes after filing has
    that of its entry in `entry_district_id`, so that open cases and open matters have indexes of their own.
    """

    __tablename__ = "subjects"
    __table_args__ = (
        one_of(
            "kind",
            "call",
            "application",
            "evaluation",
            "change",
            "revocation",
            "claim",
            "entry",
            "round",
            "disqualification",
        ),
        CheckConstraint("version >= 0", name="version"),
        CheckConstraint("outcome IS NULL OR wake_at IS NULL", name="closed_stays_closed"),
        digest("head"),
        written("stage", 100),
        written("outcome", 100),
        Index(
            "ix_subjects_waking",
            "kind",
            "parent_id",
            "stage",
            "wake_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index("ix_subjects_due", "wake_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index(
            "ix_subjects_urgency",
            "bureau_id",
            "due_at",
            "district_id",
            "stage",
            "id",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "ix_subjects_backlog",
            "bureau_id",
            "district_id",
            "stage",
            "due_at",
            "entered_at",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "ix_subjects_matters",
            "bureau_id",
            "due_at",
            "entry_district_id",
            "stage",
            "kind",
            "id",
            sqlite_where=OPEN_MATTER,
            postgresql_where=OPEN_MATTER,
        ),
        Index(
            "ix_subjects_matters_of_district",
            "bureau_id",
            "entry_district_id",
            "due_at",
            "stage",
            "kind",
            "id",
            sqlite_where=OPEN_MATTER,
            postgresql_where=OPEN_MATTER,
        ),
        Index(None, "parent_id", "stage"),
        Index(None, "bureau_id", "kind", "stage"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    bureau_id: int = Field(foreign_key="bureaus.id")
    parent_id: int | None = Field(default=None, foreign_key="subjects.id")
    revision_id: int = Field(foreign_key="revisions.id")
    stage: str
    outcome: str | None = None
    version: int
    state: str = Field(sa_type=JsonText)
    head: str
    entered_at: datetime = Field(sa_type=Instant)
    wake_at: datetime | None = Field(default=None, sa_type=Instant)
    passes_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    district_id: int | None = Field(default=None, foreign_key="bureaus.id")
    entry_district_id: int | None = Field(default=None, foreign_key="bureaus.id")
