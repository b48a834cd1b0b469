"""Changes of the expert pools, in order, for good."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import digest, one_of, written
from models.instant import Instant
from models.json_column import Json


class PoolChange(Record, table=True):
    """One link of the chain of a bureau's pool: who admitted, changed or retired which expert, and when.

    `state` is what the pool says of the expert afterwards: employer, fields, ties, whether active. The
    database refuses to change or delete a row.
    """

    __tablename__ = "pool_changes"
    __table_args__ = (
        CheckConstraint("seq >= 1", name="seq"),
        one_of("kind", "admitted", "changed", "retired", "readmitted"),
        written("reason", 2000),
        digest("prev_hash"),
        digest("hash"),
    )

    bureau_id: int = Field(primary_key=True, foreign_key="bureaus.id")
    seq: int = Field(primary_key=True)
    expert_id: int = Field(foreign_key="experts.id", index=True)
    kind: str
    at: datetime = Field(sa_type=Instant)
    person_id: int | None = Field(default=None, foreign_key="people.id")
    reason: str | None = None
    state: dict[str, Any] = Field(sa_type=Json)
    prev_hash: str
    hash: str
