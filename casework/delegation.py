"""Handing a role over to a substitute for a time, and ending that early."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import pendulum
from pydantic import StringConstraints
from sqlalchemy import Connection, Engine, Row, insert, literal, select, update

from casework import absence, access, clock, notices
from casework.absence import Absence
from casework.access import Claim, NoSuchRole, in_force, in_same_unit
from casework.notices import Summons
from casework.terms import term
from models import Bureau, Delegation, Organisation, Person, Role
from models.database import writing
from models.notice import ORDINARY
from procedure.act import Refusal
from procedure.acts import parsed
from procedure.acts.act_type import Payload
from procedure.acts.draft import Reason
from procedure.acts.panel import Handle
from procedure.instant import Day, day_of

LONGEST: Final = datetime.timedelta(days=366)
"""The longest time for which a role is handed over at once (a setting)."""

FOR_OTHERS: Final = ("city_leader", "administrator")
"""Who may hand over the role of another of their bureau, or of a recommending unit under it."""

_delegations = Delegation.__table__
_roles = Role.__table__
_people = Person.__table__
_bureaus = Bureau.__table__
_organisations = Organisation.__table__


class HandOver(Payload):
    """Whose role (a handle) is handed over to whom, for which days, both included.

    ``of`` names the unit (USCC or bureau code) where the absent one holds the role for several.
    """

    absent: Handle
    role: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    substitute: Handle
    first_day: Day
    last_day: Day
    reason: Reason
    of: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A role handed over; ``repeated`` says that exactly this had been done before."""

    absence: Absence
    repeated: bool = False


def hand_over(engine: Engine, claim: Claim, particulars: Mapping[str, Any]) -> HandedOver | Refusal:
    """Hand a role over to a substitute of the same unit, who then acts on its holder's behalf (``HandOver``).

    It ends by itself after the last day, and the substitute is told of it. The absent one may go on acting;
    whoever acts is recorded. A role is handed over to one person at a time, a seat on a panel never.
    """
    wanted = parsed("hand_over", HandOver, particulars)
    if isinstance(wanted, Refusal):
        return wanted
    if wanted.role == "expert":
        return Refusal("seat_not_delegable", {"role": wanted.role})
    with writing(engine) as connection:
        return _hand_over(connection, claim, wanted)


def _hand_over(connection: Connection, claim: Claim, wanted: HandOver) -> HandedOver | Refusal:
    now = clock.now(connection)
    refused = _bad_days(wanted, day_of(now))
    if refused is not None:
        return refused
    absent, substitute = _person(connection, wanted.absent), _person(connection, wanted.substitute)
    if absent is None or substitute is None:
        return Refusal("unknown_person", {"handle": wanted.absent if absent is None else wanted.substitute})
    role = _role(connection, absent, wanted)
    if isinstance(role, Refusal):
        return role
    refused = _may(connection, claim, absent, role, day_of(now))
    refused = refused or _unfit(connection, absent, substitute, role, wanted)
    if refused is not None:
        return refused
    values = {
        "role_id": role.id,
        "substitute_id": substitute,
        "first_day": wanted.first_day,
        "last_day": wanted.last_day,
        "reason": wanted.reason,
    }
    overlapping = _overlapping(connection, [role.id], wanted)
    for other in overlapping:
        if all(getattr(other, name) == value for name, value in values.items()):
            return HandedOver(absence.one(connection, other.id), repeated=True)
    if overlapping:
        return Refusal("handed_over_already", _who_and_when(connection, overlapping[0]))
    made = connection.execute(
        insert(_delegations).values(**values, made_at=now, made_by=claim.person).returning(_delegations.c.id)
    ).scalar_one()
    handed = absence.one(connection, made)
    _tell(connection, handed, now)
    return HandedOver(handed)


def _tell(connection: Connection, handed: Absence, now: pendulum.DateTime) -> None:
    """Tell the substitute, once, whose role they hold and for which days."""
    row = connection.execute(_NAMES.where(_delegations.c.id == handed.id)).one()
    context = {
        language: {
            "absent_name": row.name,
            "unit": row.organisation or (row.name_en if language == "en" else row.name_zh),
            "role": term("roles", handed.role, language),
            "first_day": handed.first_day.isoformat(),
            "last_day": handed.last_day.isoformat(),
            "reason": handed.reason,
        }
        for language in ("zh", "en")
    }
    told = Summons(
        f"delegation {handed.id}", "handed_over", frozenset({handed.substitute}), context, urgency=ORDINARY
    )
    notices.write_summons(connection, [told], now)


def end(engine: Engine, claim: Claim, delegation: int) -> Absence | Refusal:
    """End a delegation from now on: by the absent one, the substitute, or who may hand over for others."""
    with writing(engine) as connection:
        now = clock.now(connection)
        row = connection.execute(
            select(_delegations).where(_delegations.c.id == delegation).with_for_update()
        ).one_or_none()
        if row is None:
            return Refusal("no_such_delegation", {"delegation": delegation})
        if row.ended_at is not None or row.last_day < day_of(now):
            return Refusal("delegation_over", {"delegation": delegation, "last": row.last_day.isoformat()})
        role = connection.execute(_ROLE.where(_roles.c.id == row.role_id)).one()
        if claim.person != row.substitute_id:
            refused = _may(connection, claim, role.person_id, role, day_of(now))
            if refused is not None:
                return refused
        connection.execute(
            update(_delegations)
            .where(_delegations.c.id == delegation)
            .values(ended_at=now, ended_by=claim.person)
        )
        return absence.one(connection, delegation)


_NAMES = (
    select(
        _people.c.name, _bureaus.c.name_zh, _bureaus.c.name_en, _organisations.c.name.label("organisation")
    )
    .select_from(_delegations)
    .join(_roles, _roles.c.id == _delegations.c.role_id)
    .join(_people, _people.c.id == _roles.c.person_id)
    .outerjoin(_bureaus, _bureaus.c.id == _roles.c.bureau_id)
    .outerjoin(_organisations, _organisations.c.id == _roles.c.organisation_id)
)
_ROLE = (
    select(
        _roles.c.id,
        _roles.c.person_id,
        _roles.c.role,
        _roles.c.bureau_id,
        _roles.c.organisation_id,
        _bureaus.c.code,
        _bureaus.c.parent_id,
        _organisations.c.uscc,
    )
    .outerjoin(_bureaus, _bureaus.c.id == _roles.c.bureau_id)
    .outerjoin(_organisations, _organisations.c.id == _roles.c.organisation_id)
)


def _bad_days(wanted: HandOver, today: datetime.date) -> Refusal | None:
    first, last = wanted.first_day.isoformat(), wanted.last_day.isoformat()
    if wanted.first_day < today:
        return Refusal("time_has_passed", {"field": "first_day", "value": first, "now": today.isoformat()})
    if not wanted.first_day <= wanted.last_day <= wanted.first_day + LONGEST:
        return Refusal("bad_days", {"first": first, "last": last, "at_most": LONGEST.days})
    return None


def _person(connection: Connection, handle: str) -> int | None:
    return connection.execute(
        select(_people.c.id).where(_people.c.handle == handle, _people.c.active)
    ).scalar()


def _role(connection: Connection, absent: int, wanted: HandOver) -> Row[Any] | Refusal:
    """Return the role that is handed over, held on the first day, its row locked."""
    held = connection.execute(
        _ROLE.where(
            _roles.c.person_id == absent,
            _roles.c.role == wanted.role,
            in_force(wanted.first_day),
        )
        .order_by(_roles.c.id)
        .with_for_update(of=_roles)
    ).all()
    fitting = [row for row in held if wanted.of in (None, row.code, row.uscc)]
    if not fitting:
        return Refusal("no_such_role", {"role": wanted.role})
    if len(fitting) > 1:
        return Refusal("which_unit", {"units": [row.code or row.uscc for row in fitting]})
    return fitting[0]


def _may(
    connection: Connection, claim: Claim, absent: int, role: Row[Any], today: datetime.date
) -> Refusal | None:
    """Refuse who is neither the absent one nor may hand over the roles of this unit."""
    if claim.person == absent and claim.on_behalf_of is None:
        return None
    if claim.role not in FOR_OTHERS:
        return Refusal(
            "role_may_not", {"act": "hand_over", "stage": None, "role": claim.role, "roles": list(FOR_OTHERS)}
        )
    try:
        actors = access.roles_of(connection, claim, today)
    except NoSuchRole:
        return Refusal("no_such_role", {"role": claim.role})
    codes = {actor.bureau for actor in actors}
    parent = connection.execute(select(_bureaus.c.code).where(_bureaus.c.id == role.parent_id)).scalar()
    if role.code in codes or parent in codes:
        return None
    return Refusal(
        "not_yours",
        {
            "ref": role.code or role.uscc,
            "role": claim.role,
            "acting_for": next(iter(sorted(filter(None, codes))), ""),
        },
    )


def _unfit(
    connection: Connection, absent: int, substitute: int, role: Row[Any], wanted: HandOver
) -> Refusal | None:
    """Refuse a substitute who is the absent one, of another unit, or absent at the same time."""
    if substitute == absent:
        return Refusal("substitute_is_the_absent", {"handle": wanted.absent})
    same_unit = select(_roles.c.id).where(
        _roles.c.id == role.id, in_same_unit(literal(substitute), wanted.first_day)
    )
    if connection.execute(same_unit).scalar() is None:
        return Refusal(
            "substitute_of_another_unit", {"handle": wanted.substitute, "unit": role.code or role.uscc}
        )
    own = connection.execute(
        select(_roles.c.id).where(
            _roles.c.person_id == substitute,
            _roles.c.bureau_id.is_not_distinct_from(role.bureau_id),
            _roles.c.organisation_id.is_not_distinct_from(role.organisation_id),
        )
    ).scalars()
    away = _overlapping(connection, own, wanted)
    return Refusal("substitute_absent", _who_and_when(connection, away[0])) if away else None


def _overlapping(connection: Connection, role_ids: Iterable[int], wanted: HandOver) -> list[Row[Any]]:
    """Return the delegations of these roles that are not over and share a day with what is wanted."""
    return list(
        connection.execute(
            select(_delegations)
            .where(
                _delegations.c.role_id.in_(list(role_ids)),
                _delegations.c.ended_at.is_(None),
                _delegations.c.first_day <= wanted.last_day,
                _delegations.c.last_day >= wanted.first_day,
            )
            .order_by(_delegations.c.first_day)
        )
    )


def _who_and_when(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    name = connection.execute(select(_people.c.name).where(_people.c.id == row.substitute_id)).scalar_one()
    return {
        "substitute": name,
        "first": row.first_day.isoformat(),
        "last": row.last_day.isoformat(),
        "delegation": row.id,
    }
