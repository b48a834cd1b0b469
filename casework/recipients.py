"""Who is meant by an audience: the people whom an event is told to."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    CompoundSelect,
    Connection,
    and_,
    bindparam,
    literal,
    null,
    or_,
    select,
    union_all,
)

from models import Bureau, Organisation, Person, Role
from models.among import Among
from models.prepared import Prepared

_people = Person.__table__
_roles = Role.__table__
_organisations = Organisation.__table__
_bureaus = Bureau.__table__

BUREAU_AUDIENCES: Final = {
    "district": ("district_officer",),
    "bureau": ("city_officer",),
    "leader": ("city_leader",),
    "supervisor": ("city_officer",),
    "duty_officer": ("duty_officer",),
}

_OFFICERS: Final = tuple(sorted({role for roles in BUREAU_AUDIENCES.values() for role in roles}))
_SLOTS: Final = 6
"""Units and people that the common form of the query has room for; a list of any length costs more."""

_NOTHING: Final[Mapping[str, str]] = {}
_Condition = Callable[[Any], Any]


def _find(units: _Condition, people: _Condition) -> CompoundSelect[Any]:
    """Return the query for members of units, officers of bureaus and people by name: each along an index."""
    columns = (_people.c.id, _people.c.name, _people.c.language, _people.c.choices)
    in_force = and_(
        _people.c.active,
        _roles.c.valid_from <= bindparam("day"),
        or_(_roles.c.valid_to.is_(None), _roles.c.valid_to >= bindparam("day")),
    )
    return union_all(
        select(*columns, _roles.c.role, _organisations.c.uscc.label("unit"))
        .select_from(_organisations)
        .join(_roles, _roles.c.organisation_id == _organisations.c.id)
        .join(_people, _people.c.id == _roles.c.person_id)
        .where(units(_organisations.c.uscc), in_force),
        select(*columns, _roles.c.role, _bureaus.c.code.label("unit"))
        .select_from(_bureaus)
        .join(_roles, _roles.c.bureau_id == _bureaus.c.id)
        .join(_people, _people.c.id == _roles.c.person_id)
        .where(units(_bureaus.c.code), or_(*(_roles.c.role == role for role in _OFFICERS)), in_force),
        select(*columns, literal("").label("role"), null().label("unit")).where(
            people(_people.c.id), _people.c.active
        ),
    )


_FIND: Final = Prepared(
    select(
        *_find(
            lambda unit: unit.in_([bindparam(f"unit{n}") for n in range(_SLOTS)]),
            lambda person: person.in_([bindparam(f"person{n}") for n in range(_SLOTS)]),
        )
        .subquery()
        .c
    )
)
_FIND_MANY: Final = Prepared(
    select(*_find(lambda unit: Among(unit, "units"), lambda person: Among(person, "people")).subquery().c)
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person to write to, how they wish to be told, and the role and the unit that make them one."""

    person: int
    name: str
    language: str
    choices: Mapping[str, Any] | None
    role: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Audience:
    """One audience of one event: people in ``roles`` of ``units`` (USCCs or bureau codes), or named ones."""

    roles: tuple[str, ...]
    units: frozenset[str] = frozenset()
    people: frozenset[int] = frozenset()


class Recipients:
    """Everyone who may be written to, found by who they are or by unit and role."""

    def __init__(self, found: Iterable[Recipient] = ()) -> None:
        self._people: dict[int, Recipient] = {}
        self._of_unit: defaultdict[str, list[Recipient]] = defaultdict(list)
        for each in found:
            self._people[each.person] = each
            if each.unit is not None:
                self._of_unit[each.unit].append(each)

    @property
    def people(self) -> frozenset[int]:
        """The ids of everyone who was found."""
        return frozenset(self._people)

    def of(self, audience: Audience, own: Mapping[str, str] = _NOTHING) -> list[Recipient]:
        """Return those who belong to ``audience``, each person once, in the order of their ids.

        ``own`` has a subject's own units in place of those that are marks.
        """
        meant = {person: self._people[person] for person in audience.people if person in self._people}
        for unit in audience.units:
            for each in self._of_unit.get(own.get(unit, unit), ()):
                if each.role in audience.roles:
                    meant[each.person] = each
        return [meant[person] for person in sorted(meant)]


def find(
    connection: Connection, audiences: Iterable[Audience], day: object, own: Iterable[Mapping[str, str]] = ()
) -> Recipients:
    """Return everyone who may belong to one of ``audiences`` on ``day``, in one query.

    Units that are marks stand for those that each of ``own`` has in their place.
    """
    units: set[str] = set()
    people: set[int] = set()
    for audience in audiences:
        units |= audience.units
        people |= audience.people
    units |= {each[mark] for each in own for mark in units if mark in each}
    if not units and not people:
        return Recipients()
    if max(len(units), len(people)) <= _SLOTS:
        slots = {f"unit{n}": None for n in range(_SLOTS)} | {f"person{n}": None for n in range(_SLOTS)}
        slots |= {f"unit{n}": unit for n, unit in enumerate(units)}
        slots |= {f"person{n}": person for n, person in enumerate(people)}
        rows: Iterable[Any] = _FIND.all(connection, {"day": day, **slots})
    else:
        rows = _FIND_MANY.all(connection, {"day": day, "units": units, "people": people})
    return Recipients(Recipient(*row) for row in rows)
