"""Published procedure packs."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import digest, written
from models.instant import Instant
from models.json_column import Json


class Revision(Record, table=True):
    """A pack as it was published: every file of it, under the hash of them all."""

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("code", "content_hash"),
        written("code", 100),
        digest("content_hash"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str
    content_hash: str = Field(unique=True)
    content: dict[str, str] = Field(sa_type=Json)
    published_at: datetime = Field(sa_type=Instant)
    published_by: int | None = Field(default=None, foreign_key="people.id")
