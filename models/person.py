"""People who act, review or are written to."""

from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from models.base import Record
from models.constraint import at_most, digest, one_of, written
from models.json_column import Json

INACTIVE = text("NOT active")


class Person(Record, table=True):
    """A natural person.

    `id_digest` is a keyed digest of the ID number: it matches a person without
    keeping the number. Without it, equal names say nothing. `choices` is how they wish to be told of what
    (see `casework.choices`); NULL means by e-mail, at once.
    """

    __tablename__ = "people"
    __table_args__ = (
        one_of("language", "zh", "en"),
        written("name", 100),
        at_most("email", 254),
        at_most("phone", 40),
        digest("id_digest"),
        Index("ix_people_inactive", "id", sqlite_where=INACTIVE, postgresql_where=INACTIVE),
        written("handle", 64),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str | None = None
    phone: str | None = None
    id_digest: str | None = Field(default=None, unique=True)
    language: str = "zh"
    handle: str = Field(unique=True)
    active: bool = True
    choices: dict[str, Any] | None = Field(default=None, sa_type=Json)
