"""What went wrong and waits for operations: one incident for each cause, however often it comes back.

A cause may hit many cases; each has a row that says whether it still fails. What is done about an incident
is written to its history, which the database refuses to change.
"""

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from casework import access
from casework.access import CITY_ROLES, Claim
from casework.terms import catalogue
from models import Call, Case, Incident, IncidentCase, IncidentEntry, Matter, Person
from procedure.definition import Words
from procedure.instant import day_of

_incidents = Incident.__table__
_hit = IncidentCase.__table__
_entries = IncidentEntry.__table__
_cases = Case.__table__
_calls = Call.__table__
_matters = Matter.__table__
_people = Person.__table__
_INSERT: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_LONGEST_FINGERPRINT, _LONGEST_SUMMARY, _LONGEST_REMARK = 200, 1_000, 2_000

UNRESOLVED: Final = ("open", "acknowledged")


class UnknownIncident(LookupError):
    """There is no incident of this number, or none that the person may see."""

    def __init__(self, incident: int) -> None:
        super().__init__(f"there is no incident {incident}")
        self.incident = incident


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident: its cause, how often and how many cases it hit, and who has taken it on."""

    id: int
    kind: str
    summary: str
    state: str
    occurrences: int
    cases: int
    failing: int
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    assigned_to: str | None
    fingerprint: str
    detail: str
    says: dict[str, str] | None = None

    def said(self, language: str) -> str:
        """Return what it is in a language, or an error's own words, which have one only."""
        return self.summary if self.says is None else Words.model_validate(self.says).of(language)


@dataclass(frozen=True, slots=True)
class HitCase:
    """A case that an incident's cause hit, with what it said of it last."""

    subject: int
    number: str
    state: str
    summary: str
    occurrences: int
    last_seen: datetime.datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an incident's history; ``person`` is None where the program did it."""

    at: datetime.datetime
    kind: str
    person: str | None
    role: str
    case: str | None
    remark: str | None


# --- what goes wrong ---


def in_words(code: str, facts: Callable[[str], Mapping[str, str]]) -> Words:
    """Return what an incident is, in Chinese and in English; ``facts`` tells its facts in one of them."""
    said = {each: catalogue(each)["incident_says"][code].format(**facts(each)) for each in ("zh", "en")}
    return Words(**said)


def record_incident(
    connection: Connection,
    fingerprint: str,
    kind: str,
    summary: str | Words,
    detail: str,
    now: datetime.datetime,
    subject_id: int | None = None,
) -> int:
    """Open an incident, or count one more occurrence of the one with this `fingerprint`; return its number.

    `summary` is an error's own text, or `in_words`.
    The latest words replace the earlier ones, and a closed incident that comes back is open again. With
    `subject_id` the case is counted among those that the cause hit.
    """
    says = summary.model_dump() if isinstance(summary, Words) else None
    summary = summary.en if isinstance(summary, Words) else summary
    fingerprint, summary = fingerprint[:_LONGEST_FINGERPRINT], summary[:_LONGEST_SUMMARY]
    before = connection.execute(
        select(_incidents.c.state).where(_incidents.c.fingerprint == fingerprint).with_for_update()
    ).scalar()
    fresh = _INSERT[connection.dialect.name](_incidents).values(
        fingerprint=fingerprint,
        kind=kind,
        subject_id=subject_id,
        summary=summary,
        says=says,
        detail=detail,
        first_seen=now,
        last_seen=now,
        occurrences=1,
        state="open",
    )
    again = fresh.on_conflict_do_update(
        index_elements=["fingerprint"],
        set_={
            "summary": fresh.excluded.summary,
            "says": fresh.excluded.says,
            "detail": fresh.excluded.detail,
            "last_seen": _later(fresh, _incidents),
            "occurrences": _incidents.c.occurrences + 1,
            "state": case((_incidents.c.state == "closed", "open"), else_=_incidents.c.state),
        },
    )
    incident: int = connection.execute(again.returning(_incidents.c.id)).scalar_one()
    if before in (None, "closed"):
        _tell(connection, incident, "raised" if before is None else "raised_again", now, subject=subject_id)
    if subject_id is not None:
        _count_case(connection, incident, subject_id, summary, now)
    return incident


def resolve(
    connection: Connection, fingerprint: str, now: datetime.datetime, remark: str | None = None
) -> bool:
    """Close the incident of this cause because it is over, with a record; return whether there was one.

    ``remark`` names what showed it, where that has a name.
    """
    found = connection.execute(
        update(_incidents)
        .where(_incidents.c.fingerprint == fingerprint, _incidents.c.state.in_(UNRESOLVED))
        .values(state="closed")
        .returning(_incidents.c.id)
    ).scalar()
    if found is not None:
        _tell(connection, found, "resolved", now, remark=remark)
    return found is not None


def recovered(
    connection: Connection,
    incident: int,
    subjects: Sequence[int],
    now: datetime.datetime,
    claim: Claim | None = None,
) -> None:
    """Note that these cases no longer fail; an incident that has no failing case left is resolved."""
    if subjects:
        connection.execute(
            update(_hit)
            .where(_hit.c.incident_id == incident, _hit.c.subject_id.in_(subjects))
            .values(state="recovered")
        )
    for subject in subjects:
        _tell(connection, incident, "recovered", now, claim, subject=subject)
    left = exists().where(_hit.c.incident_id == incident, _hit.c.state == "failing")
    done = connection.execute(
        update(_incidents)
        .where(_incidents.c.id == incident, _incidents.c.state.in_(UNRESOLVED), ~left)
        .values(state="closed")
    )
    if done.rowcount:
        _tell(connection, incident, "resolved", now, claim)


# --- what people do about it ---


def acknowledge(connection: Connection, incident: int, claim: Claim, now: datetime.datetime) -> None:
    """Note that a person has taken on an open incident; raises UnknownIncident and NotTheirRole."""
    state = case((_incidents.c.state == "open", "acknowledged"), else_=_incidents.c.state)
    _change(connection, incident, claim, now, "acknowledged", state=state, assigned_to=claim.person)


def assign(connection: Connection, incident: int, claim: Claim, to: int, now: datetime.datetime) -> None:
    """Give an incident to another person; raises UnknownIncident and NotTheirRole."""
    handle = connection.execute(select(_people.c.handle).where(_people.c.id == to)).scalar_one()
    state = case((_incidents.c.state == "open", "acknowledged"), else_=_incidents.c.state)
    _change(connection, incident, claim, now, "assigned", handle, state=state, assigned_to=to)


def close(connection: Connection, incident: int, claim: Claim, remark: str, now: datetime.datetime) -> None:
    """Note that an incident is dealt with, and how; raises UnknownIncident and NotTheirRole."""
    _change(connection, incident, claim, now, "closed", remark, state="closed")


def retried(connection: Connection, incident: int, claim: Claim, remark: str, now: datetime.datetime) -> None:
    """Note that a person had an incident's cases tried again; raises UnknownIncident and NotTheirRole."""
    _change(connection, incident, claim, now, "retried", remark)


def failed_again(
    connection: Connection, incident: int, subject: int, claim: Claim, remark: str, now: datetime.datetime
) -> None:
    """Note that a case that a person had tried again still fails."""
    _tell(connection, incident, "failed_again", now, claim, subject=subject, remark=remark)


# --- looking ---


def lines(
    connection: Connection,
    *,
    states: Collection[str] = UNRESOLVED,
    kinds: Collection[str] = (),
    only: Collection[int] = (),
    seen_by: Claim | None = None,
    day: datetime.date | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[IncidentLine]:
    """Return incidents in `states`, the latest seen first; with `seen_by` those that this person may see.

    A bureau and its operations see what hits no case or one of the bureau's; a district what hits its own.
    """
    holder = _people.alias("holder")
    counted = select(func.count()).where(_hit.c.incident_id == _incidents.c.id)
    statement = (
        select(
            _incidents.c.id,
            _incidents.c.kind,
            _incidents.c.summary,
            _incidents.c.state,
            _incidents.c.occurrences,
            counted.scalar_subquery(),
            counted.where(_hit.c.state == "failing").scalar_subquery(),
            _incidents.c.first_seen,
            _incidents.c.last_seen,
            holder.c.handle,
            _incidents.c.fingerprint,
            _incidents.c.detail,
            _incidents.c.says,
        )
        .outerjoin(holder, holder.c.id == _incidents.c.assigned_to)
        .where(_incidents.c.state.in_(states))
        .order_by(_incidents.c.last_seen.desc(), _incidents.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if kinds:
        statement = statement.where(_incidents.c.kind.in_(kinds))
    if only:
        statement = statement.where(_incidents.c.id.in_(only))
    if seen_by is not None:
        assert day is not None  # noqa: S101 - whoever names a viewer names the day
        statement = statement.where(_visible(seen_by, day))
    return [IncidentLine(*row) for row in connection.execute(statement)]


def one(
    connection: Connection, incident: int, seen_by: Claim | None = None, day: datetime.date | None = None
) -> IncidentLine:
    """Return one incident in whatever state; raises UnknownIncident."""
    found = lines(
        connection, states=(*UNRESOLVED, "closed"), only=[incident], seen_by=seen_by, day=day, limit=1
    )
    if not found:
        raise UnknownIncident(incident)
    return found[0]


def cases_of(
    connection: Connection,
    incident: int,
    *,
    failing_only: bool = False,
    seen_by: Claim | None = None,
    day: datetime.date | None = None,
    limit: int | None = None,
) -> list[HitCase]:
    """Return the cases and matters that an incident's cause hit, the failing first; calls by their code."""
    number = func.coalesce(_cases.c.number, _matters.c.number, _calls.c.code)
    statement = (
        select(_hit.c.subject_id, number, _hit.c.state, _hit.c.summary, _hit.c.occurrences, _hit.c.last_seen)
        .outerjoin(_cases, _cases.c.subject_id == _hit.c.subject_id)
        .outerjoin(_matters, _matters.c.subject_id == _hit.c.subject_id)
        .outerjoin(_calls, _calls.c.subject_id == _hit.c.subject_id)
        .where(_hit.c.incident_id == incident)
        .order_by(_hit.c.state, _hit.c.subject_id)
        .limit(limit)
    )
    if failing_only:
        statement = statement.where(_hit.c.state == "failing")
    if seen_by is not None and day is not None:
        statement = statement.where(or_(_cases.c.subject_id.is_(None), access.governs(seen_by, day)))
    return [HitCase(*row) for row in connection.execute(statement)]


def history(connection: Connection, incident: int) -> list[Entry]:
    """Return what was done about an incident, in order."""
    rows = connection.execute(
        select(
            _entries.c.at,
            _entries.c.kind,
            _people.c.name,
            _entries.c.role,
            _cases.c.number,
            _entries.c.remark,
        )
        .outerjoin(_people, _people.c.id == _entries.c.person_id)
        .outerjoin(_cases, _cases.c.subject_id == _entries.c.subject_id)
        .where(_entries.c.incident_id == incident)
        .order_by(_entries.c.id)
    )
    return [Entry(*row) for row in rows]


def unresolved(connection: Connection) -> list[RowMapping]:
    """Every incident that is not closed, the latest seen first."""
    query = (
        select(_incidents)
        .where(_incidents.c.state.in_(UNRESOLVED))
        .order_by(_incidents.c.last_seen.desc(), _incidents.c.id.desc())
    )
    return list(connection.execute(query).mappings())


def of_subject(connection: Connection, subject_id: int) -> list[RowMapping]:
    """Every incident that hit one subject, closed ones too, the first seen first."""
    query = (
        select(_incidents)
        .join(_hit, _hit.c.incident_id == _incidents.c.id)
        .where(_hit.c.subject_id == subject_id)
        .order_by(_incidents.c.first_seen, _incidents.c.id)
    )
    return list(connection.execute(query).mappings())


def _visible(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    touched = (
        exists()
        .where(_hit.c.incident_id == _incidents.c.id, _cases.c.subject_id == _hit.c.subject_id)
        .where(access.governs(claim, day))
    )
    if claim.role not in CITY_ROLES:
        return touched
    caseless = ~exists().where(
        _hit.c.incident_id == _incidents.c.id, _cases.c.subject_id == _hit.c.subject_id
    )
    return or_(and_(caseless, access.holds(claim, day)), touched)


def _count_case(
    connection: Connection, incident: int, subject_id: int, summary: str, now: datetime.datetime
) -> None:
    fresh = _INSERT[connection.dialect.name](_hit).values(
        incident_id=incident,
        subject_id=subject_id,
        state="failing",
        summary=summary,
        first_seen=now,
        last_seen=now,
        occurrences=1,
    )
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=["incident_id", "subject_id"],
            set_={
                "state": "failing",
                "summary": fresh.excluded.summary,
                "last_seen": _later(fresh, _hit),
                "occurrences": _hit.c.occurrences + 1,
            },
        )
    )


def _later(fresh: Any, table: Any) -> Any:
    return case(
        (fresh.excluded.last_seen > table.c.last_seen, fresh.excluded.last_seen), else_=table.c.last_seen
    )


def _change(
    connection: Connection,
    incident: int,
    claim: Claim,
    now: datetime.datetime,
    kind: str,
    remark: str | None = None,
    **values: Any,
) -> None:
    day = day_of(now)
    access.require_operator(connection, claim, day)
    one(connection, incident, claim, day)
    if values:
        connection.execute(update(_incidents).where(_incidents.c.id == incident).values(values))
    _tell(connection, incident, kind, now, claim, remark=remark)


def _tell(
    connection: Connection,
    incident: int,
    kind: str,
    now: datetime.datetime,
    claim: Claim | None = None,
    *,
    subject: int | None = None,
    remark: str | None = None,
) -> None:
    connection.execute(
        insert(_entries).values(
            incident_id=incident,
            at=now,
            kind=kind,
            subject_id=subject,
            person_id=None if claim is None else claim.person,
            role="system" if claim is None else claim.role,
            on_behalf_of=None if claim is None else claim.on_behalf_of,
            remark=None if remark is None else remark[:_LONGEST_REMARK],
        )
    )
