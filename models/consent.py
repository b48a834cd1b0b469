"""Units whose consent a change of a filed consortium needs, and their answers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, false
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of
from models.instant import Instant


class Consent(Record, table=True):
    """One unit's answer to one change: still open, consented or refused.

    ``leaves`` says that it would be no unit of the consortium any more. Where the pack has nobody asked, the
    units that come or go have one that stays open.
    """

    __tablename__ = "consents"
    __table_args__ = (
        one_of("answer", "open", "consented", "refused"),
        CheckConstraint("(answer = 'open') = (answered_at IS NULL)", name="answered"),
    )

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    organisation_id: int = Field(primary_key=True, foreign_key="organisations.id", index=True)
    leaves: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    answer: str = "open"
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: int | None = Field(default=None, foreign_key="people.id")
