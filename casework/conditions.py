"""Troubles of the program itself: lanes that have not succeeded for long, an unseen worker, missing holidays.

They are read from what lanes and imports leave in the database, so they show while Prefect is down as well.
"""

import datetime
from dataclasses import dataclass
from typing import Final, Literal

import pendulum
from sqlalchemy import Connection, exists, func, select

from casework import calendars, clock
from casework.terms import catalogue
from models import Deadline, Incident, IncidentCase, Sweep
from models.deadline import PROVISIONAL
from models.incident import UNTOLD
from models.prepared import Prepared
from procedure import written
from procedure.definition import Words
from procedure.instant import SHANGHAI, day_of

_sweeps = Sweep.__table__
_deadlines = Deadline.__table__
_incidents = Incident.__table__
_hit = IncidentCase.__table__

LANE_PATIENCE: Final = datetime.timedelta(minutes=10)
"""How long ago a lane may have succeeded (a setting); lanes run every half minute or oftener."""

HOLIDAYS_FROM_MONTH: Final = 12
"""From this month on the next year's holidays are missed (a setting); they are published by then."""

FILES: Final = "files"
"""What the daily sweep of files without an owner is noted under among the lanes; it is none."""

WATCHED: Final = ("worker", "lane", "holidays")
"""Kinds of incidents that only repeat, with a record, what is found here at any time."""

_OF_NO_CASE: Final = Prepared(
    select(_incidents.c.id, _incidents.c.first_seen, _incidents.c.summary, _incidents.c.says)
    .where(
        UNTOLD,
        *(_incidents.c.kind != kind for kind in WATCHED),
        ~exists().where(_hit.c.incident_id == _incidents.c.id),
    )
    .order_by(_incidents.c.last_seen.desc())
)
_LANES: Final = Prepared(
    select(_sweeps.c.lane, _sweeps.c.finished_at, _sweeps.c.moved)
    .where(_sweeps.c.lane.not_like("calendar %"), _sweeps.c.lane != FILES)
    .order_by(_sweeps.c.lane)
)
_LATEST_PROVISIONAL: Final = Prepared(select(func.max(_deadlines.c.due_at).label("at")).where(PROVISIONAL))

Kind = Literal["worker", "lane", "holidays", "incident"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One trouble: of which lane, year or incident, since when if that is known, and of an incident what.

    ``says`` is what it is in Chinese and in English, where there are words for it.
    """

    kind: Kind
    of: str = ""
    since: datetime.datetime | None = None
    what: str = ""
    says: Words | None = None


def present(connection: Connection, now: pendulum.DateTime) -> tuple[Condition, ...]:
    """Return every trouble of the program at ``now``, with the unresolved incidents that hit no case."""
    rows = _OF_NO_CASE.all(connection, {})
    told = tuple(
        Condition(
            "incident",
            str(row.id),
            row.first_seen,
            row.summary,
            None if row.says is None else Words.model_validate(row.says),
        )
        for row in rows
    )
    return (*sweeping(connection, now), *missing_holidays(connection, now), *told)


def last_sweeps(connection: Connection) -> dict[str, datetime.datetime | None]:
    """Return when each lane that ever ran last succeeded."""
    return {lane.name: lane.finished_at for lane in lanes(connection)}


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane and its last success: when it ended, and how much it moved."""

    name: str
    finished_at: datetime.datetime | None
    moved: int


def lanes(connection: Connection) -> tuple[Lane, ...]:
    """Return every lane that ever ran, by name."""
    return tuple(Lane(*row) for row in _LANES.all(connection, {}))


def sweeping(connection: Connection, now: pendulum.DateTime) -> tuple[Condition, ...]:
    """Return which lanes have not succeeded for long, or that no lane has: then the worker is not at work.

    A story's time stands still between two of its instants and says nothing of the worker.
    """
    if clock.is_story(connection):
        return ()
    lanes = last_sweeps(connection)
    before = now.subtract(seconds=LANE_PATIENCE.seconds)
    late = {lane: at for lane, at in lanes.items() if at is None or at < before}
    if len(late) == len(lanes):
        return (Condition("worker", since=max(filter(None, lanes.values()), default=None)),)
    return tuple(Condition("lane", lane, at) for lane, at in late.items())


def missing_holidays(connection: Connection, now: pendulum.DateTime) -> tuple[Condition, ...]:
    """Return the years whose holidays are missing and missed: this year, or one that a deadline reaches.

    The next year is missed from December on even if no deadline reaches it.
    """
    today = day_of(now)
    calendar = calendars.current(connection, today)
    ((latest,),) = _LATEST_PROVISIONAL.all(connection, {})
    last = today.year + (today.month >= HOLIDAYS_FROM_MONTH)
    if latest is not None:
        last = max(last, latest.astimezone(SHANGHAI).year)
    years = range(today.year, last + 1)
    return tuple(Condition("holidays", str(year)) for year in years if year not in calendar.published)


def trouble(condition: Condition, language: str) -> str:
    """Return a trouble of the program in words."""
    table = catalogue(language)
    name = condition.kind
    if condition.since is None and name in ("lane", "worker"):
        name = f"{name}_never"
    since = "" if condition.since is None else written.when(condition.since.replace(microsecond=0), language)
    what = condition.what if condition.says is None else condition.says.of(language)
    return str(table["conditions"][name].format(of=condition.of, since=since, what=what))


def said(condition: Condition, language: str) -> str:
    """Return a trouble of the program in words, with what to do about it."""
    what = trouble(condition, language)
    step = catalogue(language)["condition_steps"][condition.kind].format(of=condition.of)
    return f"{what}。{step}。" if language != "en" else f"{what[:1].upper()}{what[1:]}. {step}."
