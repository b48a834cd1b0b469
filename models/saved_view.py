"""What somebody often narrows a work list to."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, one_of, written
from models.instant import Instant


class SavedView(Record, table=True):
    """A person's own name for what the list of a desk is narrowed to: the query of its address."""

    __tablename__ = "saved_views"
    __table_args__ = (
        UniqueConstraint("person_id", "desk", "name"),
        one_of("desk", "bureau", "district"),
        written("name", 40),
        at_most("query", 500),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id")
    desk: str
    name: str
    query: str
    made_at: datetime = Field(sa_type=Instant)
