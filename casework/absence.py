"""Who is absent on a day and who stands in, and who supervises whom."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from casework.access import delegated, in_force, in_same_unit
from models import Bureau, Delegation, Organisation, Person, Role, Supervisor

_delegations = Delegation.__table__
_roles = Role.__table__
_supervisors = Supervisor.__table__
_people = Person.__table__
_substitutes = Person.__table__.alias("substitutes")
_bureaus = Bureau.__table__
_organisations = Organisation.__table__


@dataclass(frozen=True, slots=True)
class Absence:
    """A role handed over: ``substitute`` acts for ``person`` in ``role`` of ``unit``, both days included.

    ``unit`` is a USCC or a bureau's code; people are their ids.
    """

    id: int
    person: int
    role: str
    unit: str
    substitute: int
    first_day: datetime.date
    last_day: datetime.date
    reason: str


@dataclass(frozen=True, slots=True)
class Post:
    """A person in a role of a unit (USCC or bureau code)."""

    person: int
    role: str
    unit: str


def on(
    connection: Connection,
    day: datetime.date,
    people: Iterable[int] | None = None,
    bureau_id: int | None = None,
) -> list[Absence]:
    """Return every role whose substitute stands in on ``day``: of ``people``, or of all; of one bureau.

    Where the role itself has ended, or the substitute is inactive or has left the unit, nobody stands in.
    """
    statement = _ABSENCES.where(
        delegated(day),
        in_force(day),
        _substitutes.c.active,
        in_same_unit(_delegations.c.substitute_id, day),
    )
    if people is not None:
        statement = statement.where(_roles.c.person_id.in_(list(people)))
    if bureau_id is not None:
        statement = statement.where(_roles.c.bureau_id == bureau_id)
    return [Absence(*row) for row in connection.execute(statement)]


def one(connection: Connection, delegation: int) -> Absence:
    """Return a delegation by its id, past ones too; raises sqlalchemy.exc.NoResultFound."""
    return Absence(*connection.execute(_ABSENCES.where(_delegations.c.id == delegation)).one())


@dataclass(frozen=True, slots=True)
class StandIn:
    """A role handed over, from one side: ``person`` and ``name`` are the other's."""

    id: int
    person: int
    name: str
    role: str
    unit_zh: str
    unit_en: str
    first_day: datetime.date
    last_day: datetime.date


def standing_in(connection: Connection, day: datetime.date, substitute: int) -> list[StandIn]:
    """Return the absent ones that ``substitute`` stands in for on ``day``, with their roles."""
    other = _people.c.id == _roles.c.person_id
    return _sides(connection, day, other, _delegations.c.substitute_id == substitute)


def handed_over(connection: Connection, day: datetime.date, absent: int) -> list[StandIn]:
    """Return who stands in on ``day`` for ``absent``, in which roles."""
    other = _people.c.id == _delegations.c.substitute_id
    return _sides(connection, day, other, _roles.c.person_id == absent)


def _sides(
    connection: Connection, day: datetime.date, other: ColumnElement[bool], own: ColumnElement[bool]
) -> list[StandIn]:
    rows = connection.execute(
        select(
            _delegations.c.id,
            _people.c.id,
            _people.c.name,
            _roles.c.role,
            func.coalesce(_organisations.c.name, _bureaus.c.name_zh),
            func.coalesce(_organisations.c.name, _bureaus.c.name_en),
            _delegations.c.first_day,
            _delegations.c.last_day,
        )
        .select_from(_WITH_UNIT)
        .join(_delegations, _delegations.c.role_id == _roles.c.id)
        .join(_substitutes, _substitutes.c.id == _delegations.c.substitute_id)
        .join(_people, other)
        .where(
            own,
            delegated(day),
            in_force(day),
            _substitutes.c.active,
            in_same_unit(_delegations.c.substitute_id, day),
        )
        .order_by(_delegations.c.first_day, _delegations.c.id)
    )
    return [StandIn(*row) for row in rows]


def stand_ins(connection: Connection, day: datetime.date, people: Iterable[int]) -> dict[Post, Absence]:
    """Return who of ``people`` is absent on ``day``, by the role they handed over; see ``on``."""
    return {Post(each.person, each.role, each.unit): each for each in on(connection, day, people)}


def supervisors(connection: Connection, day: datetime.date, people: Iterable[int]) -> dict[Post, int]:
    """Return the supervisors of ``people`` in the roles they hold on ``day``; the inactive are left out."""
    rows = connection.execute(
        select(_roles.c.person_id, _roles.c.role, _UNIT, _supervisors.c.person_id.label("supervisor"))
        .select_from(_WITH_UNIT)
        .join(_supervisors, _supervisors.c.role_id == _roles.c.id)
        .join(_people, _people.c.id == _supervisors.c.person_id)
        .where(
            _people.c.active,
            _roles.c.person_id.in_(list(people)),
            in_force(day),
            in_same_unit(_supervisors.c.person_id, day),
        )
    )
    return {Post(row.person_id, row.role, row.unit): row.supervisor for row in rows}


_UNIT = func.coalesce(_organisations.c.uscc, _bureaus.c.code).label("unit")
_WITH_UNIT = _roles.outerjoin(_organisations, _organisations.c.id == _roles.c.organisation_id).outerjoin(
    _bureaus, _bureaus.c.id == _roles.c.bureau_id
)
_ABSENCES: Select[Any] = (
    select(
        _delegations.c.id,
        _roles.c.person_id,
        _roles.c.role,
        _UNIT,
        _delegations.c.substitute_id,
        _delegations.c.first_day,
        _delegations.c.last_day,
        _delegations.c.reason,
    )
    .select_from(_WITH_UNIT)
    .join(_delegations, _delegations.c.role_id == _roles.c.id)
    .join(_substitutes, _substitutes.c.id == _delegations.c.substitute_id)
    .order_by(_delegations.c.first_day, _delegations.c.id)
)
