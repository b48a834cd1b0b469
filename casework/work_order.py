"""Which cases lie on a desk, and in which order: of very many only as much is read as a page shows."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select
from sqlalchemy import case as when

from casework import clock, search
from casework.access import CITY_ROLES, Claim, Watched, sees, watched
from models import Bureau, Case, Deadline, Subject, WorkItem
from models.subject import OPEN
from procedure.instant import day_of

_cases = Case.__table__
_subjects = Subject.__table__
_districts = Bureau.__table__.alias("districts")
_deadlines = Deadline.__table__
_work = WorkItem.__table__

MANY: Final = 250
"""So many cases are counted: nobody reads on that far, and counting 100,000 takes longer than a page."""

FEW: Final = 1_000
"""So many cases are little enough to be found first and put in order by themselves."""


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


@dataclass(frozen=True, slots=True)
class Total:
    """How many cases there are; without ``whole`` there are more than these."""

    cases: int
    whole: bool = True


_DRAFTED: Final = ("applicant", "member")
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

_URGENCY: Final = (_subjects.c.due_at, _subjects.c.district_id, _subjects.c.stage, _subjects.c.id)


def due_of(claim: Claim) -> ColumnElement[Any]:
    """Return the instant at which a case is due to whoever looks."""
    return _earliest if claim.role in _DRAFTED else _subjects.c.due_at


def ids(connection: Connection, claim: Claim, limit: int, offset: int, narrowing: Narrowing) -> list[int]:
    """Return ``limit`` cases after the first ``offset``, by id, in the order of ``work_list.lines``."""
    return _read(connection, _in_order(connection, claim, narrowing), limit, offset)


def page(
    connection: Connection, claim: Claim, number: int, limit: int, narrowing: Narrowing
) -> tuple[Total, list[int]]:
    """Return how many cases there are, and those of page ``number`` (from 1), by id; past the end, the last.

    More than MANY are counted only for whoever asks for a page past their end.
    """
    parts = _in_order(connection, claim, narrowing)
    offset = (number - 1) * limit
    if number * limit <= MANY:
        first = _read(connection, parts, MANY + 1, 0)
        if len(first) > MANY:
            return Total(MANY, whole=False), first[offset : offset + limit]
        offset = (min(number, _last(len(first), limit)) - 1) * limit
        return Total(len(first)), first[offset : offset + limit]
    if found := _read(connection, parts, limit + 1, offset):
        more = len(found) > limit
        return Total(offset + len(found) - int(more), whole=not more), found[:limit]
    total = sum(_size(connection, part) for part in parts)
    return Total(total), _read(connection, parts, limit, (min(number, _last(total, limit)) - 1) * limit)


def _last(total: int, limit: int) -> int:
    return max(1, -(-total // limit))


def _size(connection: Connection, part: Select[Any]) -> int:
    counted = select(func.count()).select_from(part.order_by(None).subquery())
    return int(connection.execute(counted).scalar_one())


def _read(connection: Connection, parts: Sequence[Select[Any]], limit: int, offset: int) -> list[int]:
    """Return ``limit`` ids after the first ``offset`` of what ``parts`` find one after another."""
    read: list[int] = []
    for part in parts:
        found = [*connection.execute(part.limit(limit - len(read)).offset(offset)).scalars()]
        read += found
        if len(read) == limit:
            break
        offset = 0 if found or not offset else offset - _size(connection, part)
    return read


def _in_order(connection: Connection, claim: Claim, narrowing: Narrowing) -> list[Select[Any]]:
    """Return the queries for the ids that are wanted, to be read one after another.

    Whoever watches over a bureau or a district is given thousands: theirs follow the index of what is urgent,
    but for the few that a search finds or a person was given.
    """
    day = day_of(clock.now(connection))
    scopes = [
        each
        for each in watched(connection, claim, day)
        if (each.district is None) is (claim.role in CITY_ROLES)
    ]
    text = narrowing.get("search")
    holding = search.cases(connection, text) if text else None
    few = _few(connection, claim, day, scopes, narrowing, holding) if scopes else None
    if not scopes or few is not None:
        found = _found(claim, day, scopes, narrowing, holding) if few is None else _whose(few)
        due = due_of(claim)
        by_number = _cases.c.number if not scopes else when((_cases.c.closed, _cases.c.number))
        return [
            found.join(_subjects, _subjects.c.id == _cases.c.subject_id).order_by(
                _cases.c.closed, due.is_(None), due, by_number, *_URGENCY[1:]
            )
        ]
    of_open = select(_subjects.c.id).where(OPEN, *_of_subject(claim, scopes, narrowing, holding))
    # A draft is due to nobody but its applicant: what is due has been submitted.
    timely = of_open.where(_subjects.c.due_at.is_not(None)).order_by(*_URGENCY)
    if narrowing.get("due_before") is not None:
        return [timely]
    untimely = of_open.where(_subjects.c.due_at.is_(None), _has_case(_cases.c.submitted_at.is_not(None)))
    parts = [timely, untimely.order_by(*_URGENCY[1:])]
    if narrowing.get("is_open") or narrowing.get("stages") or narrowing.get("waiting"):
        return parts
    ended = _found(claim, day, scopes, narrowing, holding).where(_cases.c.closed).order_by(_cases.c.number)
    return [ended] if narrowing.get("is_open") is False else [*parts, ended]


def _few(
    connection: Connection,
    claim: Claim,
    day: datetime.date,
    scopes: Sequence[Watched],
    narrowing: Narrowing,
    holding: ColumnElement[bool] | None,
) -> list[int] | None:
    """Return what is narrowed to where it is little enough to be put in order by itself; None for many.

    What a search finds lies close together or is little: of many it is read along the index like everything.
    """
    found = _found(claim, day, scopes, narrowing, holding)
    if narrowing.get("given") is not None:
        return [*connection.execute(found).scalars()]
    if holding is not None:
        some = [*connection.execute(found.limit(FEW + 1)).scalars()]
        return some if len(some) <= FEW else None
    if not narrowing.get("waiting"):
        return None
    waiting = connection.execute(
        select(func.count()).select_from(_waiting(claim, scopes).limit(FEW + 1).subquery())
    ).scalar_one()
    return [*connection.execute(found).scalars()] if waiting <= FEW else None


def _whose(cases: Sequence[int]) -> Select[Any]:
    return select(_cases.c.subject_id).where(_cases.c.subject_id.in_(cases))


def _found(
    claim: Claim,
    day: datetime.date,
    scopes: Sequence[Watched],
    narrowing: Narrowing,
    holding: ColumnElement[bool] | None,
) -> Select[Any]:
    """Return the query for the cases that the claim sees and that are narrowed to."""
    found = select(_cases.c.subject_id)
    if holding is not None:
        found = found.where(holding)
    # Whose cases a watcher sees is known: by their numbers a database finds the way that it is short.
    seen = [_cases.c.submitted_at.is_not(None), *_at(scopes, _cases)] if scopes else [sees(claim, day)]
    conditions: list[ColumnElement[bool]] = [*seen]
    if (is_open := narrowing.get("is_open")) is not None:
        conditions.append(_cases.c.closed.is_(not is_open))
    if narrowing.get("waiting"):
        conditions.append(_cases.c.subject_id.in_(_waiting(claim, scopes)))
    if (given := narrowing.get("given")) is not None:
        own = select(_work.c.subject_id).where(_work.c.person_id == given, _work.c.done_at.is_(None))
        conditions.append(_cases.c.subject_id.in_(own))
    if (call := narrowing.get("call")) is not None:
        conditions.append(_cases.c.call_id == call)
    if district := narrowing.get("district"):
        conditions.append(_cases.c.district_id == _named(district))
    if stages := narrowing.get("stages"):
        conditions.append(_has_subject(_subjects.c.stage.in_(stages), _subjects.c.outcome.is_(None)))
    if (before := narrowing.get("due_before")) is not None:
        due = due_of(claim)
        conditions += [
            _cases.c.closed.is_(False),
            due < before if due is _earliest else _has_subject(due < before),
        ]
    return found.where(*conditions)


def _of_subject(
    claim: Claim, scopes: Sequence[Watched], narrowing: Narrowing, holding: ColumnElement[bool] | None
) -> list[ColumnElement[bool]]:
    """Return the same as conditions on ``subjects``, to be asked of one after another along an index."""
    conditions = _at(scopes, _subjects)
    if stages := narrowing.get("stages"):
        conditions.append(_subjects.c.stage.in_(stages))
    if (before := narrowing.get("due_before")) is not None:
        conditions.append(_subjects.c.due_at < before)
    if district := narrowing.get("district"):
        conditions.append(_subjects.c.district_id == _named(district))
    if narrowing.get("waiting"):
        # Not EXISTS: PostgreSQL would make that a join of everything that lies there.
        its_own = _waiting(claim, scopes).where(_work.c.subject_id == _subjects.c.id)
        conditions.append(its_own.correlate(_subjects).limit(1).scalar_subquery().is_not(None))
    if (call := narrowing.get("call")) is not None:
        conditions.append(_has_case(_cases.c.call_id == call))
    if holding is not None:
        conditions.append(_has_case(holding))
    return conditions


def _waiting(claim: Claim, scopes: Sequence[Watched]) -> Select[Any]:
    """Return the query for what lies on the desk of the claim's role."""
    role = "city_officer" if claim.role in CITY_ROLES else claim.role
    waiting = select(_work.c.subject_id).where(_work.c.role == role, _work.c.done_at.is_(None))
    return waiting.where(_work.c.bureau_id.in_([_office(each) for each in scopes])) if scopes else waiting


def _has_case(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    case = select(_cases.c.subject_id).where(_cases.c.subject_id == _subjects.c.id, condition)
    return case.correlate(_subjects).exists()


def _has_subject(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    subject = select(_subjects.c.id).where(_subjects.c.id == _cases.c.subject_id, *conditions)
    return subject.correlate(_cases).exists()


def _named(district: str) -> ColumnElement[Any]:
    return select(_districts.c.id).where(_districts.c.code == district).scalar_subquery()


def _office(scope: Watched) -> int:
    return scope.bureau if scope.district is None else scope.district


def _at(scopes: Sequence[Watched], table: Table) -> list[ColumnElement[bool]]:
    """Return the conditions that a row of ``table`` is of those watched over: an index leads there."""
    bureau = _among(table.c.bureau_id, sorted({each.bureau for each in scopes}))
    if any(each.district is None for each in scopes):
        return [bureau]
    district = _among(table.c.district_id, [_office(each) for each in scopes])
    # An index of cases begins with the district.
    return [district] if table is _cases else [bureau, district]


def _among(column: ColumnElement[Any], values: Sequence[int]) -> ColumnElement[bool]:
    return column == values[0] if len(values) == 1 else column.in_(values)
