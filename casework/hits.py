"""The open cases and matters whose trouble no due date tells: few, found by what hit them and read at once.

The statements are the same every time but for their parameters, and put together once: that takes longer than
to answer them.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TextClause,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy import case as when

from casework.access import Watched, in_force
from casework.troubles import Trouble, handed_in
from models import (
    Bureau,
    Deadline,
    Delegation,
    Incident,
    IncidentCase,
    Notice,
    Person,
    Role,
    Subject,
    WorkItem,
)
from models.among import Among
from models.deadline import AGAIN
from models.incident import UNTOLD
from models.notice import DEAD
from models.person import INACTIVE
from models.prepared import Prepared
from models.subject import OPEN, OPEN_MATTER

_subjects = Subject.__table__
_deadlines = Deadline.__table__
_delegations = Delegation.__table__
_notices = Notice.__table__
_work = WorkItem.__table__
_bureaus = Bureau.__table__
_roles = Role.__table__
_people = Person.__table__
_incidents = Incident.__table__
_hit = IncidentCase.__table__

WORKING: Final = ("applicant", "district_officer", "city_officer", "city_leader", "expert")
"""The roles that work items are for."""


def columns(district: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    """Return what is read of a case or matter in trouble, in the order of its index from the second on."""
    of = _subjects.c
    return (of.id, of.due_at, district.label("district"), of.stage, of.kind)


def found(
    connection: Connection, within: Sequence[Watched], day: datetime.date
) -> Iterator[tuple[Trouble, list[Any]]]:
    """Yield the open ones of the watched that have each kind of trouble, as rows of ``columns``."""
    for trouble, ids in _IDS.items():
        for scope in within:
            yield trouble, ids[_form(scope)].all(connection, _of(scope))
    for trouble, away in ((Trouble.NO_HOLDER, False), (Trouble.ABSENT, True)):
        for key, role, missing in _nobody_there(connection, day, away=away):
            for scope in within:
                values = {**_of(scope), "role": role, "missing": missing}
                yield trouble, _UNDONE[key][_form(scope)].all(connection, values)


_Form = tuple[bool, bool]
"""Whether a district is watched, and whether as the district itself."""


def _form(within: Watched) -> _Form:
    return (within.district is not None, within.as_district)


def _of(within: Watched) -> dict[str, Any]:
    whole = {"bureau": within.bureau}
    return whole if within.district is None else {**whole, "district": within.district}


def _among(ids: Select[Any]) -> Mapping[_Form, Prepared]:
    """Return, for each form of watching, the query for the open cases and matters of the few of ``ids``."""
    return {
        (narrow, own): Prepared(_looked_up(ids, of_district=narrow, as_district=own))
        for narrow in (False, True)
        for own in (False, True)
    }


def _looked_up(ids: Select[Any], *, of_district: bool, as_district: bool) -> Select[Any]:
    # A sum is no column of an index: SQLite would walk all open cases and look each up among the few.
    case: list[ColumnElement[bool] | TextClause] = [OPEN]
    matter = [OPEN_MATTER, *handed_in(as_district=as_district)]
    if of_district:
        case.append(_subjects.c.district_id + 0 == bindparam("district"))
        matter.append(_subjects.c.entry_district_id + 0 == bindparam("district"))
    either = func.coalesce(_subjects.c.district_id, _subjects.c.entry_district_id)
    return select(*columns(either)).where(
        _subjects.c.id.in_(ids),
        _subjects.c.bureau_id + 0 == bindparam("bureau"),
        or_(and_(*case), and_(*matter)),
    )


_UNTOLD: Final = select(_incidents.c.id).where(UNTOLD)
_IDS: Final = {
    Trouble.BOUNCING: _among(select(_deadlines.c.subject_id).where(AGAIN)),
    Trouble.UNDELIVERED: _among(select(_notices.c.subject_id).where(DEAD)),
    Trouble.INCIDENT: _among(
        select(_hit.c.subject_id).where(_hit.c.incident_id.in_(_UNTOLD), _hit.c.state == "failing")
    ),
}
_UNDONE: Final = {
    key: _among(
        select(_work.c.subject_id).where(
            _work.c.done_at.is_(None), _work.c.role == bindparam("role"), Among(_work.c[key], "missing")
        )
    )
    for key in ("bureau_id", "organisation_id", "person_id")
}

_ON_DAY: Final = bindparam("day")
_HANDED_OVER: Final = select(_delegations.c.role_id).where(
    _delegations.c.first_day <= _ON_DAY, _delegations.c.last_day >= _ON_DAY, _delegations.c.ended_at.is_(None)
)
_ANY_HANDED_OVER: Final = Prepared(_HANDED_OVER.limit(1))


def _nobody_there(
    connection: Connection, day: datetime.date, *, away: bool
) -> Iterator[tuple[str, str, list[int]]]:
    """Yield whose work items of which role nobody can do, who should is gone for good or away, by their key.

    An office or unit is away when everybody there who could do it has handed the role over for the time.
    """
    if away and not _ANY_HANDED_OVER.all(connection, {"day": day}):
        return
    offices: dict[str, list[int]] = {}
    for row in _OFFICES[away].all(connection, {"day": day}):
        offices.setdefault(row.role, []).append(row.id)
    for role, bureaus in offices.items():
        yield "bureau_id", role, bureaus
    missing: dict[str, set[int]] = {}
    # It begins with what has ended or was handed over, which is little, however many roles there are.
    for query in _MISSING[away]:
        for role, unit, person in query.all(connection, {"day": day}):
            missing.setdefault(role, set()).add(unit if role == "applicant" else person)
    for role, who in missing.items():
        yield "organisation_id" if role == "applicant" else "person_id", role, sorted(who)


def _offices_without(*, away: bool) -> Select[Any]:
    """Return the query for the bureaus where nobody holds the role any more, or all who do are away."""
    role = when((_bureaus.c.level == "city", "city_officer"), else_="district_officer")
    held = select(_roles.c.id).where(
        _roles.c.bureau_id == _bureaus.c.id,
        _roles.c.role == role,
        _roles.c.person_id == _people.c.id,
        _people.c.active,
        in_force(_ON_DAY),
    )
    present = exists(held.where(_roles.c.id.not_in(_HANDED_OVER)))
    condition = and_(exists(held), not_(present)) if away else not_(exists(held))
    return select(_bureaus.c.id, role.label("role")).where(condition)


_OFFICES: Final = {away: Prepared(_offices_without(away=away)) for away in (False, True)}


def _roles_without(*, away: bool) -> list[Prepared]:
    """Return the queries for units that nobody speaks for and people without a role, for good or for now."""
    others, people = _roles.alias("other_roles"), _people.alias("other_people")
    alike = or_(
        and_(_roles.c.role == "applicant", others.c.organisation_id == _roles.c.organisation_id),
        and_(_roles.c.role != "applicant", others.c.person_id == _roles.c.person_id),
    )
    still = [
        alike,
        others.c.role == _roles.c.role,
        others.c.valid_from <= _ON_DAY,
        or_(others.c.valid_to.is_(None), others.c.valid_to >= _ON_DAY),
        people.c.id == others.c.person_id,
        people.c.active,
    ]
    if away:
        still.append(others.c.id.not_in(_HANDED_OVER))
        begin = [_roles.c.id.in_(_HANDED_OVER)]
    else:
        begin = [_roles.c.valid_to < _ON_DAY, _roles.c.person_id.in_(select(_people.c.id).where(INACTIVE))]
    working = or_(*(_roles.c.role == role for role in WORKING))
    of = (_roles.c.role, _roles.c.organisation_id, _roles.c.person_id)
    return [Prepared(select(*of).where(ended, working, not_(exists().where(*still)))) for ended in begin]


_MISSING: Final = {away: _roles_without(away=away) for away in (False, True)}
