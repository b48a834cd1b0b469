"""Attempts to sign in that have not succeeded."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from models.base import Record
from models.constraint import digest
from models.instant import Instant


class SignInAttempt(Record, table=True):
    """One attempt: on which account (known or not), from which place; success takes it away again.

    A place is a network address, or a browser in which that person has signed in before.
    """

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        digest("account_digest"),
        digest("place_digest"),
        Index(None, "account_digest", "place_digest", "at"),
        Index(None, "place_digest", "at"),
        Index(None, "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_digest: str
    place_digest: str
    at: datetime = Field(sa_type=Instant)
