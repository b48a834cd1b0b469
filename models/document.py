"""Attached documents and the stored contents behind them."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import digest, written
from models.instant import Instant


class StoredFile(Record, table=True):
    """A content that is safely on disk; written after the file has been fsynced."""

    __tablename__ = "files"
    __table_args__ = (digest("digest"), CheckConstraint("size > 0", name="size"))

    digest: str = Field(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    stored_at: datetime = Field(sa_type=Instant)


class Document(Record, table=True):
    """A document attached to a subject as one of the pack's materials."""

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        digest("digest"),
        written("material", 100),
        written("name", 255),
        written("media_type", 255),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="subjects.id", index=True)
    material: str
    organisation_id: int | None = Field(default=None, foreign_key="organisations.id")
    digest: str = Field(foreign_key="files.digest", index=True)
    name: str
    size: int = Field(sa_type=BigInteger)
    media_type: str
    attached_at: datetime = Field(sa_type=Instant)
    attached_by: int = Field(foreign_key="people.id")
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
