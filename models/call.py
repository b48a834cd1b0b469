"""Rounds of applications, each with its own dates."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.instant import Instant
from models.json_column import Json


class Call(Record, table=True):
    """A call for applications; one that never closes is rolling (`closes_at` is NULL)."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("bureau_id", "code"),
        CheckConstraint("closes_at > opens_at", name="window"),
        written("code", 100),
        written("title_zh", 300),
        written("title_en", 300),
    )

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    bureau_id: int = Field(foreign_key="bureaus.id")
    code: str
    title_zh: str
    title_en: str
    opens_at: datetime = Field(sa_type=Instant)
    closes_at: datetime | None = Field(default=None, sa_type=Instant)
    dates: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
