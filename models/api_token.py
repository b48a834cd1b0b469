"""What programs sign in with."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import digest, one_of, written
from models.instant import Instant


class ApiToken(Record, table=True):
    """A token with which programs do as one person in one role, until it ends or is ended.

    Of the token only the digest is kept. The scope `read` looks, `act` also acts; neither does more than the
    person may in that role.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (
        one_of("scope", "read", "act"),
        written("role", 40),
        written("name", 100),
        digest("token_digest"),
        CheckConstraint("ends_at > made_at", name="window"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    role: str
    scope: str
    name: str
    token_digest: str = Field(unique=True)
    made_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
