"""The published list of a call and the objections to its entries (公示, 异议)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, digest, written
from models.instant import Instant


class Publicity(Record, table=True):
    """One list, one snapshot, one clock."""

    __tablename__ = "publicity"
    __table_args__ = (
        CheckConstraint("until > published_at", name="window"),
        digest("snapshot_hash"),
        written("document", 300),
    )

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="calls.subject_id", index=True)
    snapshot_hash: str
    document: str
    published_at: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)


class PublicityEntry(Record, table=True):
    """A subject's line on a published list; an objection holds this line only."""

    __tablename__ = "publicity_entries"
    __table_args__ = (
        UniqueConstraint("publicity_id", "position"),
        CheckConstraint("position >= 1", name="position"),
    )

    publicity_id: int = Field(primary_key=True, foreign_key="publicity.id")
    subject_id: int = Field(primary_key=True, foreign_key="subjects.id", index=True)
    position: int
    held: bool = False


class Objection(Record, table=True):
    """An objection to one entry, and the decision on it."""

    __tablename__ = "objections"
    __table_args__ = (
        ForeignKeyConstraint(
            ["publicity_id", "subject_id"],
            ["publicity_entries.publicity_id", "publicity_entries.subject_id"],
        ),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decision"),
        written("text", 8000),
        at_most("decision", 8000),
    )

    id: int | None = Field(default=None, primary_key=True)
    publicity_id: int = Field(index=True)
    subject_id: int = Field(index=True)
    anonymous: bool = False
    text: str
    lodged_at: datetime = Field(sa_type=Instant)
    decision: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
