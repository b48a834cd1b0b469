"""What somebody often narrows a work list to, kept under names of their own."""

import datetime
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from models import SavedView

_views = SavedView.__table__

DeskName = Literal["bureau", "district"]

MOST: Final = 20
"""So many views somebody keeps at a desk."""

LONGEST_NAME: Final = 40
"""The most characters of a view's name."""

LONGEST_QUERY: Final = 500
"""The most characters of what a view asks for."""


class BadName(ValueError):
    """A view's name is blank or too long."""


class TooMany(ValueError):
    """As many views as can be kept are kept already."""


@dataclass(frozen=True, slots=True)
class View:
    """One view: its name and the query of the address that shows it."""

    id: int
    name: str
    query: str


def keep(
    connection: Connection, person: int, desk: DeskName, name: str, query: str, now: datetime.datetime
) -> None:
    """Keep a view; one of the same name at the same desk is replaced. Raises BadName and TooMany."""
    called = name.strip()
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        raise BadName(called)
    own = (_views.c.person_id == person, _views.c.desk == desk)
    replaced = connection.execute(update(_views).where(*own, _views.c.name == called).values(query=query))
    if replaced.rowcount:
        return
    if connection.execute(select(func.count()).select_from(_views).where(*own)).scalar_one() >= MOST:
        raise TooMany
    connection.execute(
        insert(_views).values(person_id=person, desk=desk, name=called, query=query, made_at=now)
    )


def kept(connection: Connection, person: int, desk: DeskName) -> list[View]:
    """Return a person's views of a desk in the order in which they were made."""
    rows = connection.execute(
        select(_views.c.id, _views.c.name, _views.c.query)
        .where(_views.c.person_id == person, _views.c.desk == desk)
        .order_by(_views.c.id)
    )
    return [View(*row) for row in rows]


def drop(connection: Connection, person: int, view: int) -> bool:
    """Forget one of a person's own views; False where they have none of that id."""
    return (
        connection.execute(delete(_views).where(_views.c.id == view, _views.c.person_id == person)).rowcount
        == 1
    )
