"""The State Council's holiday arrangements, each version kept."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.json_column import Json


class Calendar(Record, table=True):
    """One year's arrangement as issued, or as amended (a higher version)."""

    __tablename__ = "calendars"
    __table_args__ = (
        UniqueConstraint("year", "version"),
        CheckConstraint("version >= 1", name="version"),
        written("document", 300),
    )

    id: int | None = Field(default=None, primary_key=True)
    year: int
    version: int = 1
    document: str
    issued: date
    content: dict[str, Any] = Field(sa_type=Json)
