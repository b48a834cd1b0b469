"""What people and programs ask of the record: lists of cases, one case, its clocks and its history."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from casework import clock, loading
from casework import search as searching
from casework.access import Claim, sees
from casework.timers import LAPSE
from models import (
    Bureau,
    Call,
    Case,
    Event,
    LedgerEntry,
    Notice,
    Organisation,
    Person,
    Subject,
    Timer,
    WorkItem,
)
from procedure import event as events
from procedure.climbing import RungState
from procedure.event import ClockEntry
from procedure.instant import day_of, instant

_cases = Case.__table__
_calls = Call.__table__
_subjects = Subject.__table__
_bureaus = Bureau.__table__
_leads = Organisation.__table__
_events = Event.__table__
_people = Person.__table__
_absent = Person.__table__.alias("absent")
_ledger = LedgerEntry.__table__
_notices = Notice.__table__
_timers = Timer.__table__
_work = WorkItem.__table__


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a list of cases."""

    number: str
    call: str
    lead: str
    direction: str
    district: str
    stage: str
    outcome: str | None
    submitted_at: datetime.datetime | None
    entered_at: datetime.datetime
    passes_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class CallLine:
    """One line of the list of calls."""

    code: str
    bureau: str
    title_zh: str
    title_en: str
    stage: str
    outcome: str | None
    opens_at: datetime.datetime
    closes_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a subject's history, with who did it and on whose behalf."""

    seq: int
    kind: str
    effective_at: datetime.datetime
    recorded_at: datetime.datetime
    role: str
    person: str | None
    act: str | None
    event: events.Event
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of a deadline's ledger, with who caused it and the number of its event."""

    deadline: str
    occurrence: int
    entry: ClockEntry
    person: str | None
    seq: int


def cases(
    connection: Connection,
    *,
    call: str | None = None,
    stages: Sequence[str] = (),
    outcomes: Sequence[str] = (),
    district: str | None = None,
    search: str = "",
    is_open: bool | None = None,
    seen_by: Claim | None = None,
    day: datetime.date | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[CaseLine]:
    """Return cases, most urgent first; ``search`` looks at number, lead unit and direction.

    With ``seen_by`` only those that this person may see on ``day``, this database's today when not given.
    """
    statement: Select[Any] = (
        select(
            _cases.c.number,
            _calls.c.code.label("call"),
            _leads.c.name.label("lead"),
            func.coalesce(_cases.c.direction, ""),
            _bureaus.c.name_zh.label("district"),
            _subjects.c.stage,
            _subjects.c.outcome,
            _cases.c.submitted_at,
            _subjects.c.entered_at,
            _subjects.c.passes_at,
        )
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.district_id)
        .outerjoin(_calls, _calls.c.subject_id == _cases.c.call_id)
        .order_by(_subjects.c.passes_at.is_(None), _subjects.c.passes_at, _cases.c.number)
        .limit(limit)
        .offset(offset)
    )
    if call is not None:
        statement = statement.where(_calls.c.code == call)
    if stages:
        statement = statement.where(_subjects.c.stage.in_(stages), _subjects.c.outcome.is_(None))
    if outcomes:
        statement = statement.where(_subjects.c.outcome.in_(outcomes))
    if district is not None:
        statement = statement.where(_bureaus.c.code == district)
    if is_open is not None:
        statement = statement.where(_cases.c.closed.is_(not is_open))
    if search:
        statement = statement.where(searching.cases(connection, search))
    if seen_by is not None:
        statement = statement.where(sees(seen_by, day or day_of(clock.now(connection))))
    return [CaseLine(*row) for row in connection.execute(statement)]


def calls(connection: Connection, bureau: str | None = None) -> list[CallLine]:
    """Return the calls, newest opening first, of one bureau or all."""
    statement: Select[Any] = (
        select(
            _calls.c.code,
            _bureaus.c.code.label("bureau"),
            _calls.c.title_zh,
            _calls.c.title_en,
            _subjects.c.stage,
            _subjects.c.outcome,
            _calls.c.opens_at,
            _calls.c.closes_at,
        )
        .join(_subjects, _subjects.c.id == _calls.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _calls.c.bureau_id)
        .order_by(_calls.c.opens_at.desc(), _calls.c.code)
    )
    if bureau is not None:
        statement = statement.where(_bureaus.c.code == bureau)
    return [CallLine(*row) for row in connection.execute(statement)]


def open_calls(connection: Connection) -> list[tuple[int, str]]:
    """Return the subject ids and codes of calls that have not ended, or still have open cases."""
    with_open_cases = select(_cases.c.call_id).where(_cases.c.closed.is_(False))
    rows = connection.execute(
        select(_calls.c.subject_id, _calls.c.code)
        .join(_subjects, _subjects.c.id == _calls.c.subject_id)
        .where(_subjects.c.outcome.is_(None) | _calls.c.subject_id.in_(with_open_cases))
        .order_by(_calls.c.subject_id)
    )
    return [(row.subject_id, row.code) for row in rows]


def history(connection: Connection, subject_id: int) -> list[Happened]:
    """Return everything that happened to a subject, in order."""
    rows = connection.execute(
        select(_events, _people.c.name.label("person"), _absent.c.name.label("absent"))
        .outerjoin(_people, _people.c.id == _events.c.person_id)
        .outerjoin(_absent, _absent.c.id == _events.c.on_behalf_of)
        .where(_events.c.subject_id == subject_id)
        .order_by(_events.c.seq)
    )
    return [
        Happened(
            row.seq,
            row.kind,
            row.effective_at,
            row.recorded_at,
            row.role,
            row.person,
            row.act,
            events.load(row.data, loading.personal(row.personal)),
            row.absent,
        )
        for row in rows
    ]


def ledger(connection: Connection, subject_id: int) -> list[LedgerLine]:
    """Return the ledger of every deadline of a subject, in order of time."""
    rows = connection.execute(
        select(_ledger, _people.c.name.label("who"))
        .outerjoin(_people, _people.c.id == _ledger.c.person_id)
        .where(_ledger.c.subject_id == subject_id)
        .order_by(_ledger.c.seq, _ledger.c.name, _ledger.c.occurrence)
    )
    return [
        LedgerLine(
            row.name,
            row.occurrence,
            ClockEntry(
                row.name,
                row.occurrence,
                row.kind,
                instant(row.at),
                due_before=None if row.due_before is None else instant(row.due_before),
                due_after=None if row.due_after is None else instant(row.due_after),
                base_at=instant(row.at) if row.kind == "started" else None,
                remaining=None if row.remaining is None else int(row.remaining),
                reason=row.reason,
                calendar=row.calendar,
                provisional=row.provisional,
            ),
            row.who,
            row.seq,
        )
        for row in rows
    ]


def rungs(connection: Connection, subject_id: int) -> list[RungState]:
    """Return how every rung of a subject's deadlines stands, and whom it told, in order of time."""
    told: dict[str, list[str]] = {}
    notices = connection.execute(
        select(_notices.c.cause, _people.c.name)
        .join(_people, _people.c.id == _notices.c.recipient_id)
        .where(
            _notices.c.subject_id == subject_id,
            _notices.c.seq.is_(None),
            _notices.c.instead_of.is_(None),
        )
        .order_by(_notices.c.recipient_id)
    )
    for row in notices:
        told.setdefault(row.cause, []).append(row.name)
    rows = connection.execute(
        select(_timers)
        .where(_timers.c.subject_id == subject_id, _timers.c.rung != LAPSE)
        .order_by(_timers.c.at, _timers.c.deadline, _timers.c.occurrence, _timers.c.rung)
    )
    return [
        RungState(
            row.deadline,
            row.occurrence,
            row.rung,
            instant(row.at),
            row.state,
            row.why,
            None if row.settled_at is None else instant(row.settled_at),
            tuple(told.get(f"rung {row.deadline} {row.occurrence} {row.rung}", ())),
        )
        for row in rows
    ]


def desk(connection: Connection, person_id: int) -> list[tuple[str, str, datetime.datetime | None]]:
    """Return the open work items assigned to a person by name: case number, stage, due."""
    rows = connection.execute(
        select(_cases.c.number, _work.c.stage, _work.c.due_at)
        .join(_cases, _cases.c.subject_id == _work.c.subject_id)
        .where(_work.c.person_id == person_id, _work.c.done_at.is_(None))
        .order_by(_work.c.due_at)
    )
    return [(row.number, row.stage, row.due_at) for row in rows]
