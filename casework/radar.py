"""The radar: which open cases are stuck, why, who holds the clock, what happens next, and what helps.

Everything is read from the present rows along indexes; nothing is kept between two looks, so nothing is old.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from casework import backlog, clock, conditions, radar_line
from casework.access import CITY_ROLES, Claim, Watched, watched
from casework.conditions import Condition
from casework.radar_line import Line
from casework.troubles import Trouble, hit_by, open_among, open_cases
from models import Bureau, Subject
from procedure.instant import day_of

_subjects = Subject.__table__
_bureaus = Bureau.__table__

_TIMELY: Final = (Trouble.OVERDUE, Trouble.BREACH)
_COLUMNS: Final = (_subjects.c.id, _subjects.c.due_at, _subjects.c.district_id, _subjects.c.stage)
_Key = tuple[bool, Any, Any, str, int]


@dataclass(frozen=True, slots=True)
class Radar:
    """One look: a page of lines, the most urgent first, and how many cases each trouble has.

    A case with several troubles is one line and counts under each of them. ``more`` says that further lines
    follow the page. ``conditions`` are troubles of the program itself.
    """

    at: pendulum.DateTime
    lines: tuple[Line, ...]
    more: bool
    counts: dict[Trouble, int]
    conditions: tuple[Condition, ...]


def look(
    connection: Connection,
    *,
    seen_by: Claim | None = None,
    stages: Collection[str] = (),
    districts: Collection[str] = (),
    troubles: Collection[Trouble] = (),
    limit: int = 50,
    offset: int = 0,
) -> Radar:
    """Return what is stuck at this database's present, of the cases that the viewer watches over.

    ``stages``, ``districts`` (codes) and ``troubles`` narrow the lines and the counts. The most urgent line
    is the one due first; without a due date it comes last. Districts are not told what ails the program.
    """
    now = clock.now(connection)
    wanted = tuple(each for each in Trouble if not troubles or each in troubles)
    within = _narrowed(connection, watched(connection, seen_by, day_of(now)), districts)
    finder = _Finder(connection, now, within, stages)
    found = finder.first(wanted, offset + limit + 1)
    ordered = sorted(found, key=found.__getitem__)
    page = ordered[offset : offset + limit]
    return Radar(
        now,
        radar_line.lines(connection, page, {id_: finder.troubles_of(found[id_]) for id_ in page}, now),
        len(ordered) > offset + limit,
        {each: finder.count(each) for each in wanted},
        conditions.present(connection, now) if seen_by is None or seen_by.role in CITY_ROLES else (),
    )


class _Finder:
    """Finds the cases in trouble of one look; those that no due date tells are few, and read at once."""

    def __init__(
        self,
        connection: Connection,
        now: pendulum.DateTime,
        within: Sequence[Watched],
        stages: Collection[str],
    ) -> None:
        self._connection = connection
        self._now = now
        desks = [desk for scope in within for desk in backlog.desks(connection, scope)]
        self._danger = backlog.danger(connection, desks, now)
        self._scopes = [_of(scope, desks, stages) for scope in within]
        narrow = [_subjects.c.stage.in_(stages)] if stages else []
        self._hit: dict[Trouble, dict[int, _Key]] = {each: {} for each in Trouble if each not in _TIMELY}
        for each, found in self._hit.items():
            ids = hit_by(connection, each, day_of(now))
            if ids is None:
                continue
            for scope in within:
                query = select(*_COLUMNS).where(open_among(ids, scope), *narrow)
                found |= {row.id: _key(row) for row in connection.execute(query)}

    def first(self, wanted: Sequence[Trouble], most: int) -> dict[int, _Key]:
        """Return the first ``most`` cases of the wanted kinds, and more, with what they are ordered by."""
        found: dict[int, _Key] = {}
        for each in wanted:
            found |= self._hit.get(each, {})
        by_time = [each for each in wanted if each in _TIMELY]
        for scope in self._scopes if by_time else ():
            query = select(*_COLUMNS).where(scope, self._in_time(by_time))
            # In the order of the index: a call's fixed instants make thousands of cases due at once.
            ordered = query.order_by(*_COLUMNS[1:], _subjects.c.id).limit(most)
            found |= {row.id: _key(row) for row in self._connection.execute(ordered)}
        return found

    def count(self, trouble: Trouble) -> int:
        """Return how many open cases have a trouble, counted along an index."""
        if trouble not in _TIMELY:
            return len(self._hit[trouble])
        counted = select(func.count()).select_from(_subjects).where(self._in_time([trouble]))
        return sum(self._connection.execute(counted.where(scope)).scalar_one() for scope in self._scopes)

    def troubles_of(self, key: _Key) -> tuple[Trouble, ...]:
        """Return all troubles of a case that was found."""
        return tuple(each for each in Trouble if self._has(each, key))

    def _has(self, trouble: Trouble, key: _Key) -> bool:
        _, due, district, stage, id_ = key
        if trouble not in _TIMELY:
            return id_ in self._hit[trouble]
        if due is None or (due < self._now) is not (trouble is Trouble.OVERDUE):
            return False
        return trouble is Trouble.OVERDUE or due <= self._danger.at(stage, district)

    def _in_time(self, kinds: Sequence[Trouble]) -> ColumnElement[bool]:
        due = _subjects.c.due_at
        match kinds:
            case [Trouble.OVERDUE]:
                return due < self._now
            case [Trouble.BREACH]:
                return and_(due >= self._now, self._danger.condition())
            case _:
                both = or_(due < self._now, self._danger.condition())
                return and_(due <= max(self._danger.latest, self._now), both)


def _of(within: Watched, desks: Sequence[backlog.Desk], stages: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a case is open, of ``within`` and at one of ``stages``, if any are given."""
    if within.district is None:
        narrow = [_subjects.c.stage.in_(stages)] if stages else []
    else:
        # With its stages by name a district is read desk by desk, not among all cases of the bureau.
        own = [stage for scope, _, stage in desks if scope == within]
        narrow = [_subjects.c.stage.in_([stage for stage in own if not stages or stage in stages])]
    return and_(open_cases(within), *narrow)


def _key(row: Any) -> _Key:
    return (row.due_at is None, row.due_at, row.district_id, row.stage, row.id)


def _narrowed(connection: Connection, within: Sequence[Watched], districts: Collection[str]) -> list[Watched]:
    if not districts:
        return list(within)
    rows = connection.execute(
        select(_bureaus.c.id, _bureaus.c.parent_id).where(_bureaus.c.code.in_(districts))
    ).all()
    return [
        Watched(scope.bureau, row.id)
        for scope in within
        for row in rows
        if row.parent_id == scope.bureau and scope.district in (None, row.id)
    ]
