"""Numbers that are given out once."""

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import written


class Counter(Record, table=True):
    """The last number a bureau gave out under a name; its row is the lock."""

    __tablename__ = "counters"
    __table_args__ = (CheckConstraint("value >= 0", name="value"), written("name", 100))

    bureau_id: int = Field(primary_key=True, foreign_key="bureaus.id")
    name: str = Field(primary_key=True)
    value: int = Field(default=0, sa_type=BigInteger)
