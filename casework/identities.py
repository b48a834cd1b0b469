"""Who somebody is to an identity provider: linked on purpose, never guessed from a name."""

import datetime
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, select

from casework import sessions
from casework.accounts import Place
from casework.sessions import SignedIn
from models import Identity, Person
from models.database import writing

_identities = Identity.__table__
_people = Person.__table__


class TakenIdentity(ValueError):
    """Somebody else is known by this identity already."""


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """One identity of a person: whose provider knows them, as whom, and since when that is known here."""

    id: int
    issuer: str
    subject: str
    linked_at: datetime.datetime


def of(connection: Connection, person_id: int) -> list[IdentityLine]:
    """Return a person's identities, the oldest first."""
    rows = connection.execute(
        select(_identities.c.id, _identities.c.issuer, _identities.c.subject, _identities.c.linked_at)
        .where(_identities.c.person_id == person_id)
        .order_by(_identities.c.id)
    )
    return [IdentityLine(*row) for row in rows]


def link(connection: Connection, person_id: int, issuer: str, subject: str, now: datetime.datetime) -> None:
    """Let a person sign in as this identity; once linked, again does nothing. Raises TakenIdentity."""
    whose = connection.execute(
        select(_identities.c.person_id).where(
            _identities.c.issuer == issuer, _identities.c.subject == subject
        )
    ).scalar()
    if whose is None:
        values = {"person_id": person_id, "issuer": issuer, "subject": subject, "linked_at": now}
        connection.execute(insert(_identities).values(values))
    elif whose != person_id:
        raise TakenIdentity(f"{subject} of {issuer} is somebody else here")


def unlink(connection: Connection, person_id: int, identity: int) -> None:
    """Take one of a person's identities away; nothing happens to anybody else's."""
    connection.execute(
        delete(_identities).where(_identities.c.id == identity, _identities.c.person_id == person_id)
    )


def sign_in(
    engine: Engine,
    issuer: str,
    subject: str,
    place: Place,
    now: datetime.datetime,
    lasts: datetime.timedelta,
) -> SignedIn | None:
    """Sign in whoever this identity is; None for nobody who is known and active here."""
    with writing(engine) as connection:
        person = connection.execute(
            select(_people.c.id)
            .join(_identities, _identities.c.person_id == _people.c.id)
            .where(_identities.c.issuer == issuer, _identities.c.subject == subject, _people.c.active)
        ).scalar()
        if person is None:
            return None
        return sessions.begin(connection, person, place.browser_token, place.browser, now, lasts)
