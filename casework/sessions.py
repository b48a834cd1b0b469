"""Sessions: who is signed in where, and for how long. Their times are the machine's, also in a story."""

import datetime
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, insert, select, update

from casework.access import in_force
from models import Person, Role, Session
from models.database import writing
from models.prepared import Prepared

_sessions = Session.__table__
_people = Person.__table__
_roles = Role.__table__

NOTED_EVERY: Final = datetime.timedelta(minutes=5)
"""How often it is written down that a session is in use."""


def _open(now: Any, idle_since: Any) -> ColumnElement[bool]:
    return and_(_sessions.c.ended_at.is_(None), _sessions.c.ends_at > now, _sessions.c.seen_at > idle_since)


_VIEWER: Final = Prepared(
    select(
        _sessions.c.id,
        _sessions.c.person_id,
        _sessions.c.seen_at,
        _people.c.handle,
        _people.c.name,
        _roles.c.role,
    )
    .join(_people, _people.c.id == _sessions.c.person_id)
    .outerjoin(_roles, and_(_roles.c.person_id == _people.c.id, in_force(bindparam("day"))))
    .where(
        _sessions.c.token_digest == bindparam("digest"),
        _people.c.active,
        _open(bindparam("now"), bindparam("idle_since")),
    )
    .order_by(_roles.c.id)
)
"""Asked before every page."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a browser keeps after a sign-in: the token of the session, and its own that outlives it."""

    token: str
    browser_token: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in, with the roles they hold today, each once."""

    session: int
    person: int
    handle: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One of a person's sessions that have not ended."""

    id: int
    browser: str
    started_at: datetime.datetime
    seen_at: datetime.datetime


def begin(
    connection: Connection,
    person_id: int,
    browser_token: str | None,
    browser: str,
    now: datetime.datetime,
    lasts: datetime.timedelta,
) -> SignedIn:
    """Begin a session; the browser keeps the token it brought, or is given one."""
    token, browser_token = secrets.token_urlsafe(32), browser_token or secrets.token_urlsafe(32)
    connection.execute(
        insert(_sessions).values(
            person_id=person_id,
            token_digest=digest(token),
            browser_digest=digest(browser_token),
            browser=browser[:200],
            started_at=now,
            seen_at=now,
            ends_at=now + lasts,
        )
    )
    return SignedIn(token, browser_token)


def viewer(
    engine: Engine,
    connection: Connection,
    token: str,
    now: datetime.datetime,
    idle: datetime.timedelta,
    day: datetime.date,
) -> Viewer | None:
    """Return who bears the token, with the roles of ``day``; None where the session is unknown or over."""
    rows = _VIEWER.all(
        connection, {"digest": digest(token), "day": day, "now": now, "idle_since": now - idle}
    )
    if not rows:
        return None
    first = rows[0]
    if first.seen_at < now - NOTED_EVERY:
        with writing(engine) as other:
            other.execute(update(_sessions).where(_sessions.c.id == first.id).values(seen_at=now))
    roles = tuple(dict.fromkeys(row.role for row in rows if row.role is not None))
    return Viewer(first.id, first.person_id, first.handle, first.name, roles)


def lines(
    connection: Connection, person_id: int, now: datetime.datetime, idle: datetime.timedelta
) -> list[SessionLine]:
    """Return a person's sessions that have not ended, the one used last first."""
    rows = connection.execute(
        select(_sessions.c.id, _sessions.c.browser, _sessions.c.started_at, _sessions.c.seen_at)
        .where(_sessions.c.person_id == person_id, _open(now, now - idle))
        .order_by(_sessions.c.seen_at.desc(), _sessions.c.id.desc())
    )
    return [SessionLine(*row) for row in rows]


def end(connection: Connection, person_id: int, session_id: int, now: datetime.datetime) -> None:
    """End one of a person's sessions; nothing happens to anybody else's."""
    connection.execute(
        update(_sessions)
        .where(
            _sessions.c.id == session_id, _sessions.c.person_id == person_id, _sessions.c.ended_at.is_(None)
        )
        .values(ended_at=now)
    )


def end_all(connection: Connection, person_id: int, now: datetime.datetime, but: int | None = None) -> None:
    """End all of a person's sessions but one."""
    statement = update(_sessions).where(_sessions.c.person_id == person_id, _sessions.c.ended_at.is_(None))
    if but is not None:
        statement = statement.where(_sessions.c.id != but)
    connection.execute(statement.values(ended_at=now))


def knows(connection: Connection, handle: str, browser_token: str) -> bool:
    """Return whether the person of this handle has signed in before in the browser with this token."""
    found = connection.execute(
        select(_sessions.c.id)
        .join(_people, _people.c.id == _sessions.c.person_id)
        .where(_people.c.handle == handle, _sessions.c.browser_digest == digest(browser_token))
        .limit(1)
    ).scalar()
    return found is not None


def digest(token: str) -> str:
    """Return the digest under which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
