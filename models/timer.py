"""Rungs of a deadline's ladder: reminders, escalations, the lapse itself."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of, written
from models.instant import Instant


class Timer(Record, table=True):
    """An instant at which one rung of one deadline falls due, once.

    The rung `due` is the passing of the deadline. `why` says why another was skipped, or that there was
    `nobody` to tell: it began later, no sending hours were left, a later one was sent in its place, or its
    time was over.
    """

    __tablename__ = "timers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["subject_id", "deadline", "occurrence"],
            ["deadlines.subject_id", "deadlines.name", "deadlines.occurrence"],
            deferrable=True,
            initially="DEFERRED",
        ),
        one_of("state", "pending", "fired", "skipped", "cancelled"),
        one_of("why", "began_later", "no_hours_left", "merged", "too_late", "nobody"),
        written("rung", 100),
    )

    subject_id: int = Field(primary_key=True)
    deadline: str = Field(primary_key=True)
    occurrence: int = Field(primary_key=True)
    rung: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    state: str = "pending"
    why: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
