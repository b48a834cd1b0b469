"""Who urged the holder of a case, or of what comes after its filing, and when."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, one_of
from models.instant import Instant


class Urge(Record, table=True):
    """One urge; `people` counts who was told. The database refuses to change or delete it."""

    __tablename__ = "urges"
    __table_args__ = (
        one_of("holder", "applicant", "district", "bureau", "panel"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("people >= 0", name="people"),
        at_most("remark", 500),
    )

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    person_id: int = Field(foreign_key="people.id")
    role: str
    stage: str
    holder: str
    remark: str
    people: int
