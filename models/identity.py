"""Who people are to an identity provider."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.instant import Instant


class Identity(Record, table=True):
    """The subject by which an identity provider knows a person who is known here already."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), written("issuer", 300), written("subject", 255))

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    issuer: str
    subject: str
    linked_at: datetime = Field(sa_type=Instant)
