"""Breaches of trust in a city's research credit file (科研诚信记录)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.instant import Instant


class CreditRecord(Record, table=True):
    """One breach of trust, of a unit or of a person, and to whom it was referred if a crime is suspected."""

    __tablename__ = "credit_records"
    __table_args__ = (
        written("facts", 2000),
        written("source", 500),
        written("referred_to", 200),
        CheckConstraint("organisation_id IS NOT NULL OR person_id IS NOT NULL", name="of_somebody"),
        CheckConstraint("(referred_on IS NULL) = (referred_to IS NULL)", name="referred"),
    )

    id: int | None = Field(default=None, primary_key=True)
    bureau_id: int = Field(foreign_key="bureaus.id", index=True)
    organisation_id: int | None = Field(default=None, foreign_key="organisations.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="people.id", index=True)
    facts: str
    source: str
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: int = Field(foreign_key="people.id")
    referred_on: date | None = None
    referred_to: str | None = None
