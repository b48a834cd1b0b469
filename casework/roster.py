"""Who takes part, as lists: bureaus, organisations, people and the roles they hold."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from casework.access import Claim, in_force
from models import Bureau, Organisation, Person, Role, Supervisor

_bureaus = Bureau.__table__
_parents = Bureau.__table__.alias("parents")
_organisations = Organisation.__table__
_people = Person.__table__
_roles = Role.__table__
_supervisors = Supervisor.__table__


@dataclass(frozen=True, slots=True)
class BureauLine:
    """A science bureau; ``of`` is the city bureau that a recommending unit belongs to."""

    code: str
    name_zh: str
    name_en: str
    level: str
    kind: str | None
    of: str | None


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """An organisation; ``district`` is the code of its recommending unit, where one was given."""

    uscc: str
    name: str
    kind: str
    district: str | None


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role a person holds or held, for the unit (USCC) or bureau (code) ``of``; both days included.

    ``supervisor`` is the handle of who supervises them in it.
    """

    role: str
    of: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    supervisor: str | None = None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person with all their roles, past ones included."""

    handle: str
    name: str
    email: str | None
    language: str
    active: bool
    roles: tuple[HeldRole, ...]


def bureaus(connection: Connection) -> list[BureauLine]:
    """Return all bureaus, each city's before its recommending units."""
    rows = connection.execute(
        select(
            _bureaus.c.code,
            _bureaus.c.name_zh,
            _bureaus.c.name_en,
            _bureaus.c.level,
            _bureaus.c.kind,
            _parents.c.code.label("of"),
        )
        .outerjoin(_parents, _parents.c.id == _bureaus.c.parent_id)
        .order_by(_bureaus.c.level, _parents.c.code, _bureaus.c.code)
    )
    return [BureauLine(*row) for row in rows]


def organisations(connection: Connection) -> list[OrganisationLine]:
    """Return all organisations by USCC."""
    rows = connection.execute(
        select(_organisations.c.uscc, _organisations.c.name, _organisations.c.kind, _bureaus.c.code)
        .outerjoin(_bureaus, _bureaus.c.id == _organisations.c.district_id)
        .order_by(_organisations.c.uscc)
    )
    return [OrganisationLine(*row) for row in rows]


def people(connection: Connection) -> list[PersonLine]:
    """Return all people by handle."""
    held = _held(connection)
    rows = connection.execute(select(_people).order_by(_people.c.handle))
    return [
        PersonLine(row.handle, row.name, row.email, row.language, row.active, tuple(held.get(row.id, ())))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class RoleCard:
    """Somebody in one of their roles; ``of`` names the unit or bureau in Chinese and in English."""

    handle: str
    name: str
    role: str
    of_zh: str
    of_en: str
    valid_to: datetime.date | None


def people_by_role(connection: Connection, roles: Sequence[str], day: datetime.date) -> list[RoleCard]:
    """Return who holds one of ``roles`` on ``day``, in the order of these."""
    cards = [
        RoleCard(*row) for row in connection.execute(_cards().where(_roles.c.role.in_(roles), in_force(day)))
    ]
    return sorted(cards, key=lambda card: roles.index(card.role))


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the same bureau, in one of their roles."""

    id: int
    name: str
    role: str


def colleagues(
    connection: Connection, claim: Claim, roles: Sequence[str], day: datetime.date
) -> list[Colleague]:
    """Return who holds one of ``roles`` on ``day`` in the claim's bureaus, each once, by their first role."""
    own = _roles.alias("own_roles")
    bureaus = select(own.c.bureau_id).where(own.c.person_id == claim.holder, own.c.role == claim.role)
    rows = connection.execute(
        select(_people.c.id, _people.c.name, _roles.c.role)
        .join(_roles, _roles.c.person_id == _people.c.id)
        .where(_people.c.active, _roles.c.role.in_(roles), _roles.c.bureau_id.in_(bureaus), in_force(day))
        .order_by(_people.c.name, _roles.c.id)
    )
    found: dict[int, Colleague] = {}
    for row in rows:
        found.setdefault(row.id, Colleague(*row))
    return list(found.values())


def held(connection: Connection, person_id: int) -> list[RoleCard]:
    """Return the roles of a person, past ones included."""
    rows = connection.execute(_cards().where(_roles.c.person_id == person_id))
    return [RoleCard(*row) for row in rows]


def _cards() -> Select[Any]:
    return (
        select(
            _people.c.handle,
            _people.c.name,
            _roles.c.role,
            func.coalesce(_organisations.c.name, _bureaus.c.name_zh),
            func.coalesce(_organisations.c.name, _bureaus.c.name_en),
            _roles.c.valid_to,
        )
        .join(_people, _people.c.id == _roles.c.person_id)
        .outerjoin(_organisations, _organisations.c.id == _roles.c.organisation_id)
        .outerjoin(_bureaus, _bureaus.c.id == _roles.c.bureau_id)
        .where(_people.c.active)
        .order_by(_roles.c.id)
    )


@dataclass(frozen=True, slots=True)
class Name:
    """What a person is called, and the handle they are addressed by."""

    handle: str
    name: str


def names(connection: Connection, people: Iterable[int]) -> dict[int, Name]:
    """Return what each of ``people`` (ids) is called."""
    rows = connection.execute(
        select(_people.c.id, _people.c.handle, _people.c.name).where(_people.c.id.in_(list(people)))
    )
    return {row.id: Name(row.handle, row.name) for row in rows}


def roles_on(connection: Connection, person_id: int, day: datetime.date) -> list[str]:
    """Return the names of the roles that a person holds on ``day``, each once."""
    rows = connection.execute(
        select(_roles.c.role)
        .join(_people, _people.c.id == _roles.c.person_id)
        .where(_people.c.active, _roles.c.person_id == person_id, in_force(day))
        .order_by(_roles.c.id)
    )
    return list(dict.fromkeys(rows.scalars()))


def _held(connection: Connection) -> Mapping[int, list[HeldRole]]:
    rows: Any = connection.execute(
        select(
            _roles.c.person_id,
            _roles.c.role,
            _roles.c.valid_from,
            _roles.c.valid_to,
            _organisations.c.uscc,
            _bureaus.c.code,
            _people.c.handle.label("supervisor"),
        )
        .outerjoin(_organisations, _organisations.c.id == _roles.c.organisation_id)
        .outerjoin(_bureaus, _bureaus.c.id == _roles.c.bureau_id)
        .outerjoin(_supervisors, _supervisors.c.role_id == _roles.c.id)
        .outerjoin(_people, _people.c.id == _supervisors.c.person_id)
        .order_by(_roles.c.id)
    )
    held: dict[int, list[HeldRole]] = {}
    for row in rows:
        line = HeldRole(row.role, row.uscc or row.code, row.valid_from, row.valid_to, row.supervisor)
        held.setdefault(row.person_id, []).append(line)
    return held
