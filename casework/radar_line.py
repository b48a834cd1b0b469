"""A line of the radar: everything about one case or matter in trouble that helps to get it going again."""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, and_, literal, select

from casework import procedures
from casework.access import in_force
from casework.retrying import RETRIABLE
from casework.troubles import HELPS, Trouble
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
from models.incident import UNTOLD
from models.notice import DEAD
from procedure import ladder, written
from procedure.definition import Holder, Life, Procedure, Rung, Words
from procedure.instant import day_of
from procedure.subject import SubjectKind

_subjects = Subject.__table__
_cases = Case.__table__
_calls = Call.__table__
_matters = Matter.__table__
_entries = RegisterEntry.__table__
_leads = Organisation.__table__
_bureaus = Bureau.__table__
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

COMMANDS: Final = ("urge", "resend", "retry", "look_into")
"""What helps and is no act of the procedure."""


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next to a case by itself: at which rung of which deadline, and when.

    ``step`` says when a rung of the ladder comes and whom it tells; None where the deadline itself passes.
    """

    rung: str
    deadline: str
    title: Words
    step: Words | None
    lapses: bool
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One case in trouble: why, who holds the clock since when, when it is due, what is next, what helps.

    ``kind`` is that of its subject, ``bureau`` the city bureau's code; what comes after filing concerns an
    ``entry`` of the register.
    ``notices`` are those given up, ``incidents`` those that hit it: what can be retried, else all.
    """

    number: str
    bureau: str
    kind: str
    entry: str | None
    call: str | None
    lead: str
    district: Words
    district_code: str
    stage: str
    stage_title: Words
    troubles: tuple[Trouble, ...]
    holder: Holder
    office: Words
    people: tuple[str, ...]
    since: datetime.datetime
    due_at: datetime.datetime | None
    provisional: bool
    next: Next | None
    helps: tuple[str, ...]
    notices: tuple[int, ...]
    incidents: tuple[int, ...]


def lines(
    connection: Connection,
    ids: Sequence[int],
    troubles: Mapping[int, tuple[Trouble, ...]],
    now: pendulum.DateTime,
) -> tuple[Line, ...]:
    """Return the lines of these cases, in this order."""
    if not ids:
        return ()
    rows = _rows(connection, ids)
    clocks = _clocks(connection, ids)
    timers = _timers_of(connection, ids)
    desks = _desks(connection, ids)
    staff = _staff(connection, rows, now)
    given_up = _given_up(connection, [id_ for id_ in ids if Trouble.UNDELIVERED in troubles[id_]])
    failing = _failing(connection, [id_ for id_ in ids if Trouble.INCIDENT in troubles[id_]])
    made: dict[int, Line] = {}
    for row in rows:
        procedure = procedures.by_hash(connection, row.content_hash)
        made[row.id] = _line(
            row,
            procedure,
            troubles[row.id],
            clocks,
            timers,
            desks.get(row.id, []),
            staff,
            tuple(given_up[row.id]),
            failing[row.id],
        )
    return tuple(made[id_] for id_ in ids)


def _rows(connection: Connection, ids: Sequence[int]) -> Sequence[Any]:
    """Return what is known of cases by themselves, and of matters by the entry they concern."""
    cities = _bureaus.alias("cities")
    of_all = (
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
        cities.c.code.label("city_code"),
        cities.c.id.label("city_id"),
        cities.c.name_zh.label("city_zh"),
        cities.c.name_en.label("city_en"),
        _revisions.c.content_hash,
    )
    cases = (
        select(*of_all, _cases.c.number, literal(None).label("entry"), _calls.c.code.label("call"))
        .join(_cases, _cases.c.subject_id == _subjects.c.id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.district_id)
        .outerjoin(_calls, _calls.c.subject_id == _cases.c.call_id)
    )
    matters = (
        select(*of_all, _matters.c.number, _entries.c.number.label("entry"), literal(None).label("call"))
        .join(_matters, _matters.c.subject_id == _subjects.c.id)
        .join(_entries, _entries.c.id == _matters.c.entry_id)
        .join(_leads, _leads.c.id == _entries.c.lead_id)
        .join(_bureaus, _bureaus.c.id == _subjects.c.entry_district_id)
    )
    rows: list[Any] = []
    for query in (cases, matters):
        if len(rows) < len(ids):
            rows += connection.execute(
                query.join(cities, cities.c.id == _subjects.c.bureau_id)
                .join(_revisions, _revisions.c.id == _subjects.c.revision_id)
                .where(_subjects.c.id.in_(ids))
            ).all()
    return rows


def _line(
    row: Any,
    procedure: Procedure,
    troubles: tuple[Trouble, ...],
    clocks: Mapping[int, Any],
    timers: Mapping[int, Any],
    desk: Sequence[Any],
    staff: Mapping[tuple[str, int], tuple[str, ...]],
    given_up: tuple[int, ...],
    failing: Mapping[int, str],
) -> Line:
    life = procedure.life(row.kind)
    stage = life.stage[row.stage]
    of_case = row.kind == "application"
    district, city = Words(zh=row.name_zh, en=row.name_en), Words(zh=row.city_zh, en=row.city_en)
    if not of_case:
        # What lies on reviewers' desks is theirs; the clock is the office's.
        desk = ()
    named = tuple(dict.fromkeys(item.name for item in desk if item.name is not None))
    office: Words
    match stage.holder:
        case "applicant":
            office, people = Words(zh=row.lead, en=row.lead), staff.get(("applicant", row.lead_id), ())
        case "district":
            office, people = district, staff.get(("district_officer", row.district_id), ())
        case _:
            office, people = city, staff.get(("city_officer", row.city_id), ())
    if stage.holder in ("panel", "public"):
        people = ()
    due = clocks.get(row.id)
    rung = timers.get(row.id)
    acts = {**life.everywhere, **stage.acts}
    retriable = [incident for incident, kind in failing.items() if kind in RETRIABLE]
    idle = {"look_into" if retriable else "retry", "" if of_case else "urge"}
    helps = dict.fromkeys(
        help_
        for each in troubles
        for help_ in HELPS[each]
        if help_ not in idle
        if help_ in COMMANDS or (help_ in acts and _extends(life, due, help_))
    )
    return Line(
        row.number,
        row.city_code,
        row.kind,
        row.entry,
        row.call,
        row.lead,
        district,
        row.district,
        row.stage,
        stage.title,
        troubles,
        stage.holder,
        office,
        named or people,
        min((item.opened_at for item in desk), default=row.entered_at),
        row.due_at,
        False if due is None else due.provisional,
        None if rung is None else _next(procedure, row.kind, rung),
        (*helps, "open"),
        given_up,
        tuple(retriable or failing),
    )


def _extends(life: Life, due: Any, act: str) -> bool:
    """Return whether an act on a deadline is one that its rule allows; any other act is."""
    if act != "extend_deadline":
        return True
    return due is not None and "extend" in life.deadline[due.name].may


def _next(procedure: Procedure, kind: SubjectKind, timer: Any) -> Next:
    rule = procedure.life(kind).deadline[timer.deadline]
    rungs = ladder.of(procedure, kind, timer.deadline).rungs
    step = next((each for each in rungs if each.id == timer.rung), None)
    said = None if step is None else Words(zh=_step(step, "zh"), en=_step(step, "en"))
    return Next(timer.rung, timer.deadline, rule.title, said, rule.lapse is not None, timer.at)


def _step(step: Rung, language: str) -> str:
    gap = ": " if language == "en" else "："
    return f"{written.rung(step, language)}{gap}{written.told_by(step, language)}"


def _clocks(connection: Connection, ids: Sequence[int]) -> dict[int, Any]:
    """Return the deadline of each case that is due first."""
    rows = connection.execute(
        select(_deadlines.c.subject_id, _deadlines.c.name, _deadlines.c.due_at, _deadlines.c.provisional)
        .where(_deadlines.c.subject_id.in_(ids), _deadlines.c.state.in_(("running", "overdue")))
        .order_by(_deadlines.c.due_at.desc())
    )
    return {row.subject_id: row for row in rows}


def _timers_of(connection: Connection, ids: Sequence[int]) -> dict[int, Any]:
    """Return the next pending timer of each case."""
    rows = connection.execute(
        select(_timers.c.subject_id, _timers.c.deadline, _timers.c.rung, _timers.c.at)
        .where(_timers.c.subject_id.in_(ids), _timers.c.state == "pending")
        .order_by(_timers.c.at.desc())
    )
    return {row.subject_id: row for row in rows}


def _desks(connection: Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """Return the open work items of each case, with the people they are for by name."""
    rows = connection.execute(
        select(_work.c.subject_id, _work.c.opened_at, _people.c.name)
        .outerjoin(_people, _people.c.id == _work.c.person_id)
        .where(_work.c.subject_id.in_(ids), _work.c.done_at.is_(None))
        .order_by(_work.c.id)
    )
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.subject_id].append(row)
    return found


def _given_up(connection: Connection, ids: Sequence[int]) -> defaultdict[int, list[int]]:
    """Return the notices of each case that were given up."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    if ids:
        query = select(_notices.c.subject_id, _notices.c.id).where(DEAD, _notices.c.subject_id.in_(ids))
        for row in connection.execute(query.order_by(_notices.c.id)):
            found[row.subject_id].append(row.id)
    return found


def _failing(connection: Connection, ids: Sequence[int]) -> defaultdict[int, dict[int, str]]:
    """Return the unresolved incidents that hit each case, with their kinds; no due date tells them."""
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    if ids:
        query = (
            select(_hit.c.subject_id, _incidents.c.id, _incidents.c.kind)
            .join(_incidents, _incidents.c.id == _hit.c.incident_id)
            .where(_hit.c.subject_id.in_(ids), _hit.c.state == "failing")
            .where(_incidents.c.id.in_(select(_incidents.alias("untold").c.id).where(UNTOLD)))
            .order_by(_incidents.c.id)
        )
        for row in connection.execute(query):
            found[row.subject_id][row.id] = row.kind
    return found


def _staff(
    connection: Connection, rows: Sequence[Any], now: pendulum.DateTime
) -> dict[tuple[str, int], tuple[str, ...]]:
    """Return the names of those who hold the role of an office or speak for a unit, the first few of each."""
    offices = {row.district_id for row in rows} | {row.city_id for row in rows}
    found: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for key, roles, wanted in (
        ("bureau_id", ("district_officer", "city_officer"), offices),
        ("organisation_id", ("applicant",), {row.lead_id for row in rows}),
    ):
        query = (
            select(_roles.c.role, _roles.c[key], _people.c.name)
            .join(_people, _people.c.id == _roles.c.person_id)
            .where(
                and_(_roles.c[key].in_(wanted), _roles.c.role.in_(roles)),
                _people.c.active,
                in_force(day_of(now)),
            )
            .order_by(_roles.c.id)
        )
        for role, place, name in connection.execute(query):
            found[role, place].append(name)
    return {key: tuple(names[:PEOPLE]) for key, names in found.items()}
