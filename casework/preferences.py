"""What people choose about being told, and where they are reached."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework import procedures
from casework.choices import EVERYTHING, Choice
from casework.texts import of_operations
from models import Address, Person, Revision
from notifications.secret import Seal
from notifications.settings import checked

_people = Person.__table__
_addresses = Address.__table__
_revisions = Revision.__table__
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class UnknownKind(LookupError):
    """No published pack has a text of this name; ``known`` are those there are."""

    def __init__(self, kind: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no kind of notice {kind!r}")
        self.kind, self.known = kind, known


class ServedInPerson(ValueError):
    """What a pack marks as served in person is told at once, and nobody can decline it."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind!r} is served in person: it can be neither declined nor put off")
        self.kind = kind


def kinds(connection: Connection) -> dict[str, bool]:
    """Return every kind of notice there is, and whether it is served in person."""
    found = dict.fromkeys(of_operations(), False)
    for revision in connection.execute(select(_revisions.c.id).order_by(_revisions.c.id)).scalars().all():
        for name, text in procedures.of_revision(connection, revision).notices.items():
            found[name] = found.get(name, False) or text.served
    return found


def choose(connection: Connection, person: int, kind: str, choice: Choice | None) -> dict[str, Any]:
    """Note what a person chose for one kind of notice, or ``*`` for all others, and return all they chose.

    With None the choice for this kind is forgotten. Raises UnknownKind and ServedInPerson. The choice counts
    for what is owed from now on.
    """
    if kind != EVERYTHING:
        known = kinds(connection)
        if kind not in known:
            raise UnknownKind(kind, tuple(sorted(known)))
        if known[kind] and choice is not None and (choice.digest or choice.channels == ()):
            raise ServedInPerson(kind)
    chosen: Mapping[str, Any] | None = connection.execute(
        select(_people.c.choices).where(_people.c.id == person).with_for_update()
    ).scalar_one()
    after = {name: each for name, each in (chosen or {}).items() if name != kind}
    if choice is not None:
        after[kind] = choice.model_dump(mode="json", exclude_none=True)
    connection.execute(update(_people).where(_people.c.id == person).values(choices=after or None))
    return after


def reach(connection: Connection, person: int, channel: str, address: str | None, seal: Seal) -> None:
    """Note where a person is reached by a channel, sealed; None forgets it. Raises BadAddress.

    E-mail addresses and telephone numbers stand with the person and not here.
    """
    connection.execute(
        delete(_addresses).where(_addresses.c.person_id == person, _addresses.c.channel == channel)
    )
    if address is not None:
        sealed = seal.seal(checked(channel, address))
        connection.execute(
            _INSERT[connection.dialect.name](_addresses).values(
                person_id=person, channel=channel, value=sealed
            )
        )
