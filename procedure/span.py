"""What lies between two days of a working calendar, so that a count of working days can be followed."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import pendulum

from procedure.definition import Words
from procedure.instant import calendar_day
from procedure.working_days import DayFact, WorkingCalendar


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Days in a row that a notice gives off for a holiday, or has worked to make up for one."""

    kind: Literal["holiday", "makeup"]
    first: datetime.date
    last: datetime.date
    name: str
    document: str


@dataclass(frozen=True, slots=True)
class Span:
    """What lies between two days: ``after`` is not counted, ``through`` is.

    Every day is one of the three: a working day, a weekend day, or a day of a holiday (``special``; the
    Saturdays and Sundays inside a holiday are its days). ``unpublished`` are the years without an
    arrangement, which make the end provisional.
    """

    after: datetime.date
    through: datetime.date
    working_days: int
    weekend_days: int
    special: tuple[SpecialDays, ...]
    unpublished: tuple[int, ...]


def between(calendar: WorkingCalendar, after: pendulum.Date, through: pendulum.Date, language: str) -> Span:
    """Return what lies after ``after``, through ``through``; holidays are named in ``language``."""
    first = after.add(days=1)
    special = tuple(_special(_stated(calendar, first, through), language))
    holidays = sum((row.last - row.first).days + 1 for row in special if row.kind == "holiday")
    working_days = calendar.between(after, through)
    return Span(
        after,
        through,
        working_days,
        (through - after).days - working_days - holidays,
        special,
        tuple(year for year in range(first.year, through.year + 1) if year not in calendar.published),
    )


def _stated(calendar: WorkingCalendar, first: datetime.date, last: datetime.date) -> list[DayFact]:
    """Return what the notices say of these days: of several, what the one issued last says."""
    stated: dict[datetime.date, DayFact] = {}
    for arrangement in calendar.arrangements:
        for day in arrangement.withdrawn:
            stated.pop(calendar_day(day), None)
        stated.update((fact.day, fact) for fact in arrangement.facts() if first <= fact.day <= last)
    return [fact for _, fact in sorted(stated.items())]


def _special(facts: list[DayFact], language: str) -> Iterator[SpecialDays]:
    for _, days in groupby(enumerate(facts), key=_run):
        row = [fact for _, fact in days]
        name = Words(zh=row[0].name_zh, en=row[0].name_en).of(language)
        yield SpecialDays(row[0].kind, row[0].day, row[-1].day, name, row[0].document)


def _run(numbered: tuple[int, DayFact]) -> tuple[object, ...]:
    """Return the same for days in a row that one notice arranged for the same holiday."""
    at, fact = numbered
    return fact.kind, fact.name_zh, fact.document, fact.day.toordinal() - at
