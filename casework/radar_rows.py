"""What the radar's lines are made of, read for a page of cases and matters in one statement each."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Select, bindparam, null, or_, select

from casework.access import in_force
from models import (
    Bureau,
    Call,
    Case,
    Deadline,
    Incident,
    IncidentCase,
    Matter,
    Notice,
    Organisation,
    Person,
    RegisterEntry,
    Revision,
    Role,
    Subject,
    Timer,
    WorkItem,
)
from models.among import Among
from models.incident import UNTOLD
from models.notice import DEAD
from models.prepared import Prepared
from procedure.instant import day_of

_subjects = Subject.__table__
_cases = Case.__table__
_calls = Call.__table__
_matters = Matter.__table__
_entries = RegisterEntry.__table__
_leads = Organisation.__table__
_bureaus = Bureau.__table__
_cities = _bureaus.alias("cities")
_revisions = Revision.__table__
_deadlines = Deadline.__table__
_timers = Timer.__table__
_work = WorkItem.__table__
_people = Person.__table__
_roles = Role.__table__
_notices = Notice.__table__
_incidents = Incident.__table__
_hit = IncidentCase.__table__

PEOPLE: Final = 3
"""So many names of an office's people a line gives."""

_OF_ALL: Final = (
    _subjects.c.id,
    _subjects.c.kind,
    _subjects.c.stage,
    _subjects.c.due_at,
    _subjects.c.entered_at,
    _leads.c.id.label("lead_id"),
    _leads.c.name.label("lead"),
    _bureaus.c.id.label("district_id"),
    _bureaus.c.code.label("district"),
    _bureaus.c.name_zh,
    _bureaus.c.name_en,
    _cities.c.code.label("city_code"),
    _cities.c.id.label("city_id"),
    _cities.c.name_zh.label("city_zh"),
    _cities.c.name_en.label("city_en"),
    _revisions.c.content_hash,
)


def _of_subjects(query: Select[Any]) -> Prepared:
    return Prepared(
        query.join(_cities, _cities.c.id == _subjects.c.bureau_id)
        .join(_revisions, _revisions.c.id == _subjects.c.revision_id)
        .where(Among(_subjects.c.id, "ids"))
    )


_OF_CASES: Final = _of_subjects(
    select(*_OF_ALL, _cases.c.number, null().label("entry"), _calls.c.code.label("call"))
    .join(_cases, _cases.c.subject_id == _subjects.c.id)
    .join(_leads, _leads.c.id == _cases.c.lead_id)
    .join(_bureaus, _bureaus.c.id == _cases.c.district_id)
    .outerjoin(_calls, _calls.c.subject_id == _cases.c.call_id)
)
_OF_MATTERS: Final = _of_subjects(
    select(*_OF_ALL, _matters.c.number, _entries.c.number.label("entry"), null().label("call"))
    .join(_matters, _matters.c.subject_id == _subjects.c.id)
    .join(_entries, _entries.c.id == _matters.c.entry_id)
    .join(_leads, _leads.c.id == _entries.c.lead_id)
    .join(_bureaus, _bureaus.c.id == _subjects.c.entry_district_id)
)
_CLOCKS: Final = Prepared(
    select(_deadlines.c.subject_id, _deadlines.c.name, _deadlines.c.due_at, _deadlines.c.provisional)
    .where(
        Among(_deadlines.c.subject_id, "ids"),
        or_(*(_deadlines.c.state == state for state in ("running", "overdue"))),
    )
    .order_by(_deadlines.c.due_at.desc())
)
_TIMERS: Final = Prepared(
    select(_timers.c.subject_id, _timers.c.deadline, _timers.c.rung, _timers.c.at)
    .where(Among(_timers.c.subject_id, "ids"), _timers.c.state == "pending")
    .order_by(_timers.c.at.desc())
)
_DESKS: Final = Prepared(
    select(_work.c.subject_id, _work.c.opened_at, _people.c.name)
    .outerjoin(_people, _people.c.id == _work.c.person_id)
    .where(Among(_work.c.subject_id, "ids"), _work.c.done_at.is_(None))
    .order_by(_work.c.id)
)
_GIVEN_UP: Final = Prepared(
    select(_notices.c.subject_id, _notices.c.id)
    .where(DEAD, Among(_notices.c.subject_id, "ids"))
    .order_by(_notices.c.id)
)
_FAILING: Final = Prepared(
    select(_hit.c.subject_id, _incidents.c.id, _incidents.c.kind)
    .join(_incidents, _incidents.c.id == _hit.c.incident_id)
    .where(Among(_hit.c.subject_id, "ids"), _hit.c.state == "failing")
    .where(_incidents.c.id.in_(select(_incidents.alias("untold").c.id).where(UNTOLD)))
    .order_by(_incidents.c.id)
)


def _staff_of(place: str, *roles: str) -> Prepared:
    return Prepared(
        select(_roles.c.role, _roles.c[place], _people.c.name)
        .join(_people, _people.c.id == _roles.c.person_id)
        .where(
            Among(_roles.c[place], "places"),
            or_(*(_roles.c.role == role for role in roles)),
            _people.c.active,
            in_force(bindparam("day")),
        )
        .order_by(_roles.c.id)
    )


_STAFF: Final = _staff_of("bureau_id", "district_officer", "city_officer")
_SPEAKERS: Final = _staff_of("organisation_id", "applicant")


def subjects(connection: Connection, ids: Collection[int]) -> Sequence[Any]:
    """Return what is known of cases by themselves, and of matters by the entry they concern."""
    rows: list[Any] = []
    for query in (_OF_CASES, _OF_MATTERS):
        if len(rows) < len(ids):
            rows += query.all(connection, {"ids": ids})
    return rows


def clocks(connection: Connection, ids: Collection[int]) -> dict[int, Any]:
    """Return the deadline of each subject that is due first."""
    return {row.subject_id: row for row in _CLOCKS.all(connection, {"ids": ids})}


def timers(connection: Connection, ids: Collection[int]) -> dict[int, Any]:
    """Return the next pending timer of each subject."""
    return {row.subject_id: row for row in _TIMERS.all(connection, {"ids": ids})}


def desks(connection: Connection, ids: Collection[int]) -> dict[int, list[Any]]:
    """Return the open work items of each subject, with the people they are for by name."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in _DESKS.all(connection, {"ids": ids}):
        found[row.subject_id].append(row)
    return found


def given_up(connection: Connection, ids: Collection[int]) -> defaultdict[int, list[int]]:
    """Return the notices of each subject that were given up."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in _GIVEN_UP.all(connection, {"ids": ids}) if ids else ():
        found[row.subject_id].append(row.id)
    return found


def failing(connection: Connection, ids: Collection[int]) -> defaultdict[int, dict[int, str]]:
    """Return the unresolved incidents that hit each subject, with their kinds; no due date tells them."""
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for row in _FAILING.all(connection, {"ids": ids}) if ids else ():
        found[row.subject_id][row.id] = row.kind
    return found


def staff(
    connection: Connection, rows: Sequence[Any], now: pendulum.DateTime
) -> dict[tuple[str, int], tuple[str, ...]]:
    """Return the names of those who hold the role of an office or speak for a unit, the first few of each."""
    offices = {row.district_id for row in rows} | {row.city_id for row in rows}
    found: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for query, places in ((_STAFF, offices), (_SPEAKERS, {row.lead_id for row in rows})):
        for role, place, name in query.all(connection, {"places": places, "day": day_of(now)}):
            found[role, place].append(name)
    return {key: tuple(names[:PEOPLE]) for key, names in found.items()}
