"""What the register said of an entry, and since when."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of
from models.instant import Instant


class RegisterState(Record, table=True):
    """One state of an entry, from `since` on until the next. The database refuses to change or delete it."""

    __tablename__ = "register_states"
    __table_args__ = (
        one_of("state", "valid", "expired", "revoked", "dissolved"),
        CheckConstraint("number >= 1", name="number"),
    )

    entry_id: int = Field(primary_key=True, foreign_key="register_entries.id")
    number: int = Field(primary_key=True)
    state: str
    since: datetime = Field(sa_type=Instant)
