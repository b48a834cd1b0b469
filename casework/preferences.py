"""What people choose about being told, and where they are reached."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework import clock, procedures
from casework.access import Claim, roles_of, tends
from casework.choices import EVERYTHING, Choice
from casework.texts import of_operations
from models import Address, Person, Revision
from notifications.settings import ChannelSettings
from procedure.instant import day_of

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


class NotTheirs(PermissionError):
    """How another is told is their own to choose, or for who tends to the people of their city."""


def kinds(connection: Connection) -> dict[str, bool]:
    """Return every kind of notice there is, and whether it is served in person."""
    found = dict.fromkeys(of_operations(), False)
    for revision in connection.execute(select(_revisions.c.id).order_by(_revisions.c.id)).scalars().all():
        for name, text in procedures.of_revision(connection, revision).notices.items():
            found[name] = found.get(name, False) or text.served
    return found


_VARIABLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


def titles(connection: Connection, language: str) -> dict[str, str]:
    """Return what each kind of notice is called: the subject of its newest text without what varies in it."""
    read = "en" if language == "en" else "zh"
    texts = dict(of_operations())
    for revision in connection.execute(select(_revisions.c.id).order_by(_revisions.c.id)).scalars().all():
        texts |= procedures.of_revision(connection, revision).texts
    found: dict[str, str] = {}
    for name, text in texts.items():
        subject = _VARIABLE.sub("", str(text[read]["subject"])).strip(" ：:，,·-（）()")
        found[name] = subject[:1].upper() + subject[1:] or name
    return found


def chosen(connection: Connection, person: int) -> dict[str, Choice]:
    """Return what a person chose, by kind of notice."""
    kept: Mapping[str, Any] | None = connection.execute(
        select(_people.c.choices).where(_people.c.id == person)
    ).scalar_one()
    return {name: Choice.model_validate(each) for name, each in (kept or {}).items()}


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a person is reached: their e-mail address, and the channels on which they have another."""

    email: str | None
    channels: frozenset[str]


def reached(connection: Connection, person: int) -> Reached:
    """Return where a person is reached; addresses that are sealed stay so."""
    email = connection.execute(select(_people.c.email).where(_people.c.id == person)).scalar_one()
    channels = connection.execute(select(_addresses.c.channel).where(_addresses.c.person_id == person))
    return Reached(email, frozenset(channels.scalars()))


def choose(
    connection: Connection, person: int, kind: str, choice: Choice | None, claim: Claim
) -> dict[str, Any]:
    """Note what a person chose for one kind of notice, or ``*`` for all others, and return all they chose.

    With None the choice for this kind is forgotten. Raises NotTheirs, NoSuchRole, UnknownKind and
    ServedInPerson. The choice counts for what is owed from now on.
    """
    _require(connection, person, claim)
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


def reach(
    connection: Connection,
    person: int,
    channel: str,
    address: str | None,
    settings: ChannelSettings,
    claim: Claim,
) -> None:
    """Note where a person is reached by a channel, sealed; None forgets it.

    Raises NotTheirs, NoSuchRole, NoKey and BadAddress. E-mail addresses and telephone numbers stand with the
    person and not here.
    """
    _require(connection, person, claim)
    seal = settings.seal
    connection.execute(
        delete(_addresses).where(_addresses.c.person_id == person, _addresses.c.channel == channel)
    )
    if address is not None:
        sealed = seal.seal(settings.registrable(channel, address))
        connection.execute(
            _INSERT[connection.dialect.name](_addresses).values(
                person_id=person, channel=channel, value=sealed
            )
        )


def _require(connection: Connection, person: int, claim: Claim) -> None:
    if person == claim.person and not claim.role:
        # At no desk in particular: everybody sets their own.
        return
    day = day_of(clock.now(connection))
    roles_of(connection, claim, day)
    if (
        connection.execute(select(_people.c.id).where(_people.c.id == person, tends(claim, day))).first()
        is None
    ):
        raise NotTheirs(f"person {person} is not for person {claim.person} to set, as {claim.role}")
