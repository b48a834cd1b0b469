"""The pool from which panels are drawn."""

from sqlmodel import Field

from models.base import Record
from models.json_column import Json


class Expert(Record, table=True):
    """A person in a bureau's expert pool, with fields of knowledge and declared ties.

    A tie is the credit code of a unit, or the keyed digest of a person's ID number.
    """

    __tablename__ = "experts"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", unique=True)
    bureau_id: int = Field(foreign_key="bureaus.id", index=True)
    employer_id: int | None = Field(default=None, foreign_key="organisations.id")
    fields: list[str] = Field(default_factory=list, sa_type=Json)
    ties: list[str] = Field(default_factory=list, sa_type=Json)
    active: bool = True
