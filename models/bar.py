"""Bars on leading and on joining a core layer."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.instant import Instant


class Bar(Record, table=True):
    """One bar on one unit within one bureau, from the service of the decision; void once that is overturned.

    `breached_on` is when the unit was in breach, which the term does not count from.
    """

    __tablename__ = "bars"
    __table_args__ = (
        written("document_number", 100),
        CheckConstraint("last_day >= first_day", name="term"),
    )

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    bureau_id: int = Field(foreign_key="bureaus.id")
    organisation_id: int = Field(foreign_key="organisations.id", index=True)
    breached_on: date
    first_day: date
    last_day: date
    document_number: str
    void_at: datetime | None = Field(default=None, sa_type=Instant)
