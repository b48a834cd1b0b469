"""What lies on somebody's desk."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from models.base import Record
from models.instant import Instant

OPEN = text("done_at IS NULL")
DONE = text("done_at IS NOT NULL")


class WorkItem(Record, table=True):
    """A task for a role in a bureau or organisation, or for one person, until done.

    A `priority` above 0 was raised by an escalation.
    """

    __tablename__ = "work_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["subject_id", "seq"],
            ["events.subject_id", "events.seq"],
            deferrable=True,
            initially="DEFERRED",
        ),
        Index(
            "ix_work_items_desk",
            "role",
            "bureau_id",
            "due_at",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "ix_work_items_organisation",
            "organisation_id",
            "due_at",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_work_items_person", "person_id", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index(None, "subject_id"),
        Index("ix_work_items_done", "stage", "done_at", sqlite_where=DONE, postgresql_where=DONE),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="subjects.id")
    seq: int
    stage: str
    role: str
    bureau_id: int | None = Field(default=None, foreign_key="bureaus.id")
    organisation_id: int | None = Field(default=None, foreign_key="organisations.id")
    person_id: int | None = Field(default=None, foreign_key="people.id")
    opened_at: datetime = Field(sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    priority: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    done_at: datetime | None = Field(default=None, sa_type=Instant)
