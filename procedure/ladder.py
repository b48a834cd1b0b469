"""The ladder of a deadline: at which instants its reminders and escalations come.

A rung in working days comes when sending opens on its day; one in hours at that distance by the clock, or at
the next opening. Rungs before a deadline count back from its last working day: the last one on which sending
opens before it is due.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import pendulum

from procedure.definition import DeadlineRule, Procedure, Rung, SendingHours
from procedure.instant import SHANGHAI, day_of, instant
from procedure.working_days import DayOutOfRange, WorkingCalendar

Unsent = Literal["began_later", "no_hours_left"]
"""Why a rung never comes: its instant lies before the deadline began, or it would have to wait past the due
instant for the next sending hours."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A rung and the instant at which it comes; ``unsent`` says why it does not.

    ``place`` is its number in the ladder: of rungs at one instant the last is the latest.
    """

    rung: Rung
    place: int
    at: pendulum.DateTime
    unsent: Unsent | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Ladder:
    """The rungs that one deadline climbs, in the order of its pack, within its sending hours."""

    rungs: tuple[Rung, ...]
    hours: SendingHours

    def plan(
        self, since: pendulum.DateTime | None, due: pendulum.DateTime, calendar: WorkingCalendar
    ) -> tuple[Planned, ...]:
        """Return the rungs of a deadline that is due at ``due``, in order of time.

        Those before ``since``, when the deadline began, come no more. A rung whose day lies outside the
        calendar is left out.
        """
        planned = _planned(self, due, calendar)
        if since is None or not planned or planned[0].at > since:
            return planned
        return tuple(
            Planned(each.rung, each.place, each.at, "began_later") if each.at <= since else each
            for each in planned
        )


UNCLIMBED: Final = ("call", "round", "entry")
"""Kinds of subject whose deadlines are nobody's to meet."""

_NONE: Final = Ladder((), SendingHours(basis="setting"))


def of(procedure: Procedure, kind: str, deadline: str) -> Ladder:
    """Return the ladder of a deadline of ``kind``: its own, else the pack's."""
    return _ladders(_Identity(procedure)).get((kind, deadline), _NONE)


def climbs(procedure: Procedure, kind: str, rule: DeadlineRule) -> tuple[Rung, ...]:
    """Return the rungs that ``rule`` climbs: its own, or as many of the pack's as can come.

    The pack's ladder is for what a unit or an authority owes in one case: not for calls, rounds and entries
    of the register. It ends with a lapse, and leaves alone what the public holds.
    """
    if rule.ladder is not None:
        return rule.ladder.rungs
    if procedure.ladder is None or kind in UNCLIMBED or rule.holder == "public":
        return ()
    return tuple(rung for rung in procedure.ladder.rungs if rung.after is None or rule.lapse is None)


def sendable(hours: SendingHours, moment: pendulum.DateTime, calendar: WorkingCalendar) -> pendulum.DateTime:
    """Return the first instant from ``moment`` on that lies within the sending hours.

    ``moment`` itself where the calendar does not reach.
    """
    opens, closes = _time(hours.opens), _time(hours.closes)
    day = day_of(moment)
    try:
        if _sends(hours, day, calendar):
            if _at(day, opens) <= moment < _at(day, closes):
                return moment
            if moment < _at(day, opens):
                return _at(day, opens)
        return _at(calendar.add(day, 1) if hours.days == "working" else day.add(days=1), opens)
    except DayOutOfRange:
        return moment


@dataclass(frozen=True, slots=True)
class _Identity:
    """A procedure as a key: itself, not all that it says."""

    procedure: Procedure

    def __hash__(self) -> int:
        return id(self.procedure)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.procedure is self.procedure


@lru_cache(maxsize=64)
def _ladders(of: _Identity) -> Mapping[tuple[str, str], Ladder]:
    procedure = of.procedure
    return {
        (kind, rule.id): Ladder(climbs(procedure, kind, rule), procedure.sending_hours)
        for kind in procedure.kinds
        for rule in procedure.life(kind).deadlines
    }


# The same due instants come again and again: a call's dates stand in every one of its cases.
@lru_cache(maxsize=16_384)
def _planned(ladder: Ladder, due: pendulum.DateTime, calendar: WorkingCalendar) -> tuple[Planned, ...]:
    found: list[Planned] = []
    for place, rung in enumerate(ladder.rungs):
        try:
            found.append(_place(ladder.hours, rung, place, due, calendar))
        except DayOutOfRange:
            continue
    return tuple(sorted(found, key=lambda each: (each.at, each.place)))


def _place(
    hours: SendingHours, rung: Rung, place: int, due: pendulum.DateTime, calendar: WorkingCalendar
) -> Planned:
    offset = rung.before or rung.after
    if offset is None or offset.working_days is not None:
        days = 0 if offset is None or offset.working_days is None else offset.working_days
        opens = _time(hours.opens)
        if rung.after is not None:
            return Planned(rung, place, _at(calendar.add(day_of(due), days), opens))
        last = _last_working_day(due, opens, calendar)
        return Planned(rung, place, _at(calendar.subtract(last, days), opens))
    distance = datetime.timedelta(hours=offset.hours or 0)
    # Pendulum's own arithmetic is forty times slower and gives the same instant.
    exact = instant(datetime.datetime.__add__(due, -distance if rung.before is not None else distance))
    at = exact if rung.urgent else sendable(hours, exact, calendar)
    if rung.before is not None and at >= due:
        return Planned(rung, place, exact, "no_hours_left")
    return Planned(rung, place, at)


def _last_working_day(
    due: pendulum.DateTime, opens: datetime.time, calendar: WorkingCalendar
) -> pendulum.Date:
    day = day_of(due)
    if calendar.is_working_day(day) and _at(day, opens) < due:
        return day
    return calendar.subtract(day, 1)


def _sends(hours: SendingHours, day: pendulum.Date, calendar: WorkingCalendar) -> bool:
    return hours.days == "all" or calendar.is_working_day(day)


def _time(text: str) -> datetime.time:
    return datetime.time.fromisoformat(text)


def _at(day: datetime.date, time: datetime.time) -> pendulum.DateTime:
    return pendulum.DateTime(day.year, day.month, day.day, time.hour, time.minute, tzinfo=SHANGHAI)
