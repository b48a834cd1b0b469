"""How fast desks are: the working days that an office usually takes at a stage."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median_low
from typing import Final

import pendulum
from sqlalchemy import Connection, bindparam, select

from models import WorkItem
from models.prepared import Prepared
from procedure.instant import day_of, end_of
from procedure.working_days import WorkingCalendar

_work = WorkItem.__table__

LATEST: Final = 100
"""So many of a stage's finished items are looked at, the latest."""

ENOUGH: Final = 5
"""With fewer finished items an office has no pace of its own (a setting)."""

UNKNOWN: Final = 1
"""The working days that are assumed where there is no pace (a setting)."""


_RECENT: Final = Prepared(
    select(_work.c.bureau_id, _work.c.opened_at, _work.c.done_at)
    .where(_work.c.stage == bindparam("stage"), _work.c.done_at.is_not(None))
    .order_by(_work.c.done_at.desc())
    .limit(LATEST)
)


@dataclass(frozen=True, slots=True)
class Paces:
    """Usual working days by stage and office: a district, a city bureau, or None for a panel."""

    days: Mapping[tuple[str, int | None], int] = field(default_factory=dict[tuple[str, int | None], int])

    def of(self, stage: str, bureau: int, district: int | None) -> int:
        """Return the working days that a case at ``stage`` usually takes there, at least one."""
        for office in (district, bureau, None):
            if (stage, office) in self.days:
                return max(1, self.days[stage, office])
        return UNKNOWN


def paces(connection: Connection, stages: Iterable[str], calendar: WorkingCalendar) -> Paces:
    """Return the median of what each office took for its latest finished items at each of ``stages``.

    An item opened and finished on the same day took none.
    """
    took: defaultdict[tuple[str, int | None], list[int]] = defaultdict(list)
    for stage in stages:
        for office, opened, done in _RECENT.all(connection, {"stage": stage}):
            took[stage, office].append(calendar.between(day_of(opened), day_of(done)))
    return Paces({key: median_low(days) for key, days in took.items() if len(days) >= ENOUGH})


def in_danger_until(calendar: WorkingCalendar, today: datetime.date, pace: int) -> pendulum.DateTime:
    """Return the last due instant that an office of this pace, beginning today, would not keep.

    Fewer working days are left after today than the pace, so today's due dates are always in danger.
    """
    return end_of(calendar.add(today, pace - 1))
