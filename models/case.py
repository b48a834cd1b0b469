"""Applications' lives from draft to archive (办件)."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, written
from models.instant import Instant

OPEN = text("closed = false")


class Case(Record, table=True):
    """One application: who leads it, where it belongs, under which number.

    A lead unit has at most one open case in a call.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("bureau_id", "number"),
        Index(
            "uq_cases_open_lead",
            "call_id",
            "lead_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(None, "call_id", "district_id"),
        Index(None, "lead_id"),
        Index(None, "district_id", "closed", "submitted_at"),
        Index(None, "bureau_id", "closed", "district_id", "submitted_at"),
        written("number", 100),
        at_most("direction", 200),
    )

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    call_id: int | None = Field(default=None, foreign_key="calls.subject_id")
    bureau_id: int = Field(foreign_key="bureaus.id")
    number: str
    lead_id: int = Field(foreign_key="organisations.id")
    district_id: int = Field(foreign_key="bureaus.id")
    direction: str | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=Instant)
    closed: bool = False
