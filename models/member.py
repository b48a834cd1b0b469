"""Units in a consortium and their answers to the invitation."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of, written
from models.instant import Instant
from models.json_column import Json


class Member(Record, table=True):
    """A unit's membership in one application, from invitation to answer or removal."""

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("subject_id", "organisation_id"),
        one_of("status", "invited", "confirmed", "declined", "removed"),
        written("kind", 64),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="subjects.id")
    organisation_id: int = Field(foreign_key="organisations.id", index=True)
    kind: str
    core_layer: bool = False
    status: str = "invited"
    invited_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: int | None = Field(default=None, foreign_key="people.id")
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
