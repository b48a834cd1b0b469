"""Defences before the panel."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.instant import Instant

AHEAD = text("attended IS NULL")
NOT_MISSED = text("attended IS NULL OR attended = true")


class Defence(Record, table=True):
    """A defence that is scheduled and, once `attended` is there, held or missed at `held_at`.

    `day` is Shanghai's; on it no two defences of a call have the same place in the order, `position`. A
    missed one gives its place back, and at most one of a case lies ahead. One that is cancelled, since its
    case ended, has no position as soon as another needs it.
    """

    __tablename__ = "defences"
    __table_args__ = (
        Index(
            "uq_defences_position",
            "call_id",
            "day",
            "position",
            unique=True,
            sqlite_where=NOT_MISSED,
            postgresql_where=NOT_MISSED,
        ),
        Index("uq_defences_ahead", "subject_id", unique=True, sqlite_where=AHEAD, postgresql_where=AHEAD),
        Index(None, "subject_id"),
        CheckConstraint("position >= 1", name="position"),
        CheckConstraint("(attended IS NULL) = (held_at IS NULL)", name="held"),
        written("place", 200),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="subjects.id")
    call_id: int | None = Field(default=None, foreign_key="calls.subject_id")
    scheduled_for: datetime = Field(sa_type=Instant)
    day: date
    place: str
    position: int | None
    attended: bool | None = None
    held_at: datetime | None = Field(default=None, sa_type=Instant)
