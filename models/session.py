"""Who is signed in, and where."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, digest
from models.instant import Instant


class Session(Record, table=True):
    """One sign-in of one person in one browser, until it ends or is ended; its token is kept as a digest.

    `browser_digest` is that of a token which stays in the browser: so a browser is known again in which the
    person has signed in before.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        digest("token_digest"),
        digest("browser_digest"),
        at_most("browser", 200),
        CheckConstraint("ends_at > started_at", name="window"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    token_digest: str = Field(unique=True)
    browser_digest: str = Field(index=True)
    browser: str
    started_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
