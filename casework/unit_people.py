"""The people of an organisation, seen to by its own: who speaks for it, is invited, or no longer does."""

import datetime
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from casework import accounts, parties
from casework.access import in_force, managed
from models import Credential, Organisation, Person, Role

_organisations = Organisation.__table__
_people = Person.__table__
_roles = Role.__table__
_credentials = Credential.__table__
_elsewhere = Role.__table__.alias("roles_elsewhere")

ROLES: Final = ("applicant", "member")
"""The roles in which somebody speaks for an organisation."""

_SIGNS: Final = "23456789abcdefghjkmnpqrstuvwxyz"


class NotYours(LookupError):
    """The organisation, or the role in it, is not one that this person sees to."""


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation."""

    id: int
    uscc: str
    name: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who speaks for a unit; ``waits`` says that they have not set a password yet."""

    role_id: int
    person: int
    unit: int
    handle: str
    name: str
    role: str
    valid_to: datetime.date | None
    manages: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who may set a password now, once, with the token of their link."""

    handle: str
    name: str
    token: str


def units(connection: Connection, person_id: int, day: datetime.date) -> list[Unit]:
    """Return the organisations whose people somebody sees to, by name."""
    rows = connection.execute(
        select(_organisations.c.id, _organisations.c.uscc, _organisations.c.name)
        .where(_organisations.c.id.in_(managed(person_id, day)))
        .order_by(_organisations.c.name, _organisations.c.id)
    )
    return [Unit(*row) for row in rows]


def colleagues(connection: Connection, person_id: int, day: datetime.date) -> list[Colleague]:
    """Return who speaks on ``day`` for the organisations that somebody sees to."""
    known = exists().where(_credentials.c.person_id == _people.c.id)
    rows = connection.execute(
        select(
            _roles.c.id,
            _people.c.id,
            _roles.c.organisation_id,
            _people.c.handle,
            _people.c.name,
            _roles.c.role,
            _roles.c.valid_to,
            _roles.c.manages,
            and_(~known, ~_of_others(person_id, day)),
        )
        .join(_people, _people.c.id == _roles.c.person_id)
        .where(_roles.c.organisation_id.in_(managed(person_id, day)), in_force(day), _people.c.active)
        .order_by(_people.c.name, _roles.c.id)
    )
    return [Colleague(*row) for row in rows]


def invite(
    connection: Connection,
    person_id: int,
    unit: int,
    role: str,
    name: str,
    email: str | None,
    now: datetime.datetime,
    day: datetime.date,
) -> Invited:
    """Enter a new person who speaks for a unit from ``day`` on, and make their link; raises NotYours.

    Their account's name is made up here: whether one is taken is nobody's to find out.
    """
    if role not in ROLES or unit not in {each.id for each in units(connection, person_id, day)}:
        raise NotYours(f"organisation {unit} is not seen to by person {person_id}")
    handle = new_handle()
    invited = parties.person(connection, handle, name, email)
    parties.grant(connection, invited, role, organisation_id=unit, valid_from=day)
    return Invited(handle, name, accounts.invite(connection, invited, now))


def new_handle() -> str:
    """Return a name for an account that nobody chose."""
    return "u" + "".join(secrets.choice(_SIGNS) for _ in range(9))


def link(
    connection: Connection, person_id: int, role_id: int, now: datetime.datetime, day: datetime.date
) -> Invited:
    """Make another link for somebody who has set no password yet; raises NotYours for anybody else."""
    found = _colleague(connection, person_id, role_id, day)
    if not found.waits:
        raise NotYours(f"{found.handle} has an account of their own already")
    return Invited(found.handle, found.name, accounts.invite(connection, found.person, now))


def end(connection: Connection, person_id: int, role_id: int, day: datetime.date) -> None:
    """Let somebody's role in a unit end with ``day``; raises NotYours, also for one's own."""
    found = _colleague(connection, person_id, role_id, day)
    if found.person == person_id:
        raise NotYours("nobody takes their own role away")
    parties.end_role(connection, role_id, day)


def _colleague(connection: Connection, person_id: int, role_id: int, day: datetime.date) -> Colleague:
    known = {each.role_id: each for each in colleagues(connection, person_id, day)}
    if role_id not in known:
        raise NotYours(f"role {role_id} is not seen to by person {person_id}")
    return known[role_id]


def _of_others(person_id: int, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition that a person has a role that whoever asks does not see to."""
    return exists().where(
        _elsewhere.c.person_id == _people.c.id,
        or_(
            _elsewhere.c.organisation_id.is_(None),
            _elsewhere.c.organisation_id.not_in(managed(person_id, day)),
        ),
    )
