"""When the dates that a pack names itself fall."""

import pendulum

from procedure.definition import DeadlineRule, NamedDate, Procedure
from procedure.instant import calendar_day, end_of, local_instant


def of_deadline(procedure: Procedure, rule: DeadlineRule) -> NamedDate | None:
    """Return the date on which the deadline falls, where it has one and the pack gives its value."""
    date = None if rule.due.date is None else procedure.dates[rule.due.date]
    return date if date is not None and date.value is not None else None


def moment(date: NamedDate) -> pendulum.DateTime:
    """Return the last instant of a date that has a value; ValueError for one that has none."""
    value = date.value or ""
    return end_of(calendar_day(value)) if date.kind == "day" else local_instant(value)
