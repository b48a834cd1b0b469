"""Roles handed over to substitutes for a time, and who supervises whom."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.instant import Instant


class Delegation(Record, table=True):
    """A role handed over to a substitute of the same unit, from `first_day` to `last_day`, both included.

    One that was ended early has `ended_at`, from which on nobody stands in by it; its row stays for good.
    """

    __tablename__ = "delegations"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        written("reason", 2000),
        Index(None, "role_id", "last_day"),
        Index(None, "substitute_id", "last_day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    role_id: int = Field(foreign_key="roles.id")
    substitute_id: int = Field(foreign_key="people.id")
    first_day: date
    last_day: date
    reason: str
    made_at: datetime = Field(sa_type=Instant)
    made_by: int = Field(foreign_key="people.id")
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: int | None = Field(default=None, foreign_key="people.id")


class Supervisor(Record, table=True):
    """Who supervises the holder of a role, inside the role's unit."""

    __tablename__ = "supervisors"

    role_id: int = Field(primary_key=True, foreign_key="roles.id")
    person_id: int = Field(foreign_key="people.id")
