"""What was granted of a city's support: what caps and exclusions count."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from models.base import Record
from models.constraint import written
from models.instant import Instant


class Grant(Record, table=True):
    """One grant, in fen, with what was paid and recovered; it counts under `consortium`, an entry's number.

    What was recovered still counts as granted: an award is not given twice.
    """

    __tablename__ = "grants"
    __table_args__ = (
        written("measure", 60),
        written("consortium", 100),
        written("beneficiary", 18),
        written("object", 200),
        CheckConstraint("amount >= 1", name="amount"),
        CheckConstraint("paid BETWEEN 0 AND amount", name="paid"),
        CheckConstraint("recovered BETWEEN 0 AND paid", name="recovered"),
        Index(None, "bureau_id", "measure"),
    )

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    bureau_id: int = Field(foreign_key="bureaus.id")
    entry_id: int = Field(foreign_key="register_entries.id", index=True)
    measure: str
    consortium: str
    beneficiary: str
    object: str | None = None
    year: int | None = None
    amount: int = Field(sa_type=BigInteger)
    paid: int = Field(default=0, sa_type=BigInteger)
    recovered: int = Field(default=0, sa_type=BigInteger)
    granted_at: datetime = Field(sa_type=Instant)
