"""Site visits and defences that somebody may see, in order of time, for a calendar of theirs."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, FromClause, Label, Table, func, select

from casework import clock
from casework.access import Claim, sees
from models import Bureau, Case, Defence, Event, Organisation, Visit
from procedure.instant import day_of

_cases = Case.__table__
_bureaus = Bureau.__table__
_leads = Organisation.__table__
_visits = Visit.__table__
_defences = Defence.__table__
_events = Event.__table__


def _set(table: Table, event: str, held: Callable[[FromClause], ColumnElement[bool]]) -> list[Label[Any]]:
    """Return how many of the case were held before, and the number and time of the event that set it last.

    One that the case ended before is cancelled: by the last event of the case, the latest there is.
    """
    earlier = table.alias("earlier")
    before = (
        select(func.count())
        .select_from(earlier)
        .where(earlier.c.subject_id == table.c.subject_id, earlier.c.id < table.c.id, held(earlier))
    )
    cancelled = _cases.c.closed & ~held(table)
    last = select(func.max(_events.c.seq)).where(
        _events.c.subject_id == table.c.subject_id, cancelled | (_events.c.kind == event)
    )
    at = last.with_only_columns(func.max(_events.c.recorded_at))
    return [
        *(
            each.correlate(table, _cases).scalar_subquery().label(name)
            for name, each in (("before", before), ("sequence", last), ("set_at", at))
        ),
        cancelled.label("cancelled"),
    ]


_VISIT_SET: Final = _set(_visits, "visit_scheduled", lambda one: one.c.result.is_not(None))
_DEFENCE_SET: Final = _set(_defences, "defence_scheduled", lambda one: one.c.attended.is_(True))


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit or a defence that lies ahead or is over; ``details`` are who goes, or the place.

    ``position`` is a defence's place in the order of its day. Set anew it keeps ``nth``, by which a calendar
    knows it: the how-manieth of its kind it is of the case. ``sequence`` is greater each time, and ``set_at``
    is when it was set. It is ``cancelled`` where the case ended before it.
    """

    kind: Literal["visit", "defence"]
    nth: int
    sequence: int
    set_at: datetime.datetime
    bureau: str
    number: str
    lead: str
    at: datetime.datetime
    details: tuple[str, ...]
    position: int | None = None
    over: bool = False
    cancelled: bool = False


def between(
    connection: Connection,
    claim: Claim,
    since: datetime.datetime,
    until: datetime.datetime,
    number: str | None = None,
) -> list[Appointment]:
    """Return the appointments from ``since`` on and before ``until``, of one case if ``number`` names it.

    Of a visit that was set anew, or a defence that was missed, only what is still meant is told.
    """
    seen = sees(claim, day_of(clock.now(connection)))
    own = [seen] if number is None else [seen, _cases.c.number == number]
    visits = connection.execute(
        select(_visits, *_VISIT_SET, _bureaus.c.code, _cases.c.number, _leads.c.name)
        .join(_cases, _cases.c.subject_id == _visits.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.bureau_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .where(_visits.c.scheduled_for >= since, _visits.c.scheduled_for < until, *own)
    )
    found = [
        Appointment(
            "visit",
            row.before + 1,
            row.sequence,
            row.set_at,
            row.code,
            row.number,
            row.name,
            row.scheduled_for,
            tuple(row.team),
            over=row.result is not None,
            cancelled=row.cancelled,
        )
        for row in visits
    ]
    defences = connection.execute(
        select(_defences, *_DEFENCE_SET, _bureaus.c.code, _cases.c.number, _leads.c.name)
        .join(_cases, _cases.c.subject_id == _defences.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.bureau_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .where(
            _defences.c.scheduled_for >= since,
            _defences.c.scheduled_for < until,
            _defences.c.attended.is_not(False) | _defences.c.attended.is_(None),
            *own,
        )
    )
    found += [
        Appointment(
            "defence",
            row.before + 1,
            row.sequence,
            row.set_at,
            row.code,
            row.number,
            row.name,
            row.scheduled_for,
            (row.place,),
            row.position,
            over=row.attended is not None,
            cancelled=row.cancelled,
        )
        for row in defences
    ]
    return sorted(found, key=lambda each: (each.at, each.position or 0, each.number))
