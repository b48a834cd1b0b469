"""Experts' word that nothing ties them to a case."""

from datetime import datetime

from sqlmodel import Field

from models.base import Record
from models.instant import Instant


class NoConflict(Record, table=True):
    """An expert has declared that nothing ties them to a case. The database refuses to change or delete it.

    A conflict that is declared is an event of the case instead, and takes the expert off its panel.
    """

    __tablename__ = "no_conflicts"

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    person_id: int = Field(primary_key=True, foreign_key="people.id")
    at: datetime = Field(sa_type=Instant)
