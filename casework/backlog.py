"""The backlog, desk by desk (a stage in a district each), and until when due dates are in danger."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Select, bindparam, func, select

from casework import calendars, pace
from casework.access import Watched
from casework.troubles import Danger, cases_of, open_cases
from models import Subject
from models.prepared import Prepared
from models.subject import OPEN
from procedure.instant import day_of

_subjects = Subject.__table__

Desk = tuple[Watched, int, str]
"""Whose it is, the district and the stage."""

_ON_ONE_DESK: Final = (
    OPEN,
    _subjects.c.bureau_id == bindparam("bureau"),
    _subjects.c.district_id == bindparam("district"),
    _subjects.c.stage == bindparam("stage"),
)


def _counted(*conditions: Any) -> Any:
    query = select(func.count()).select_from(_subjects).where(*_ON_ONE_DESK, *conditions)
    return query.scalar_subquery()


_LATE: Final = Prepared(
    select(
        _counted(_subjects.c.due_at < bindparam("now")).label("overdue"),
        _counted(_subjects.c.due_at >= bindparam("now"), _subjects.c.due_at <= bindparam("until")).label(
            "breach"
        ),
    )
)


def _stepwise(*, of_district: bool) -> Select[Any]:
    of = cases_of(bindparam("bureau"), bindparam("district") if of_district else None)

    def first(column: Any, *after: Any) -> Any:
        return select(func.min(column)).select_from(_subjects).where(of, *after).scalar_subquery()

    district, stage = _subjects.c.district_id, _subjects.c.stage
    districts = select(first(district).label("district")).cte("districts", recursive=True)
    districts = districts.union_all(
        select(first(district, district > districts.c.district)).where(districts.c.district.is_not(None))
    )
    found = (
        select(districts.c.district, first(stage, district == districts.c.district).label("stage"))
        .where(districts.c.district.is_not(None))
        .cte("desks", recursive=True)
    )
    found = found.union_all(
        select(found.c.district, first(stage, district == found.c.district, stage > found.c.stage)).where(
            found.c.stage.is_not(None)
        )
    )
    return select(found.c.district, found.c.stage).where(found.c.stage.is_not(None))


_DESKS: Final = {of_district: Prepared(_stepwise(of_district=of_district)) for of_district in (False, True)}


@dataclass(frozen=True, slots=True)
class Backlog:
    """What lies on one desk: how many open cases, how many late or in danger, since when the oldest.

    Drafts lie there too; they are never late or in danger.
    """

    bureau: int
    district: int
    stage: str
    open: int
    overdue: int
    breach: int
    oldest: datetime.datetime


def lying(connection: Connection, within: Sequence[Watched], now: pendulum.DateTime) -> list[Backlog]:
    """Return what lies on every desk; every open case is counted, which takes a while for very many."""
    groups: list[tuple[Watched, Any]] = []
    for scope in within:
        query = (
            select(
                _subjects.c.district_id,
                _subjects.c.stage,
                func.count().label("open"),
                func.min(_subjects.c.entered_at).label("oldest"),
            )
            .where(open_cases(scope))
            .group_by(_subjects.c.bureau_id, _subjects.c.district_id, _subjects.c.stage)
            .order_by(_subjects.c.district_id, _subjects.c.stage)
        )
        groups += [(scope, row) for row in connection.execute(query)]
    until = danger(connection, [(scope, row.district_id, row.stage) for scope, row in groups], now)
    found: list[Backlog] = []
    for scope, row in groups:
        desk = {"bureau": scope.bureau, "district": row.district_id, "stage": row.stage}
        at = until.at(row.stage, row.district_id)
        ((overdue, breach),) = _LATE.all(connection, {**desk, "now": now, "until": at})
        found.append(Backlog(scope.bureau, row.district_id, row.stage, row.open, overdue, breach, row.oldest))
    return found


def desks(connection: Connection, within: Watched) -> list[Desk]:
    """Return the desks with open cases, each found by one step along the index."""
    of = {"bureau": within.bureau}
    if within.district is not None:
        of["district"] = within.district
    rows = _DESKS[within.district is not None].all(connection, of)
    return [(within, row.district, row.stage) for row in rows]


def danger(connection: Connection, at: Sequence[Desk], now: pendulum.DateTime) -> Danger:
    """Return until when due dates are in danger at these desks, from the pace of each office."""
    today = day_of(now)
    calendar = calendars.current(connection, today)
    stages = sorted({stage for _, _, stage in at})
    known = pace.paces(connection, stages, calendar)

    def until(days: int) -> pendulum.DateTime:
        return pace.in_danger_until(calendar, today, days)

    default = until(pace.UNKNOWN)
    by_stage: dict[str, tuple[pendulum.DateTime, dict[int, pendulum.DateTime]]] = {}
    for stage in stages:
        own = {
            district: until(known.of(stage, scope.bureau, district))
            for scope, district, other in at
            if other == stage
        }
        # Most districts are alike, and what is alike needs no condition of its own.
        ((general, _),) = Counter(own.values()).most_common(1)
        others = {district: at for district, at in own.items() if at != general}
        if others or general != default:
            by_stage[stage] = (general, others)
    return Danger(default, by_stage)
