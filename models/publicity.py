"""The published lists of a call and the objections to their entries (公示, 异议)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, digest, one_of, written
from models.instant import Instant


class Publicity(Record, table=True):
    """One version of a list: one snapshot, one clock.

    A changed list is a row of its own under the same `number`, with the reason; the one before it stays.
    """

    __tablename__ = "publicity"
    __table_args__ = (
        UniqueConstraint("call_id", "number", "version"),
        # A version that starts no clock keeps the window of the one before, which may be over.
        CheckConstraint("until > published_at OR version > 1", name="window"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("(version = 1) = (reason IS NULL)", name="reason_of_a_change"),
        digest("snapshot_hash"),
        written("document", 300),
        written("title", 300),
        at_most("reason", 2000),
    )

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="calls.subject_id")
    number: int
    version: int = 1
    snapshot_hash: str
    document: str
    title: str | None = None
    reason: str | None = None
    published_at: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    provisional: bool = False


class PublicityEntry(Record, table=True):
    """A subject's line in one version of a list; an objection holds this line only."""

    __tablename__ = "publicity_entries"
    __table_args__ = (
        UniqueConstraint("publicity_id", "position"),
        CheckConstraint("position >= 1", name="position"),
        written("lead_name", 300),
        at_most("direction", 300),
    )

    publicity_id: int = Field(primary_key=True, foreign_key="publicity.id")
    subject_id: int = Field(primary_key=True, foreign_key="subjects.id", index=True)
    position: int
    lead_name: str
    direction: str
    held: bool = False


class Objection(Record, table=True):
    """An objection to one entry, and the decision on it.

    `seq` is the event that recorded it: who lodged it stands there, among the personal fields, if anyone is
    named at all. `lodged_at` is when it was received, not when it was entered.
    """

    __tablename__ = "objections"
    __table_args__ = (
        UniqueConstraint("subject_id", "number"),
        ForeignKeyConstraint(
            ["publicity_id", "subject_id"],
            ["publicity_entries.publicity_id", "publicity_entries.subject_id"],
        ),
        ForeignKeyConstraint(["subject_id", "seq"], ["events.subject_id", "events.seq"]),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decision"),
        CheckConstraint("(decision IS NULL) = (result IS NULL)", name="decision_with_result"),
        one_of("result", "upheld", "dismissed"),
        written("text", 8000),
        at_most("decision", 8000),
    )

    id: int | None = Field(default=None, primary_key=True)
    publicity_id: int = Field(index=True)
    subject_id: int
    number: int
    seq: int
    anonymous: bool = False
    text: str
    lodged_at: datetime = Field(sa_type=Instant)
    result: str | None = None
    decision: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Instant)


class ObjectionEvidence(Record, table=True):
    """A stored file that came with an objection."""

    __tablename__ = "objection_evidence"
    __table_args__ = (written("name", 255),)

    objection_id: int = Field(primary_key=True, foreign_key="objections.id")
    digest: str = Field(primary_key=True, foreign_key="files.digest", index=True)
    name: str
