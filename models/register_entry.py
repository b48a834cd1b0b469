"""The register of filed consortia (备案名册)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, one_of, written
from models.instant import Instant

VALID = text("state = 'valid'")


class RegisterEntry(Record, table=True):
    """A filed consortium: official name, number and validity.

    Its number is unique within its bureau, its name among the entries that are valid: one that is renewed
    keeps its name.
    """

    __tablename__ = "register_entries"
    __table_args__ = (
        UniqueConstraint("bureau_id", "number"),
        Index(
            "uq_register_entries_valid_name",
            "bureau_id",
            "name",
            unique=True,
            sqlite_where=VALID,
            postgresql_where=VALID,
        ),
        CheckConstraint("valid_to >= valid_from", name="validity"),
        one_of("state", "valid", "expired", "revoked", "dissolved"),
        written("number", 100),
        written("name", 300),
        at_most("direction", 200),
        at_most("document_number", 200),
    )

    id: int | None = Field(default=None, primary_key=True)
    bureau_id: int = Field(foreign_key="bureaus.id")
    subject_id: int = Field(foreign_key="subjects.id", unique=True)
    number: str
    name: str
    lead_id: int = Field(foreign_key="organisations.id", index=True)
    direction: str | None = None
    valid_from: date
    valid_to: date | None = None
    filed_at: datetime = Field(sa_type=Instant)
    document_number: str | None = None
    state: str = "valid"
