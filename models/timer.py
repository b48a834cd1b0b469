"""Rungs of a deadline's ladder: reminders, escalations, the lapse itself."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of, written
from models.instant import Instant

PENDING = text("state = 'pending'")


class Timer(Record, table=True):
    """An instant at which one rung of one deadline falls due, once."""

    __tablename__ = "timers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["subject_id", "deadline", "occurrence"],
            ["deadlines.subject_id", "deadlines.name", "deadlines.occurrence"],
            deferrable=True,
            initially="DEFERRED",
        ),
        one_of("state", "pending", "fired", "skipped", "cancelled"),
        written("rung", 100),
        Index("ix_timers_pending", "at", sqlite_where=PENDING, postgresql_where=PENDING),
    )

    subject_id: int = Field(primary_key=True)
    deadline: str = Field(primary_key=True)
    occurrence: int = Field(primary_key=True)
    rung: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    state: str = "pending"
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
