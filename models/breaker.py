"""Channels that are out of order, so that nothing is handed to them meanwhile."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, written
from models.instant import Instant


class Breaker(Record, table=True):
    """How a channel does: failures in a row that were its own, and since when it is taken for out of order.

    ``person_id`` is 0 for a channel that all share, such as the mail server; where each recipient has a
    server of their own, it is theirs. While ``opened_at`` is set, one message is tried at ``retry_at``.
    """

    __tablename__ = "breakers"
    __table_args__ = (
        written("channel", 40),
        CheckConstraint("failures >= 0", name="failures"),
        CheckConstraint("(opened_at IS NULL) = (retry_at IS NULL)", name="open_has_a_retry"),
        at_most("reason", 4000),
    )

    channel: str = Field(primary_key=True)
    person_id: int = Field(primary_key=True)
    failures: int = 0
    opened_at: datetime | None = Field(default=None, sa_type=Instant)
    retry_at: datetime | None = Field(default=None, sa_type=Instant)
    probes: int = 0
    reason: str = ""
