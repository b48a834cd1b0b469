"""The radar: which open cases and matters are stuck, why, who holds the clock, what is next, what helps.

Everything is read from the present rows along indexes; nothing is kept between two looks, so nothing is old.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pendulum
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from casework import backlog, clock, conditions, hits, overdue, radar_line
from casework.access import CITY_ROLES, Claim, Watched, watched
from casework.conditions import Condition
from casework.radar_line import Line
from casework.troubles import Danger, Trouble, open_cases, open_matters
from models import Bureau, Subject
from models.among import Among
from models.prepared import Prepared
from procedure.instant import day_of

_subjects = Subject.__table__
_bureaus = Bureau.__table__

_TIMELY: Final = (Trouble.OVERDUE, Trouble.BREACH)
_NAMED: Final = Prepared(
    select(_bureaus.c.id, _bureaus.c.parent_id).where(Among(_bureaus.c.code, "districts"))
)


_Key = tuple[bool, Any, Any, str, int, str]
"""What a line is ordered by, and last its kind: whether and when it is due, district, stage and id."""


@dataclass(frozen=True, slots=True)
class Radar:
    """One look: a page of lines, the most urgent first, and how many cases or matters each trouble has.

    What comes after filing (evaluations, changes, revocations, claims) is told like a case. One with several
    troubles is one line and counts under each of them. ``more`` says that further lines follow the page.
    ``late`` tells for how long those overdue have been, ``conditions`` are troubles of the program itself.
    """

    at: pendulum.DateTime
    lines: tuple[Line, ...]
    more: bool
    counts: dict[Trouble, int]
    late: tuple[overdue.Step, ...]
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

    ``stages`` and ``districts`` (codes) narrow all of it, ``troubles`` the lines alone: the counts tell what
    else there is. The most urgent line is the one due first; without a due date it comes last. Districts are
    not told what ails the program.
    """
    now = clock.now(connection)
    wanted = tuple(each for each in Trouble if not troubles or each in troubles)
    within = _narrowed(connection, watched(connection, seen_by, day_of(now)), districts)
    finder = _Finder(connection, now, within, stages)
    found = finder.first(wanted, offset + limit + 1)
    ordered = sorted(found, key=found.__getitem__)
    page = ordered[offset : offset + limit]
    late = finder.late()
    return Radar(
        now,
        radar_line.lines(connection, page, {id_: finder.troubles_of(found[id_]) for id_ in page}, now),
        len(ordered) > offset + limit,
        finder.counts(late),
        late,
        conditions.present(connection, now) if seen_by is None or seen_by.role in CITY_ROLES else (),
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is looked through along an index of its own: open cases or open matters of who watches.

    ``danger`` says until when a due date there is in danger.
    """

    condition: ColumnElement[bool]
    district: ColumnElement[Any]
    danger: Danger
    matters: bool = False

    @property
    def columns(self) -> tuple[ColumnElement[Any], ...]:
        """What is read of each, in the order of its index from the second column on."""
        return hits.columns(self.district)

    def in_time(self, kinds: Sequence[Trouble], now: pendulum.DateTime) -> ColumnElement[bool]:
        """Return the condition that a due date tells one of ``kinds``."""
        due = _subjects.c.due_at
        match kinds:
            case [Trouble.OVERDUE]:
                return due < now
            case [Trouble.BREACH]:
                return and_(due >= now, self._threatened())
            case _:
                return and_(due <= max(self.danger.latest, now), or_(due < now, self._threatened()))

    def _threatened(self) -> ColumnElement[bool]:
        # That a filing expires today is no trouble: nobody has to do anything about it.
        danger = self.danger.condition()
        return and_(danger, _subjects.c.kind != "entry") if self.matters else danger


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
        # No desk has a pace for what comes after filing.
        self._plain = Danger(self._danger.default, {})
        narrow = [_subjects.c.stage.in_(stages)] if stages else []
        self._scopes = [
            *(_Scope(_of(scope, desks, stages), _subjects.c.district_id, self._danger) for scope in within),
            *(
                _Scope(
                    and_(open_matters(scope), *narrow),
                    _subjects.c.entry_district_id,
                    self._plain,
                    matters=True,
                )
                for scope in within
            ),
        ]
        self._hit: dict[Trouble, dict[int, _Key]] = {each: {} for each in Trouble if each not in _TIMELY}
        for trouble, rows in hits.found(connection, within, day_of(now)):
            self._hit[trouble] |= {row.id: _key(row) for row in rows if not stages or row.stage in stages}

    def first(self, wanted: Sequence[Trouble], most: int) -> dict[int, _Key]:
        """Return the first ``most`` cases of the wanted kinds, and more, with what they are ordered by."""
        found: dict[int, _Key] = {}
        for each in wanted:
            found |= self._hit.get(each, {})
        by_time = [each for each in wanted if each in _TIMELY]
        for scope in self._scopes if by_time else ():
            query = select(*scope.columns).where(scope.condition, scope.in_time(by_time, self._now))
            # In the order of the index: a call's fixed instants make thousands of cases due at once.
            order = (_subjects.c.due_at, scope.district, _subjects.c.stage)
            if scope.matters:
                order = (*order, _subjects.c.kind)
            ordered = query.order_by(*order, _subjects.c.id).limit(most)
            found |= {row.id: _key(row) for row in self._connection.execute(ordered)}
        return found

    def late(self) -> tuple[overdue.Step, ...]:
        """Return for how long how many open cases and matters have been overdue."""
        return overdue.steps(self._connection, [scope.condition for scope in self._scopes], self._now)

    def counts(self, late: Sequence[overdue.Step]) -> dict[Trouble, int]:
        """Return how many open cases and matters have each trouble, counted along an index; ``late`` are."""
        counted = select(func.count()).select_from(_subjects)
        asked = [
            counted.where(scope.condition, scope.in_time([Trouble.BREACH], self._now)).scalar_subquery()
            for scope in self._scopes
        ]
        threatened = sum(self._connection.execute(select(*asked)).one()) if asked else 0
        told = {Trouble.OVERDUE: sum(step.cases for step in late), Trouble.BREACH: threatened}
        return {each: told[each] if each in told else len(self._hit[each]) for each in Trouble}

    def troubles_of(self, key: _Key) -> tuple[Trouble, ...]:
        """Return all troubles of a case or matter that was found."""
        return tuple(each for each in Trouble if self._has(each, key))

    def _has(self, trouble: Trouble, key: _Key) -> bool:
        _, due, district, stage, id_, kind = key
        if trouble not in _TIMELY:
            return id_ in self._hit[trouble]
        if due is None or (due < self._now) is not (trouble is Trouble.OVERDUE):
            return False
        if trouble is Trouble.OVERDUE:
            return True
        return kind != "entry" and due <= (self._danger if kind == "application" else self._plain).at(
            stage, district
        )


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
    return (row.due_at is None, row.due_at, row.district, row.stage, row.id, row.kind)


def _narrowed(connection: Connection, within: Sequence[Watched], districts: Collection[str]) -> list[Watched]:
    if not districts:
        return list(within)
    rows = _NAMED.all(connection, {"districts": districts})
    return [
        replace(scope, district=row.id)
        for scope in within
        for row in rows
        if row.parent_id == scope.bureau and scope.district in (None, row.id)
    ]
