"""The published revisions of packs, found by code or by the beginning of their hash."""

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from models import Person, Revision

_revisions = Revision.__table__
_people = Person.__table__

SHORTEST = 6
"""How many characters of a hash are needed to name a revision by it."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published revision: the whole pack under its content hash."""

    id: int
    code: str
    content_hash: str
    published_at: datetime.datetime
    published_by: str | None


def published(connection: Connection) -> list[Published]:
    """Return all revisions, the newest of each code first."""
    statement = _STATEMENT.order_by(
        _revisions.c.code, _revisions.c.published_at.desc(), _revisions.c.id.desc()
    )
    return [Published(*row) for row in connection.execute(statement)]


def find(connection: Connection, name: str) -> Published | None:
    """Return the newest revision with the code ``name``, or the one whose hash begins so; None for none.

    A beginning that several hashes share names none of them.
    """
    newest = next((each for each in published(connection) if each.code == name), None)
    if newest is not None or len(name) < SHORTEST:
        return newest
    named = _STATEMENT.where(_revisions.c.content_hash.startswith(name.lower(), autoescape=True))
    rows = connection.execute(named).all()
    return Published(*rows[0]) if len(rows) == 1 else None


_STATEMENT: Select[Any] = select(
    _revisions.c.id,
    _revisions.c.code,
    _revisions.c.content_hash,
    _revisions.c.published_at,
    _people.c.name,
).outerjoin(_people, _people.c.id == _revisions.c.published_by)
