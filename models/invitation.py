"""Links with which people set their password."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import digest
from models.instant import Instant


class Invitation(Record, table=True):
    """A link that lets one person set a password once; of its token only the digest is kept.

    One with a membership is for whoever speaks for that unit: it asks them for the unit's code, and makes
    them its person. Whether they are of it is the bureau's word, `belongs`.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        digest("token_digest"),
        CheckConstraint("ends_at > made_at", name="window"),
        CheckConstraint(
            "(belongs IS NULL) = (judged_by IS NULL) AND (belongs IS NULL) = (judged_at IS NULL)",
            name="judged",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    token_digest: str = Field(unique=True)
    made_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    member_id: int | None = Field(default=None, foreign_key="members.id", index=True)
    belongs: bool | None = None
    judged_by: int | None = Field(default=None, foreign_key="people.id")
    judged_at: datetime | None = Field(default=None, sa_type=Instant)
