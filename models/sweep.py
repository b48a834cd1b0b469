"""When each lane was last swept with success."""

from datetime import datetime

from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.instant import Instant


class Sweep(Record, table=True):
    """The last successful sweep of a lane, for the health page."""

    __tablename__ = "sweeps"
    __table_args__ = (written("lane", 100),)

    lane: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    moved: int = 0
