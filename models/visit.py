"""Site visits to the lead unit."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, one_of
from models.instant import Instant
from models.json_column import Json


class Visit(Record, table=True):
    """A visit that is scheduled and, once `result` is there, recorded."""

    __tablename__ = "visits"
    __table_args__ = (
        one_of("result", "passed", "failed"),
        CheckConstraint("result IS NULL OR visited_on IS NOT NULL", name="result_of_a_visit"),
        at_most("findings", 8000),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="subjects.id", index=True)
    scheduled_for: datetime = Field(sa_type=Instant)
    team: list[Any] = Field(default_factory=list, sa_type=Json)
    visited_on: date | None = None
    result: str | None = None
    findings: str | None = None
