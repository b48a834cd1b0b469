"""Panels of experts and what they scored."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, one_of, written
from models.instant import Instant


class Panel(Record, table=True):
    """A panel named for a subject, and how many experts it has to have."""

    __tablename__ = "panels"
    __table_args__ = (
        UniqueConstraint("subject_id", "occurrence"),
        CheckConstraint("size > 0", name="size"),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="subjects.id")
    occurrence: int = 1
    named_at: datetime = Field(sa_type=Instant)
    size: int


class PanelMember(Record, table=True):
    """An expert's place on a subject's panel."""

    __tablename__ = "panel_members"
    __table_args__ = (
        UniqueConstraint("subject_id", "expert_id"),
        one_of("state", "assigned", "conflicted", "replaced"),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="subjects.id")
    expert_id: int = Field(foreign_key="experts.id", index=True)
    state: str = "assigned"


class Score(Record, table=True):
    """An expert's score at a stage, in hundredths of a point (0 to 10,000), so that sums stay exact.

    Only scores that count have a row; one dropped with its expert's seat stands in the events.
    """

    __tablename__ = "scores"
    __table_args__ = (
        UniqueConstraint("subject_id", "stage", "expert_id"),
        CheckConstraint("score BETWEEN 0 AND 10000", name="score"),
        written("stage", 100),
        at_most("comment", 4000),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="subjects.id")
    stage: str
    expert_id: int = Field(foreign_key="experts.id", index=True)
    score: int
    comment: str | None = None
    scored_at: datetime = Field(sa_type=Instant)
    frozen: bool = False
