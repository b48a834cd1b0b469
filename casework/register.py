"""The register of filed consortia (备案名册) and the call's summary table (信息汇总表)."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from casework import search
from models import Bureau, Call, Case, Event, Member, Organisation, RegisterEntry, RegisterState, Subject
from procedure import subject as subjects

_register = RegisterEntry.__table__
_states = RegisterState.__table__
_cases = Case.__table__
_calls = Call.__table__
_subjects = Subject.__table__
_events = Event.__table__
_bureaus = Bureau.__table__
_members = Member.__table__
_leads = Organisation.__table__.alias("leads")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register."""

    number: str
    name: str
    lead: str
    uscc: str
    direction: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    document_number: str
    state: str
    case: str
    bureau: str


@dataclass(frozen=True, slots=True)
class State:
    """What the register says of an entry from ``since`` on, until its next state."""

    bureau: str
    number: str
    state: str
    since: datetime.datetime


@dataclass(frozen=True, slots=True)
class RectifiedEntry:
    """A rectification of an entry of the register: when, why, and what it said before and says since."""

    bureau: str
    number: str
    at: datetime.datetime
    reason: str
    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of the summary table."""

    case: str
    direction: str
    lead: str
    uscc: str
    district: str
    members: int
    submitted_at: datetime.datetime | None
    stage: str
    outcome: str | None


def entries(
    connection: Connection,
    bureau: str | None = None,
    query: str = "",
    *,
    number: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Entry]:
    """Return the register by number, of one bureau or all; ``query`` narrows it to what contains it in
    the name, the number, the direction or the lead unit.

    ``number`` asks for one entry by its whole number.
    """
    found = _found(connection, bureau, query)
    if number is not None:
        found = found.where(_register.c.number == number)
    # What is passed over is not looked up elsewhere.
    page = found.limit(limit).offset(offset).subquery()
    return _entries(connection, select(page.c.id))


def page(connection: Connection, query: str, number: int, limit: int) -> tuple[int, list[Entry]]:
    """Return how many entries ``entries`` finds, and page ``number`` (from 1) of them; past the end the last.

    No index helps a search: it reads all entries, so it reads them once for both.
    """
    if query:
        counted = _found(connection, None, query).add_columns(func.count().over().label("total"))
        rows = connection.execute(counted.limit(limit).offset((number - 1) * limit)).all()
        if rows:
            return rows[0].total, _entries(connection, [row.id for row in rows])
    total = size(connection, query)
    last = max(1, -(-total // limit))
    return total, entries(connection, query=query, limit=limit, offset=(min(number, last) - 1) * limit)


def _entries(connection: Connection, ids: Sequence[int] | Select[Any]) -> list[Entry]:
    statement = (
        select(
            _register,
            _leads.c.name.label("lead"),
            _leads.c.uscc,
            _cases.c.number.label("case_number"),
            _bureaus.c.code.label("bureau"),
        )
        .join(_leads, _leads.c.id == _register.c.lead_id)
        .join(_cases, _cases.c.subject_id == _register.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .where(_register.c.id.in_(ids))
        .order_by(_register.c.bureau_id, _register.c.number)
    )
    return [
        Entry(
            row.number,
            row.name,
            row.lead,
            row.uscc,
            row.direction or "",
            row.valid_from,
            row.valid_to,
            row.document_number or "",
            row.state,
            row.case_number,
            row.bureau,
        )
        for row in connection.execute(statement)
    ]


def rectifications(
    connection: Connection, bureau: str | None = None, number: str | None = None
) -> list[RectifiedEntry]:
    """Return every rectification of entries of the register in order: their history, from the record."""
    statement = (
        select(_register.c.number, _register.c.subject_id, _bureaus.c.code)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .join(_events, _events.c.subject_id == _register.c.subject_id)
        .where(_events.c.kind == "rectified")
        .distinct()
        .order_by(_register.c.number)
    )
    if bureau is not None:
        statement = statement.where(_bureaus.c.code == bureau)
    if number is not None:
        statement = statement.where(_register.c.number == number)
    told: list[RectifiedEntry] = []
    for row in connection.execute(statement).all():
        state = connection.execute(
            select(_subjects.c.state).where(_subjects.c.id == row.subject_id)
        ).scalar_one()
        for each in subjects.load(state).application.rectifications:
            of_filing = [item for item in each.items if item.item.startswith("filing.")]
            if each.decided_at is not None and each.state == "confirmed" and of_filing:
                told.append(
                    RectifiedEntry(
                        row.code,
                        row.number,
                        each.decided_at,
                        each.reason,
                        {item.item: str(item.before) for item in of_filing},
                        {item.item: str(item.after) for item in of_filing},
                    )
                )
    return told


def history(connection: Connection, number: str, bureau: str | None = None) -> list[State]:
    """Return every state that the register gave an entry, in order; the last one is the present one."""
    statement = (
        select(_bureaus.c.code, _register.c.number, _states.c.state, _states.c.since)
        .join(_register, _register.c.id == _states.c.entry_id)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .where(_register.c.number == number)
        .order_by(_bureaus.c.code, _states.c.number)
    )
    if bureau is not None:
        statement = statement.where(_register.c.bureau_id == _named(bureau))
    return [State(row.code, row.number, row.state, row.since) for row in connection.execute(statement)]


def said_at(states: Iterable[State], at: datetime.datetime) -> State | None:
    """Return the state that the register said at an instant; None before the filing."""
    return next((each for each in reversed(list(states)) if each.since <= at), None)


def size(connection: Connection, query: str = "") -> int:
    """Return how many entries ``entries`` finds."""
    found = _found(connection, None, query).order_by(None).subquery()
    return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


def _found(connection: Connection, bureau: str | None, query: str) -> Select[Any]:
    """Return the query for the ids of the entries wanted, in order."""
    found = select(_register.c.id).order_by(_register.c.bureau_id, _register.c.number)
    if bureau is not None:
        found = found.where(_register.c.bureau_id == _named(bureau))
    if query:
        found = found.where(search.entries(connection, query))
    return found


def _named(bureau: str) -> ColumnElement[Any]:
    return select(_bureaus.c.id).where(_bureaus.c.code == bureau).scalar_subquery()


def summary(connection: Connection, call: str) -> list[SummaryLine]:
    """Return the summary table of a call: every case that was submitted, in order of numbers."""
    joined = (
        select(func.count())
        .where(_members.c.subject_id == _cases.c.subject_id, _members.c.status == "confirmed")
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            _cases.c.number,
            _cases.c.direction,
            _cases.c.submitted_at,
            _leads.c.name.label("lead"),
            _leads.c.uscc,
            _bureaus.c.name_zh.label("district"),
            joined.label("members"),
            _subjects.c.stage,
            _subjects.c.outcome,
        )
        .join(_calls, _calls.c.subject_id == _cases.c.call_id)
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.district_id)
        .where(_calls.c.code == call, _cases.c.submitted_at.is_not(None))
        .order_by(_cases.c.number)
    )
    return [
        SummaryLine(
            row.number,
            row.direction or "",
            row.lead,
            row.uscc,
            row.district,
            row.members,
            row.submitted_at,
            row.stage,
            row.outcome,
        )
        for row in rows
    ]
