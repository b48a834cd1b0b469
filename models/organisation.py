"""Units that lead, join or serve a consortium."""

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of, written


class Organisation(Record, table=True):
    """A unit with its unified social credit code; shared between all bureaus."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("length(uscc) = 18", name="uscc_length"),
        one_of(
            "kind",
            "enterprise",
            "university",
            "institute",
            "new_rnd_institution",
            "innovation_body",
            "service_agency",
            "medical_institution",
            "government",
            "other",
        ),
        written("name", 200),
    )

    id: int | None = Field(default=None, primary_key=True)
    uscc: str = Field(unique=True)
    name: str
    kind: str
    district_id: int | None = Field(default=None, foreign_key="bureaus.id", index=True)
