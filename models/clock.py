"""Whose time this database lives in."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.instant import Instant


class Clock(Record, table=True):
    """One row: real time, or (a story) the moved time `at`.

    Which of the two is settled when the database is created; the database refuses to
    change it or to delete the row.
    """

    __tablename__ = "clock"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("story = (at IS NOT NULL)", name="moved_only_in_a_story"),
    )

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    story: bool
    at: datetime | None = Field(default=None, sa_type=Instant)
