"""Tokens with which programs do as a person in one role: with a scope and an end, kept as digests."""

import datetime
import secrets
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, Engine, insert, select, update

from casework import access
from casework.access import Claim, in_force
from casework.sessions import NOTED_EVERY, digest
from models import ApiToken, Person, Role
from models.database import writing

_tokens = ApiToken.__table__
_people = Person.__table__
_roles = Role.__table__

Scope = Literal["read", "act"]

PREFIX: Final = "beian_"
"""What every token begins with, so that one that leaked is recognised."""

LONGEST: Final = 366
"""The most days that a token lasts."""

ROLES: Final = (
    "applicant",
    "member",
    "district_officer",
    "city_officer",
    "city_leader",
    "administrator",
    "operations",
)
"""The roles that programs may have: what an expert judges is for people."""


class NotForPrograms(ValueError):
    """A token of a role that programs may not have."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token it is: the person in the role, and whether it may act."""

    token: int
    claim: Claim
    may_act: bool


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One token of a person; the token itself is told once, when it is made."""

    id: int
    name: str
    role: str
    scope: str
    made_at: datetime.datetime
    ends_at: datetime.datetime
    used_at: datetime.datetime | None


def make(
    connection: Connection,
    claim: Claim,
    name: str,
    scope: Scope,
    now: datetime.datetime,
    days: int,
    day: datetime.date,
) -> str:
    """Return a fresh token, told this once; raises NoSuchRole and NotForPrograms."""
    access.roles_of(connection, claim, day)
    if claim.role not in ROLES:
        raise NotForPrograms(claim.role)
    token = PREFIX + secrets.token_urlsafe(32)
    connection.execute(
        insert(_tokens).values(
            person_id=claim.person,
            role=claim.role,
            scope=scope,
            name=name,
            token_digest=digest(token),
            made_at=now,
            ends_at=now + datetime.timedelta(days=days),
        )
    )
    return token


def bearer(
    engine: Engine, connection: Connection, token: str, now: datetime.datetime, day: datetime.date
) -> Bearer | None:
    """Return whose token it is; None for one unknown or over, or of somebody without the role on ``day``."""
    row = connection.execute(
        select(_tokens)
        .join(_people, _people.c.id == _tokens.c.person_id)
        .where(
            _tokens.c.token_digest == digest(token),
            _tokens.c.ended_at.is_(None),
            _tokens.c.ends_at > now,
            _people.c.active,
            select(_roles.c.id)
            .where(_roles.c.person_id == _people.c.id, _roles.c.role == _tokens.c.role, in_force(day))
            .exists(),
        )
    ).one_or_none()
    if row is None:
        return None
    if row.used_at is None or row.used_at < now - NOTED_EVERY:
        with writing(engine) as other:
            other.execute(update(_tokens).where(_tokens.c.id == row.id).values(used_at=now))
    return Bearer(row.id, Claim(row.person_id, row.role), row.scope == "act")


def lines(connection: Connection, person_id: int, now: datetime.datetime) -> list[TokenLine]:
    """Return a person's tokens that work, the newest first."""
    columns = ("id", "name", "role", "scope", "made_at", "ends_at", "used_at")
    rows = connection.execute(
        select(*(_tokens.c[name] for name in columns))
        .where(_tokens.c.person_id == person_id, _tokens.c.ended_at.is_(None), _tokens.c.ends_at > now)
        .order_by(_tokens.c.id.desc())
    )
    return [TokenLine(*row) for row in rows]


def end(connection: Connection, person_id: int, token_id: int, now: datetime.datetime) -> bool:
    """End one of a person's tokens; False where they have no such token that works."""
    ended = connection.execute(
        update(_tokens)
        .where(_tokens.c.id == token_id, _tokens.c.person_id == person_id, _tokens.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return ended.rowcount == 1
