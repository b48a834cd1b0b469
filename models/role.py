"""What a person may be to a bureau or to an organisation."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, false, text
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of

ENDED = text("valid_to IS NOT NULL")


class Role(Record, table=True):
    """A person's role from `valid_from` to `valid_to`, both included.

    Applicants and members speak for an organisation; every other role belongs to a bureau. Who `manages` sees
    to who else speaks for the organisation.
    """

    __tablename__ = "roles"
    __table_args__ = (
        one_of(
            "role",
            "applicant",
            "member",
            "district_officer",
            "city_officer",
            "city_leader",
            "administrator",
            "expert",
            "operations",
            "duty_officer",
        ),
        CheckConstraint(
            "(role IN ('applicant', 'member')) = (organisation_id IS NOT NULL)", name="organisation_scope"
        ),
        CheckConstraint("(role IN ('applicant', 'member')) = (bureau_id IS NULL)", name="bureau_scope"),
        CheckConstraint("valid_to >= valid_from", name="validity"),
        # NULLs differ from each other in a plain UNIQUE, so the same role could be granted twice.
        Index(
            "uq_roles_scope",
            "person_id",
            "role",
            text("coalesce(bureau_id, 0)"),
            text("coalesce(organisation_id, 0)"),
            unique=True,
        ),
        Index("ix_roles_ended", "valid_to", sqlite_where=ENDED, postgresql_where=ENDED),
        Index(None, "bureau_id", "role"),
        Index(None, "organisation_id", "role"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id")
    role: str
    bureau_id: int | None = Field(default=None, foreign_key="bureaus.id")
    organisation_id: int | None = Field(default=None, foreign_key="organisations.id")
    valid_from: date
    valid_to: date | None = None
    manages: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
