"""What filed consortia achieved: projects, platforms, talents, as the documents' targets count them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.instant import Instant

STANDING = text("struck_at IS NULL")


class Achievement(Record, table=True):
    """One achievement of an entry's consortium, counted once in its bureau; `source` says what shows it.

    One entered in error is struck, with a reason, and its row stays.
    """

    __tablename__ = "achievements"
    __table_args__ = (
        written("kind", 60),
        written("title", 300),
        written("source", 500),
        written("struck_reason", 2000),
        CheckConstraint(
            "(struck_at IS NULL) = (struck_by IS NULL) AND (struck_at IS NULL) = (struck_reason IS NULL)",
            name="struck",
        ),
        Index(
            "uq_achievements_standing",
            "bureau_id",
            "kind",
            "title",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    bureau_id: int = Field(foreign_key="bureaus.id")
    entry_id: int = Field(foreign_key="register_entries.id", index=True)
    kind: str
    title: str
    achieved_on: date
    source: str
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: int = Field(foreign_key="people.id")
    struck_at: datetime | None = Field(default=None, sa_type=Instant)
    struck_by: int | None = Field(default=None, foreign_key="people.id")
    struck_reason: str | None = None
