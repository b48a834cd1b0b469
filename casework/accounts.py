"""Who may sign in: passwords, invitations, and links to set a forgotten password anew.

Nothing here tells whether an account exists: what is unknown costs the same time and gets the same answer.
"""

import datetime
import secrets
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from pwdlib import PasswordHash
from sqlalchemy import Connection, Engine, insert, select, update

from casework import attempts, second_factor, sessions
from casework.sessions import SignedIn, digest
from models import Credential, Invitation, Person
from models.database import reading, writing
from notifications.secret import Seal

_credentials = Credential.__table__
_invitations = Invitation.__table__
_people = Person.__table__

LEAST: Final = 10
"""The fewest characters of a password."""

MOST: Final = 200
"""The most characters of a password."""

INVITED_FOR: Final = datetime.timedelta(days=7)
"""How long an invitation can be used."""

# Each check takes 64 MiB for a moment.
_AT_ONCE: Final = threading.BoundedSemaphore(4)


class UnfitPassword(ValueError):
    """A password that cannot be used; ``code`` says why: too_short, too_long, too_simple or of_handle."""

    def __init__(self, code: Literal["too_short", "too_long", "too_simple", "of_handle"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """The answer to whoever could not sign in; ``wait`` says that there were too many attempts."""

    wait: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in: the network address, the browser's token if it brought one, and its name."""

    address: str
    browser_token: str | None = None
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Invited:
    """The person an invitation is for."""

    person: int
    handle: str
    name: str


def set_password(connection: Connection, person_id: int, password: str, now: datetime.datetime) -> None:
    """Set a person's password and end all their sessions; raises UnfitPassword."""
    handle = connection.execute(select(_people.c.handle).where(_people.c.id == person_id)).scalar_one()
    _judge(password, handle)
    with _AT_ONCE:
        values = {"password_hash": _hasher().hash(password), "changed_at": now}
    changed = connection.execute(
        update(_credentials).where(_credentials.c.person_id == person_id).values(**values)
    )
    if not changed.rowcount:
        connection.execute(insert(_credentials).values(person_id=person_id, totp_confirmed=False, **values))
    sessions.end_all(connection, person_id, now)


def sign_in(
    engine: Engine,
    handle: str,
    password: str,
    code: str,
    place: Place,
    now: datetime.datetime,
    lasts: datetime.timedelta,
    seal: Seal | None = None,
) -> SignedIn | NotSignedIn:
    """Sign a person in, or say no in one way for every reason but too many attempts.

    Attempts are counted by account and place, and by place; nobody elsewhere is slowed down by them.
    ``seal`` opens the secrets of second factors; without one nobody who set one up gets in (NoKey).
    """
    with writing(engine) as connection:
        attempt = attempts.note(connection, handle, _place(connection, handle, place), now)
    if attempt is None:
        return NotSignedIn(wait=True)
    with reading(engine) as connection:
        known = _known(connection, handle)
    with _AT_ONCE:
        fits = _hasher().verify(password[: MOST + 1], _decoy() if known is None else known.password_hash)
    if known is None or not fits:
        return NotSignedIn()
    with writing(engine) as connection:
        if known.totp_confirmed and not second_factor.use(connection, known, code, now, seal):
            return NotSignedIn()
        attempts.forget(connection, attempt)
        return sessions.begin(connection, known.person_id, place.browser_token, place.browser, now, lasts)


def sign_in_without(
    engine: Engine, handle: str, place: Place, now: datetime.datetime, lasts: datetime.timedelta
) -> SignedIn | None:
    """Sign somebody in without a password, for demonstrations; None for nobody known."""
    with writing(engine) as connection:
        person = connection.execute(
            select(_people.c.id).where(_people.c.handle == handle, _people.c.active)
        ).scalar()
        if person is None:
            return None
        return sessions.begin(connection, person, place.browser_token, place.browser, now, lasts)


def is_password(engine: Engine, person_id: int, password: str) -> bool:
    """Return whether this is the person's password."""
    with reading(engine) as connection:
        known = connection.execute(
            select(_credentials.c.password_hash).where(_credentials.c.person_id == person_id)
        ).scalar()
    with _AT_ONCE:
        return _hasher().verify(password[: MOST + 1], known or _decoy()) and known is not None


def invite(connection: Connection, person_id: int, now: datetime.datetime) -> str:
    """Return the token of a fresh invitation, which takes the place of unused ones."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        update(_invitations)
        .where(_invitations.c.person_id == person_id, _invitations.c.used_at.is_(None))
        .values(used_at=now)
    )
    connection.execute(
        insert(_invitations).values(
            person_id=person_id, token_digest=digest(token), made_at=now, ends_at=now + INVITED_FOR
        )
    )
    return token


def invited(connection: Connection, token: str, now: datetime.datetime) -> Invited | None:
    """Return whom an invitation is for, None for one that is unknown, used or over."""
    row = connection.execute(
        select(_people.c.id, _people.c.handle, _people.c.name)
        .join(_invitations, _invitations.c.person_id == _people.c.id)
        .where(
            _people.c.active,
            _invitations.c.token_digest == digest(token),
            # Whoever is invited for a unit has to name it first: see unit_links.
            _invitations.c.member_id.is_(None),
            _invitations.c.used_at.is_(None),
            _invitations.c.ends_at > now,
        )
    ).one_or_none()
    return None if row is None else Invited(*row)


def accept(connection: Connection, token: str, password: str, now: datetime.datetime) -> Invited | None:
    """Use an invitation up and set the password; raises UnfitPassword with the invitation still good."""
    person = invited(connection, token, now)
    if person is None:
        return None
    set_password(connection, person.person, password, now)
    # A new password takes every other link with it.
    connection.execute(
        update(_invitations)
        .where(_invitations.c.person_id == person.person, _invitations.c.used_at.is_(None))
        .values(used_at=now)
    )
    return person


def _known(connection: Connection, handle: str) -> Any:
    return connection.execute(
        select(_credentials)
        .join(_people, _people.c.id == _credentials.c.person_id)
        .where(_people.c.handle == handle, _people.c.active)
    ).one_or_none()


def _place(connection: Connection, handle: str, place: Place) -> str:
    """Return where an attempt comes from: a browser known for this account, else the network address."""
    token = place.browser_token
    if token is not None and sessions.knows(connection, handle, token):
        return digest(token)
    return digest(place.address)


def _judge(password: str, handle: str) -> None:
    if len(password) < LEAST:
        raise UnfitPassword("too_short")
    if len(password) > MOST:
        raise UnfitPassword("too_long")
    if len(handle) >= 3 and handle.lower() in password.lower():
        raise UnfitPassword("of_handle")
    # A row of the keyboard, one sign again and again: few different signs say little.
    if len(set(password.lower())) < 5 or password.lower() in _SIMPLE:
        raise UnfitPassword("too_simple")


_SIMPLE: Final = frozenset(
    {"1234567890", "0123456789", "0987654321", "qwertyuiop", "password123", "1q2w3e4r5t", "abcdefghij"}
)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))
