"""What lies on a desk: the cases that somebody sees in one role, and each of them whole."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, select
from sqlalchemy import case as when

from casework import clock, procedures, roster
from casework.access import CITY_ROLES, Claim, Watched, in_force, sees, watched
from casework.loading import NoSuchSubject
from casework.queries import matches
from casework.roster import BureauLine
from models import Bureau, Call, Case, Deadline, Event, Organisation, Revision, Role, Subject, WorkItem
from models.subject import OPEN
from procedure.definition import Procedure
from procedure.instant import day_of

_cases = Case.__table__
_calls = Call.__table__
_subjects = Subject.__table__
_districts = Bureau.__table__.alias("districts")
_bureaus = Bureau.__table__
_leads = Organisation.__table__
_deadlines = Deadline.__table__
_revisions = Revision.__table__
_events = Event.__table__
_roles = Role.__table__
_work = WorkItem.__table__


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One case on a desk; ``due_at`` is the earliest instant that runs or is overdue, whoever holds it."""

    id: int
    bureau: str
    number: str
    lead: str
    direction: str
    district_zh: str
    district_en: str
    call_zh: str
    call_en: str
    stage: str
    outcome: str | None
    submitted_at: datetime.datetime | None
    due_at: datetime.datetime | None
    procedure: Procedure

    def place(self, language: str) -> str:
        """Return the title of where it stands."""
        life = self.procedure.application
        if self.outcome is not None:
            return life.outcome[self.outcome].title.of(language)
        return life.stage[self.stage].title.of(language)

    @property
    def holder(self) -> str | None:
        """Who holds it: None once it has ended."""
        return None if self.outcome is not None else self.procedure.application.stage[self.stage].holder


class Narrowing(TypedDict, total=False):
    """What a list of cases is narrowed to.

    ``waiting`` leaves those that wait for the claim's role (of a city bureau: for its officers), ``given``
    those given to this person at their stage; ``call`` is a call's id, ``district`` a bureau's code;
    ``due_before`` leaves those of which something is due before that instant.
    """

    stages: Sequence[str]
    search: str
    is_open: bool | None
    waiting: bool
    given: int | None
    call: int | None
    district: str
    due_before: datetime.datetime | None


_DRAFTED = ("applicant", "member")
"""The roles that see drafts: a draft's clock is its applicant's own, and stands with its deadlines only."""

_earliest = (
    select(func.min(_deadlines.c.due_at))
    .where(
        _deadlines.c.subject_id == _cases.c.subject_id,
        _deadlines.c.state.in_(("running", "overdue")),
    )
    .correlate(_cases)
    .scalar_subquery()
)


def _due_of(claim: Claim) -> ColumnElement[Any]:
    return _earliest if claim.role in _DRAFTED else _subjects.c.due_at


def lines(
    connection: Connection,
    claim: Claim,
    *,
    limit: int = 50,
    offset: int = 0,
    **narrowing: Unpack[Narrowing],
) -> list[DeskLine]:
    """Return the cases that the claim sees today, first what is due earliest, what has ended last.

    What is due at the same instant follows by district and stage, as the radar has it, and then in the order
    in which it came. Ended cases, and those at the desks of units and experts, follow by number.
    """
    return _lines(
        connection, claim, _page(connection, _in_order(connection, claim, narrowing), limit, offset)
    )


def page(
    connection: Connection, claim: Claim, *, number: int, limit: int, **narrowing: Unpack[Narrowing]
) -> tuple[int, list[DeskLine]]:
    """Return how many cases ``lines`` finds, and those of page ``number`` (from 1); past the end, the last.

    No index helps a search: it reads all cases, so it reads them once for both.
    """
    if narrowing.get("search"):
        (found,) = _in_order(connection, claim, narrowing)
        counted = found.add_columns(func.count().over().label("total"))
        rows = connection.execute(counted.limit(limit).offset((number - 1) * limit)).all()
        if rows:
            return rows[0].total, _lines(connection, claim, [row.subject_id for row in rows])
    total = size(connection, claim, **narrowing)
    last = max(1, -(-total // limit))
    return total, lines(connection, claim, limit=limit, offset=(min(number, last) - 1) * limit, **narrowing)


def _lines(connection: Connection, claim: Claim, ids: Sequence[int]) -> list[DeskLine]:
    """Return the lines of these cases, in this order."""
    if not ids:
        return []
    due = _due_of(claim)
    statement = (
        select(
            _cases.c.subject_id,
            _bureaus.c.code,
            _cases.c.number,
            _leads.c.name,
            func.coalesce(_cases.c.direction, ""),
            _districts.c.name_zh,
            _districts.c.name_en,
            func.coalesce(_calls.c.title_zh, ""),
            func.coalesce(_calls.c.title_en, ""),
            _subjects.c.stage,
            _subjects.c.outcome,
            _cases.c.submitted_at,
            due.label("due_at"),
            _revisions.c.content_hash,
        )
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.bureau_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_districts, _districts.c.id == _cases.c.district_id)
        .join(_revisions, _revisions.c.id == _subjects.c.revision_id)
        .outerjoin(_calls, _calls.c.subject_id == _cases.c.call_id)
        .where(_cases.c.subject_id.in_(ids))
    )
    found = {
        row.subject_id: DeskLine(*row[:-1], procedure=procedures.by_hash(connection, row.content_hash))
        for row in connection.execute(statement)
    }
    return [found[each] for each in ids]


def size(connection: Connection, claim: Claim, **narrowing: Unpack[Narrowing]) -> int:
    """Return how many cases ``lines`` finds."""
    day = day_of(clock.now(connection))
    scopes = watched(connection, claim, day)
    found = _found(claim, day, scopes, narrowing)
    # Only what is narrowed to is looked into: the rest of a case adds nothing to its number.
    if narrowing.get("stages") or narrowing.get("due_before") is not None:
        of_subject = _of_subject(claim, scopes, narrowing)
        if scopes:
            found = select(_subjects.c.id).where(OPEN, *of_subject, _has_case(found))
        else:
            found = found.join(_subjects, _subjects.c.id == _cases.c.subject_id).where(*of_subject)
    return int(connection.execute(select(func.count()).select_from(found.subquery())).scalar_one())


def _page(connection: Connection, parts: Sequence[Select[Any]], limit: int, offset: int) -> list[int]:
    """Return ``limit`` ids after the first ``offset`` of what ``parts`` find one after another."""
    ids: list[int] = []
    for part in parts:
        found = [*connection.execute(part.limit(limit - len(ids)).offset(offset)).scalars()]
        ids += found
        if len(ids) == limit:
            break
        if found or not offset:
            offset = 0
        else:
            counted = select(func.count()).select_from(part.order_by(None).subquery())
            offset -= connection.execute(counted).scalar_one()
    return ids


def _in_order(connection: Connection, claim: Claim, narrowing: Narrowing) -> list[Select[Any]]:
    """Return the queries for the ids that ``lines`` finds, to be read one after another.

    Whoever watches over a bureau or a district is given thousands: theirs follow the index of what is urgent,
    but for the few that a search finds.
    """
    day = day_of(clock.now(connection))
    scopes = watched(connection, claim, day)
    few = not scopes or bool(narrowing.get("search"))
    found = _found(claim, day, scopes, narrowing, one_by_one=not few)
    of_subject = _of_subject(claim, () if few else scopes, narrowing)
    urgency = (_subjects.c.due_at, _subjects.c.district_id, _subjects.c.stage, _subjects.c.id)
    if few:
        due = _due_of(claim)
        by_number = _cases.c.number if not scopes else when((_cases.c.closed, _cases.c.number))
        every = found.join(_subjects, _subjects.c.id == _cases.c.subject_id).where(*of_subject)
        return [every.order_by(_cases.c.closed, due.is_(None), due, by_number, *urgency[1:])]
    of_open = select(_subjects.c.id).where(OPEN, *of_subject, _has_case(found))
    timely = of_open.where(_subjects.c.due_at.is_not(None)).order_by(*urgency)
    if narrowing.get("due_before") is not None:
        return [timely]
    parts = [timely, of_open.where(_subjects.c.due_at.is_(None)).order_by(*urgency[1:])]
    if narrowing.get("is_open") or narrowing.get("stages"):
        return parts
    ended = found.where(_cases.c.closed, *_at(scopes, _cases)).order_by(_cases.c.number)
    return [ended] if narrowing.get("is_open") is False else [*parts, ended]


def _has_case(found: Select[Any]) -> ColumnElement[bool]:
    return found.where(_cases.c.subject_id == _subjects.c.id).correlate(_subjects).exists()


def find(connection: Connection, claim: Claim, bureau: str, number: str) -> int:
    """Return the id of a case that the claim sees today; raises NoSuchSubject for any other."""
    found = connection.execute(
        select(_cases.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.bureau_id)
        .where(
            _bureaus.c.code == bureau,
            _cases.c.number == number,
            sees(claim, day_of(clock.now(connection))),
        )
    ).scalar()
    if found is None:
        raise NoSuchSubject(f"no case {bureau}/{number} for {claim.role}")
    return int(found)


def _found(
    claim: Claim,
    day: datetime.date,
    scopes: Sequence[Watched],
    narrowing: Narrowing,
    *,
    one_by_one: bool = False,
) -> Select[Any]:
    """Return the query for the cases that the claim sees, as far as they tell what is narrowed to.

    ``one_by_one`` is for asking of one case after another, in an order that leads to few of many.
    """
    found = select(_cases.c.subject_id).select_from(_cases)
    if search := narrowing.get("search"):
        found = found.join(_leads, _leads.c.id == _cases.c.lead_id).where(matches(search))
    conditions = [sees(claim, day)]
    if (is_open := narrowing.get("is_open")) is not None:
        conditions.append(_cases.c.closed.is_(not is_open))
    if narrowing.get("waiting"):
        role = "city_officer" if claim.role in CITY_ROLES else claim.role
        mine = select(_work.c.subject_id).where(_work.c.role == role, _work.c.done_at.is_(None))
        if scopes:
            mine = mine.where(_work.c.bureau_id.in_([each.district or each.bureau for each in scopes]))
        its_own = mine.where(_work.c.subject_id == _cases.c.subject_id).correlate(_cases)
        conditions.append(its_own.exists() if one_by_one else _cases.c.subject_id.in_(mine))
    if (given := narrowing.get("given")) is not None:
        own = select(_work.c.subject_id).where(_work.c.person_id == given, _work.c.done_at.is_(None))
        conditions.append(_cases.c.subject_id.in_(own))
    if (call := narrowing.get("call")) is not None:
        conditions.append(_cases.c.call_id == call)
    if district := narrowing.get("district"):
        named = select(_districts.c.id).where(_districts.c.code == district)
        conditions.append(_cases.c.district_id.in_(named))
    if narrowing.get("due_before") is not None:
        conditions.append(_cases.c.closed.is_(False))
    return found.where(*conditions)


def _of_subject(claim: Claim, scopes: Sequence[Watched], narrowing: Narrowing) -> list[ColumnElement[bool]]:
    """Return the conditions on ``subjects``: where they are, and what is narrowed to."""
    conditions = _at(scopes, _subjects)
    if stages := narrowing.get("stages"):
        conditions.append(and_(_subjects.c.stage.in_(stages), _subjects.c.outcome.is_(None)))
    if (before := narrowing.get("due_before")) is not None:
        conditions.append(_due_of(claim) < before)
    if (district := narrowing.get("district")) and scopes:
        named = select(_districts.c.id).where(_districts.c.code == district)
        conditions.append(_subjects.c.district_id.in_(named))
    return conditions


def _at(scopes: Sequence[Watched], table: Table) -> list[ColumnElement[bool]]:
    """Return the conditions that a row of ``table`` is where somebody watches: an index leads there."""
    if not scopes:
        return []
    if len(scopes) > 1:
        return [table.c.bureau_id.in_({each.bureau for each in scopes})]
    (scope,) = scopes
    at = [table.c.bureau_id == scope.bureau]
    return at if scope.district is None else [*at, table.c.district_id == scope.district]


@dataclass(frozen=True, slots=True)
class Submission:
    """The last submission or resubmission of a case: when it took effect, and its digest in the record."""

    seq: int
    at: datetime.datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation; ``district`` is the code of its recommending unit."""

    uscc: str
    name: str
    kind: str
    district: str | None


def submission(connection: Connection, case_id: int) -> Submission | None:
    """Return what a receipt attests, None before the first submission."""
    row = connection.execute(
        select(_events.c.seq, _events.c.effective_at, _events.c.hash)
        .where(_events.c.subject_id == case_id, _events.c.kind.in_(("submitted", "resubmitted")))
        .order_by(_events.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Submission(*row)


def closes_at(connection: Connection, case_id: int) -> datetime.datetime | None:
    """Return the instant at which the case's call closes, None for one that does not."""
    query = (
        select(_calls.c.closes_at)
        .join(_cases, _cases.c.call_id == _calls.c.subject_id)
        .where(_cases.c.subject_id == case_id)
    )
    return connection.execute(query).scalar()


def units(connection: Connection, claim: Claim) -> list[Unit]:
    """Return the organisations that the claim speaks for today."""
    rows = connection.execute(
        select(_leads.c.uscc, _leads.c.name, _leads.c.kind, _bureaus.c.code)
        .join(_roles, _roles.c.organisation_id == _leads.c.id)
        .outerjoin(_bureaus, _bureaus.c.id == _leads.c.district_id)
        .where(
            _roles.c.person_id == claim.holder,
            _roles.c.role == claim.role,
            in_force(day_of(clock.now(connection))),
        )
        .order_by(_roles.c.id)
    )
    return [Unit(*row) for row in rows]


def organisation(connection: Connection, uscc: str) -> Unit | None:
    """Return a known organisation by its USCC."""
    row = connection.execute(
        select(_leads.c.uscc, _leads.c.name, _leads.c.kind, _bureaus.c.code)
        .outerjoin(_bureaus, _bureaus.c.id == _leads.c.district_id)
        .where(_leads.c.uscc == uscc)
    ).one_or_none()
    return None if row is None else Unit(*row)


def districts(connection: Connection, bureau: str) -> list[BureauLine]:
    """Return the recommending units of a city bureau."""
    return [each for each in roster.bureaus(connection) if each.of == bureau]
