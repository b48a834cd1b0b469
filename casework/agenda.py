"""Site visits and defences that somebody may see, in order of time, for a calendar of theirs."""

import datetime
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select

from casework import clock
from casework.access import Claim, sees
from models import Bureau, Case, Defence, Organisation, Visit
from procedure.instant import day_of

_cases = Case.__table__
_bureaus = Bureau.__table__
_leads = Organisation.__table__
_visits = Visit.__table__
_defences = Defence.__table__


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit or a defence that lies ahead or is over; ``details`` are who goes, or the place.

    ``position`` is a defence's place in the order of its day.
    """

    kind: Literal["visit", "defence"]
    id: int
    bureau: str
    number: str
    lead: str
    at: datetime.datetime
    details: tuple[str, ...]
    position: int | None = None
    over: bool = False


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
        select(_visits, _bureaus.c.code, _cases.c.number, _leads.c.name)
        .join(_cases, _cases.c.subject_id == _visits.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.bureau_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .where(_visits.c.scheduled_for >= since, _visits.c.scheduled_for < until, *own)
    )
    found = [
        Appointment(
            "visit",
            row.id,
            row.code,
            row.number,
            row.name,
            row.scheduled_for,
            tuple(row.team),
            over=row.result is not None,
        )
        for row in visits
    ]
    defences = connection.execute(
        select(_defences, _bureaus.c.code, _cases.c.number, _leads.c.name)
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
            row.id,
            row.code,
            row.number,
            row.name,
            row.scheduled_for,
            (row.place,),
            row.position,
            over=row.attended is not None,
        )
        for row in defences
    ]
    return sorted(found, key=lambda each: (each.at, each.position or 0, each.number))
