"""What may be wrong with an open case, each kind as a query over the cases that somebody watches over."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pendulum
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TextClause,
    and_,
    bindparam,
    exists,
    literal,
    not_,
    or_,
    select,
    union,
)
from sqlalchemy import case as when

from casework.access import SEEN_WITH_ENTRY, Watched, in_force
from models import (
    Bureau,
    Deadline,
    Delegation,
    Incident,
    IncidentCase,
    Instant,
    Notice,
    Person,
    Role,
    Subject,
    WorkItem,
)
from models.deadline import AGAIN
from models.incident import UNTOLD
from models.notice import DEAD
from models.person import INACTIVE
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


class Trouble(StrEnum):
    """A kind of trouble, the most urgent first."""

    OVERDUE = "overdue"
    BREACH = "breach"
    NO_HOLDER = "no_holder"
    ABSENT = "absent"
    INCIDENT = "incident"
    UNDELIVERED = "undelivered"
    BOUNCING = "bouncing"


HELPS: Final[Mapping[Trouble, tuple[str, ...]]] = {
    Trouble.OVERDUE: ("urge", "extend_deadline", "reassign"),
    Trouble.BREACH: ("urge", "extend_deadline", "reassign"),
    Trouble.NO_HOLDER: ("reassign",),
    Trouble.ABSENT: ("urge", "reassign"),
    Trouble.INCIDENT: ("retry", "look_into"),
    Trouble.UNDELIVERED: ("resend",),
    Trouble.BOUNCING: (),
}
"""What helps against each: acts of the case where its procedure has them, and trying again what failed."""


@dataclass(frozen=True, slots=True)
class Danger:
    """Until when a due date is in danger: by stage and district, by stage, and for every other."""

    default: pendulum.DateTime
    by_stage: Mapping[str, tuple[pendulum.DateTime, Mapping[int, pendulum.DateTime]]]

    @property
    def latest(self) -> pendulum.DateTime:
        """The latest of all."""
        every = [at for at, own in self.by_stage.values() for at in (at, *own.values())]
        return max((self.default, *every))

    def at(self, stage: str, district: int | None) -> pendulum.DateTime:
        """Return until when a due date at ``stage`` in ``district`` is in danger."""
        general, own = self.by_stage.get(stage, (self.default, {}))
        return own.get(district, general) if district is not None else general

    def condition(self) -> ColumnElement[bool]:
        """Return the condition on ``subjects`` that its due date is in danger, or past."""
        due, until = _subjects.c.due_at, _at(self.default)
        arms = [
            (_subjects.c.stage == stage, _own(general, own))
            for stage, (general, own) in self.by_stage.items()
        ]
        return and_(due <= _at(self.latest), due <= (when(*arms, else_=until) if arms else until))


def open_cases(within: Watched) -> ColumnElement[bool]:
    """Return the condition on ``subjects`` that it is an open case of those that ``within`` watches over."""
    # As the partial indexes say it: SQLite does not see that parameters mean the same.
    if within.district is None:
        return and_(OPEN, _subjects.c.bureau_id == within.bureau)
    return and_(OPEN, _subjects.c.bureau_id == within.bureau, _subjects.c.district_id == within.district)


def open_matters(within: Watched) -> ColumnElement[bool]:
    """Return the condition on ``subjects`` that it is an open matter after filing, of those watched over.

    A change that is being drawn up is its lead unit's own business, like a draft.
    """
    of = [OPEN_MATTER, _subjects.c.bureau_id == within.bureau]
    if within.district is not None:
        of.append(_subjects.c.entry_district_id == within.district)
    return and_(*of, *_theirs(within))


def _theirs(within: Watched) -> list[ColumnElement[bool]]:
    handed_in = _subjects.c.stage != "draft"
    return [handed_in, _subjects.c.kind.in_(SEEN_WITH_ENTRY)] if within.as_district else [handed_in]


def open_among(ids: Select[Any], within: Watched) -> ColumnElement[bool]:
    """Return the condition on ``subjects`` that it is an open case or matter of the few of ``ids``.

    They are looked up one by one.
    """
    # A sum is no column of an index: SQLite would walk all open cases and look each up among the few.
    case: list[ColumnElement[bool] | TextClause] = [OPEN]
    matter = [OPEN_MATTER, *_theirs(within)]
    if within.district is not None:
        case.append(_subjects.c.district_id + 0 == within.district)
        matter.append(_subjects.c.entry_district_id + 0 == within.district)
    of = (_subjects.c.id.in_(ids), _subjects.c.bureau_id + 0 == within.bureau)
    return and_(*of, or_(and_(*case), and_(*matter)))


def hit_by(connection: Connection, trouble: Trouble, day: datetime.date) -> Select[Any] | None:
    """Return the ids of subjects with one of the other kinds of trouble, as a query; None for certainly none.

    Closed subjects may be among them.
    """
    match trouble:
        case Trouble.BOUNCING:
            return select(_deadlines.c.subject_id).where(AGAIN)
        case Trouble.UNDELIVERED:
            return select(_notices.c.subject_id).where(DEAD)
        case Trouble.INCIDENT:
            untold = select(_incidents.c.id).where(UNTOLD)
            return select(_hit.c.subject_id).where(_hit.c.incident_id.in_(untold), _hit.c.state == "failing")
        case Trouble.NO_HOLDER:
            return _undone(connection, day, away=False)
        case Trouble.ABSENT:
            return _undone(connection, day, away=True)
        case _:
            raise ValueError(f"{trouble} is told by the due date")


def _undone(connection: Connection, day: datetime.date, *, away: bool) -> Select[Any] | None:
    """Return the subjects with a work item that nobody can do: who should is gone for good, or away.

    An office or unit is away when everybody there who could do it has handed the role over for the time.
    """
    if away and connection.execute(_ANY_HANDED_OVER, {"day": day}).first() is None:
        return None
    undone, items = _work.c.done_at.is_(None), select(_work.c.subject_id)
    parts = [
        items.where(undone, _work.c.role == role, _work.c.bureau_id.in_(bureaus))
        for role, bureaus in _offices(connection, day, away=away).items()
    ]
    for role, (key, missing) in _missing(connection, day, away=away).items():
        parts.append(items.where(undone, _work.c[key].in_(sorted(missing)), _work.c.role == role))
    return select(union(*parts).subquery("undone").c.subject_id) if parts else None


_ON_DAY: Final = bindparam("day")
# The same every time but for the day, and put together once: that takes longer than to answer them.
_HANDED_OVER: Final = select(_delegations.c.role_id).where(
    _delegations.c.first_day <= _ON_DAY, _delegations.c.last_day >= _ON_DAY, _delegations.c.ended_at.is_(None)
)
_ANY_HANDED_OVER: Final = _HANDED_OVER.limit(1)


def _offices(connection: Connection, day: datetime.date, *, away: bool) -> dict[str, list[int]]:
    """Return, by role, the bureaus where nobody holds it any more, or everybody who does is away."""
    found: dict[str, list[int]] = {}
    for row in connection.execute(_OFFICES[away], {"day": day}):
        found.setdefault(row.role, []).append(row.id)
    return found


def _offices_without(*, away: bool) -> Select[Any]:
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


_OFFICES: Final = {away: _offices_without(away=away) for away in (False, True)}


def _missing(connection: Connection, day: datetime.date, *, away: bool) -> dict[str, tuple[str, set[int]]]:
    """Return, by role, the units that nobody speaks for and the people who do not hold it, at all or for now.

    It begins with what has ended or was handed over, which is little, however many roles there are.
    """
    found: dict[str, tuple[str, set[int]]] = {}
    for query in _MISSING[away]:
        for role, unit, person in connection.execute(query, {"day": day}):
            key = "organisation_id" if role == "applicant" else "person_id"
            found.setdefault(role, (key, set()))[1].add(unit if role == "applicant" else person)
    return found


def _roles_without(*, away: bool) -> list[Select[Any]]:
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
    columns = (_roles.c.role, _roles.c.organisation_id, _roles.c.person_id)
    return [
        select(*columns).where(ended, _roles.c.role.in_(WORKING), not_(exists().where(*still)))
        for ended in begin
    ]


_MISSING: Final = {away: _roles_without(away=away) for away in (False, True)}


def _own(general: pendulum.DateTime, own: Mapping[int, pendulum.DateTime]) -> ColumnElement[Any]:
    arms = [(_subjects.c.district_id == district, _at(at)) for district, at in own.items()]
    return when(*arms, else_=_at(general)) if arms else _at(general)


def _at(at: datetime.datetime) -> ColumnElement[Any]:
    return literal(at, Instant())
