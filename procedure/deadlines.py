"""The legal clock: a deadline starts, is suspended, resumed, extended and ends, and each keeps its ledger.

Fixed instants are named dates of the call. Deadlines in working days do not count the day of the event
and end with the last instant of the last day. A suspension keeps what was left, in working days or, for a
fixed instant, as exact time.
"""

import datetime
from collections.abc import Iterable
from dataclasses import replace

import pendulum

from procedure.definition import DeadlineRule, Procedure
from procedure.event import ClockEntry
from procedure.instant import SHANGHAI, day_of, end_of, instant
from procedure.subject import Deadline, Subject
from procedure.working_days import WorkingCalendar

_TICK = datetime.timedelta(microseconds=1)


def first_late(rule: DeadlineRule, due_at: pendulum.DateTime) -> pendulum.DateTime:
    """Return the first late instant: just after ``due_at`` when that instant still counts, else itself."""
    return instant(due_at + _TICK) if rule.closing == "inclusive" else due_at


def begin(
    procedure: Procedure,
    rule: DeadlineRule,
    subject: Subject,
    at: pendulum.DateTime,
    calendar: WorkingCalendar,
) -> ClockEntry | None:
    """Return the line that starts ``rule`` at ``at``; None when the call names no such date (rolling)."""
    provisional = False
    if rule.due.date is not None:
        due = subject.dates.get(rule.due.date)
        if due is None:
            return None
        version = None
    else:
        assert rule.due.working_days is not None  # noqa: S101 - Due gives exactly one of the two
        start = day_of(at)
        last = calendar.add(start, procedure.number(rule.due.working_days))
        due, version = end_of(last), calendar.version
        provisional = calendar.spans_provisional(start, last)
    return ClockEntry(
        rule.id,
        subject.occurrences.get(rule.id, 0) + 1,
        "started",
        at,
        due_after=due,
        base_at=at,
        holder=rule.holder,
        calendar=version,
        provisional=provisional,
    )


def suspend(
    rule: DeadlineRule,
    deadline: Deadline,
    at: pendulum.DateTime,
    calendar: WorkingCalendar,
    reason: str | None = None,
) -> ClockEntry:
    """Return the line that stops a running clock at ``at`` and keeps what is left of it."""
    if rule.due.working_days is not None:
        left, version = max(0, calendar.between(day_of(at), day_of(deadline.due_at))), calendar.version
    else:
        left, version = max(0, (deadline.due_at - at) // _TICK), None
    return ClockEntry(
        deadline.name,
        deadline.occurrence,
        "suspended",
        at,
        due_before=deadline.due_at,
        remaining=left,
        reason=reason,
        calendar=version,
    )


def resume(
    rule: DeadlineRule,
    deadline: Deadline,
    at: pendulum.DateTime,
    calendar: WorkingCalendar,
    reason: str | None = None,
) -> ClockEntry:
    """Return the line that lets a suspended clock run on from ``at`` with what was left of it.

    With no working day left, the deadline ends with the day of the resumption, or the next working day.
    """
    left = deadline.remaining or 0
    if rule.due.working_days is not None:
        start = day_of(at)
        last = calendar.add(start, left) if left else calendar.on_or_after(start)
        due = _same_time(deadline.due_at, last)
        version, provisional = calendar.version, calendar.spans_provisional(start, last)
    else:
        due, version, provisional = instant(at + left * _TICK), None, False
    return ClockEntry(
        deadline.name,
        deadline.occurrence,
        "resumed",
        at,
        due_before=deadline.due_at,
        due_after=due,
        remaining=left,
        reason=reason,
        calendar=version,
        provisional=provisional,
    )


def extend(deadline: Deadline, at: pendulum.DateTime, until: pendulum.DateTime, reason: str) -> ClockEntry:
    """Return the line that moves the due instant to ``until``, for a reason."""
    return ClockEntry(
        deadline.name,
        deadline.occurrence,
        "extended",
        at,
        due_before=deadline.due_at,
        due_after=until,
        reason=reason,
    )


def end(deadline: Deadline, at: pendulum.DateTime, *, met: bool) -> ClockEntry:
    """Return the line that ends a deadline: met by its holder's act, or cancelled because the case left."""
    return ClockEntry(
        deadline.name,
        deadline.occurrence,
        "met" if met else "cancelled",
        at,
        due_before=deadline.due_at,
    )


def pass_by(rule: DeadlineRule, deadline: Deadline) -> ClockEntry:
    """Return the line of a deadline that passed: lapsed where the pack says what follows, else overdue."""
    return ClockEntry(
        deadline.name,
        deadline.occurrence,
        "overdue" if rule.lapse is None else "lapsed",
        deadline.due_at,
        due_before=deadline.due_at,
    )


def after(deadlines: tuple[Deadline, ...], entries: Iterable[ClockEntry]) -> tuple[Deadline, ...]:
    """Return the deadlines as they are after the ledger lines ``entries``."""
    clocks = {deadline.name: deadline for deadline in deadlines}
    for entry in entries:
        if entry.kind == "started":
            assert entry.base_at and entry.due_after and entry.holder  # noqa: S101, PT018 - begin() sets them
            clocks[entry.deadline] = Deadline(
                entry.deadline,
                entry.occurrence,
                entry.holder,
                "running",
                entry.base_at,
                entry.due_after,
                entry.provisional,
            )
        elif entry.kind in ("met", "lapsed", "cancelled"):
            clocks.pop(entry.deadline, None)
        elif entry.kind == "suspended":
            clocks[entry.deadline] = replace(
                clocks[entry.deadline], state="suspended", remaining=entry.remaining
            )
        elif entry.kind == "overdue":
            clocks[entry.deadline] = replace(clocks[entry.deadline], state="overdue")
        else:
            assert entry.due_after is not None  # noqa: S101 - resumed, extended and recalculated carry it
            clocks[entry.deadline] = replace(
                clocks[entry.deadline],
                state="running",
                due_at=entry.due_after,
                remaining=None,
                provisional=entry.provisional,
                extended=clocks[entry.deadline].extended or entry.kind == "extended",
            )
    return tuple(clocks.values())


def next_passing(procedure: Procedure, subject: Subject) -> tuple[pendulum.DateTime, Deadline] | None:
    """Return the running deadline that passes first, with the instant at which it is late."""
    rules = procedure.life(subject.kind).deadline
    passing = [
        (first_late(rules[deadline.name], deadline.due_at), deadline)
        for deadline in subject.deadlines
        if deadline.state == "running"
    ]
    return min(passing, key=lambda each: each[0], default=None)


def wake_at(procedure: Procedure, subject: Subject) -> pendulum.DateTime | None:
    """Return the next instant at which something happens to ``subject`` by itself; None if nothing will."""
    if subject.outcome is not None:
        return None
    passing = next_passing(procedure, subject)
    return None if passing is None else passing[0]


def _same_time(moment: pendulum.DateTime, day: datetime.date) -> pendulum.DateTime:
    return pendulum.DateTime(
        day.year,
        day.month,
        day.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        tzinfo=SHANGHAI,
    )
