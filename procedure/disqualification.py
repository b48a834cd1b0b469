"""Losing the lead qualification: both findings, the decision, its service, and the bar that follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pendulum import Date

from procedure.definition import Clause, Procedure
from procedure.entry import OfEntry
from procedure.instant import Day

SETTING = "bar_years"
"""For how many years a bar holds; 0 where a city's document knows none."""


@dataclass(frozen=True, slots=True)
class Disqualification(OfEntry):
    """What one rests on, what the unit said, and what was decided; ``lead`` is the unit it is about.

    Both findings are needed: it organised poorly, and it did not perform the agreement. ``breached_on`` is
    when that was; the bar counts from ``served_on``.
    """

    organised_poorly: str
    not_performed: str
    breached_on: Day
    statement: str | None = None
    decision: Literal["disqualified", "kept"] | None = None
    answer: str | None = None
    document_number: str | None = None
    served_on: Day | None = None
    barred_until: Day | None = None
    appeal: str | None = None
    appeal_decision: Literal["upheld", "reversed"] | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar that stands: whom it keeps from leading and from core layers, on which days, both included."""

    uscc: str
    first_day: Date
    last_day: Date
    document: str

    def holds(self, day: Date) -> bool:
        """Return whether it holds on ``day``."""
        return self.first_day <= day <= self.last_day


def last_day(served_on: Date, years: int) -> Date:
    """Return the bar's last day: the anniversary of the service, the 28th from 29 February without a 29th."""
    return served_on.add(years=years)


def standing_bar(bars: Iterable[Bar], uscc: str | None, day: Date) -> Bar | None:
    """Return the bar that keeps a unit away on ``day``, the longest if several do."""
    held = [each for each in bars if each.uscc == uscc and each.holds(day)]
    return max(held, key=lambda each: each.last_day, default=None)


def clause(procedure: Procedure) -> Clause | None:
    """Return the clause that bars rest on in a pack; None where it is a setting or the pack has none."""
    setting = procedure.settings.get(SETTING)
    return None if setting is None else setting.clause
