"""Who is meant by an audience: the people whom an event is told to."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, or_, select

from models import Bureau, Organisation, Person, Role

_people = Person.__table__
_roles = Role.__table__
_organisations = Organisation.__table__
_bureaus = Bureau.__table__

BUREAU_AUDIENCES = {
    "district": ("district_officer",),
    "bureau": ("city_officer",),
    "leader": ("city_leader",),
    "supervisor": ("city_officer",),
}

_FIND = (
    select(
        _people.c.id,
        _people.c.name,
        _people.c.language,
        _roles.c.role,
        _organisations.c.uscc,
        _bureaus.c.code,
    )
    .select_from(_people)
    .join(_roles, _roles.c.person_id == _people.c.id)
    .outerjoin(_organisations, _organisations.c.id == _roles.c.organisation_id)
    .outerjoin(_bureaus, _bureaus.c.id == _roles.c.bureau_id)
    .where(
        _people.c.active,
        _roles.c.valid_from <= bindparam("day"),
        or_(_roles.c.valid_to.is_(None), _roles.c.valid_to >= bindparam("day")),
        or_(
            _organisations.c.uscc.in_(bindparam("units", expanding=True)),
            _bureaus.c.code.in_(bindparam("bureaus", expanding=True)),
            _people.c.id.in_(bindparam("people", expanding=True)),
        ),
    )
    .order_by(_people.c.id)
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person to write to, with the role and the unit or bureau that make them one."""

    person: int
    name: str
    language: str
    role: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Audience:
    """One audience of one event: people in ``roles`` of ``units`` (USCCs or bureau codes), or named ones."""

    roles: tuple[str, ...]
    units: frozenset[str] = frozenset()
    people: frozenset[int] = frozenset()

    def of(self, recipients: Iterable[Recipient]) -> list[Recipient]:
        """Return those of ``recipients`` who belong to this audience, each person once."""
        found = {
            recipient.person: recipient
            for recipient in recipients
            if recipient.person in self.people
            or (recipient.unit in self.units and recipient.role in self.roles)
        }
        return list(found.values())


def find(connection: Connection, audiences: Iterable[Audience], day: object) -> list[Recipient]:
    """Return everyone who may belong to one of ``audiences`` on ``day``, in one query."""
    units: set[str] = set()
    people: set[int] = set()
    for audience in audiences:
        units |= audience.units
        people |= audience.people
    if not units and not people:
        return []
    rows = connection.execute(
        _FIND, {"day": day, "units": list(units), "bureaus": list(units), "people": list(people)}
    )
    return [Recipient(row.id, row.name, row.language, row.role, row.uscc or row.code) for row in rows]
