"""What a person signs in with."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, written
from models.instant import Instant


class Credential(Record, table=True):
    """A password's hash, and the second factor if the person has set one up.

    `totp_sealed` is its secret, sealed with `BEIAN_SECRET_KEY`; one that is not yet confirmed asks nothing of
    anybody. `totp_step` is the last time step whose code was used, so that no code works twice.
    """

    __tablename__ = "credentials"
    __table_args__ = (
        written("password_hash", 300),
        at_most("totp_sealed", 400),
        CheckConstraint("totp_sealed IS NOT NULL OR totp_confirmed = false", name="totp"),
    )

    person_id: int = Field(primary_key=True, foreign_key="people.id")
    password_hash: str
    changed_at: datetime = Field(sa_type=Instant)
    totp_sealed: str | None = None
    totp_confirmed: bool = False
    totp_step: int | None = None
