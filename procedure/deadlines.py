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
from procedure.entry import OfEntry
from procedure.event import TAKEN_BACK, ClockEntry
from procedure.instant import SHANGHAI, day_of, end_of, instant
from procedure.subject import Application, Deadline, Subject
from procedure.working_days import WorkingCalendar

_TICK = datetime.timedelta(microseconds=1)


def first_late(rule: DeadlineRule, due_at: pendulum.DateTime) -> pendulum.DateTime:
    """Return the first late instant: just after ``due_at`` when that instant still counts, else itself."""
    if rule.closing == "exclusive":
        return due_at
    # Pendulum's own addition is forty times slower and gives the same instant.
    return instant(datetime.datetime.__add__(due_at, _TICK))


def begin(
    procedure: Procedure,
    rule: DeadlineRule,
    subject: Subject,
    at: pendulum.DateTime,
    calendar: WorkingCalendar,
) -> ClockEntry | None:
    """Return the line that starts ``rule`` at ``at``; None when the call names no such date (rolling)."""
    provisional, days, version = False, None, None
    if rule.due.date is not None:
        due = subject.dates.get(rule.due.date)
        if due is None:
            return None
    else:
        assert rule.due.working_days is not None  # noqa: S101 - Due gives exactly one of the two
        start, days = day_of(at), procedure.number(rule.due.working_days)
        last = calendar.add(start, days)
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
        remaining=days,
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
        # Pendulum's own intervals cannot be divided by a length of time.
        left, version = max(0, round((deadline.due_at - at).total_seconds() * 1_000_000)), None
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

    With no working day left, the deadline ends with the day of the resumption, or the next working day. It
    never falls due before it would have without the suspension.
    """
    left = deadline.remaining or 0
    counted_from = None
    if rule.due.working_days is not None:
        counted, provisional = _counted(deadline, at, left, calendar)
        due, version = max(counted, deadline.due_at), calendar.version
        counted_from = at if counted == due else None
    else:
        due, version, provisional = instant(at + left * _TICK), None, False
    return ClockEntry(
        deadline.name,
        deadline.occurrence,
        "resumed",
        at,
        due_before=deadline.due_at,
        due_after=due,
        counted_from=counted_from,
        remaining=left,
        reason=reason,
        calendar=version,
        provisional=provisional,
    )


def recalculate(deadline: Deadline, at: pendulum.DateTime, calendar: WorkingCalendar) -> ClockEntry | None:
    """Return the line that applies another calendar to a deadline in working days; None if nothing changes.

    Fixed instants, suspended deadlines and those extended to a chosen instant do not depend on it. A day that
    has begun is never taken away: what would have ended before ends with the day of the change.
    """
    if deadline.counted_from is None or deadline.days is None or deadline.state == "suspended":
        return None
    due, provisional = _counted(deadline, deadline.counted_from, deadline.days, calendar)
    if deadline.state == "running":
        due = max(due, min(deadline.due_at, end_of(day_of(at))))
    if (due, provisional) == (deadline.due_at, deadline.provisional) or (
        deadline.state == "overdue" and due <= at
    ):
        return None
    return ClockEntry(
        deadline.name,
        deadline.occurrence,
        "recalculated",
        at,
        due_before=deadline.due_at,
        due_after=due,
        remaining=deadline.days,
        calendar=calendar.version,
        provisional=provisional,
    )


def _counted(
    deadline: Deadline, start: pendulum.DateTime, days: int, calendar: WorkingCalendar
) -> tuple[pendulum.DateTime, bool]:
    """Return the instant ``days`` working days after ``start``, and whether it is provisional."""
    first = day_of(start)
    last = calendar.add(first, days) if days else calendar.on_or_after(first)
    due = _same_time(deadline.due_at, last) if days else end_of(last)
    return due, calendar.spans_provisional(first, last)


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


def pass_by(rule: DeadlineRule, deadline: Deadline, at: pendulum.DateTime) -> ClockEntry:
    """Return the line of a deadline that passed: lapsed where the pack says what follows, else overdue."""
    return ClockEntry(
        deadline.name,
        deadline.occurrence,
        "overdue" if rule.lapse is None else "lapsed",
        at,
        due_before=deadline.due_at,
    )


def restore(
    before: tuple[Deadline, ...],
    now: tuple[Deadline, ...],
    at: pendulum.DateTime,
    calendar: WorkingCalendar,
) -> tuple[ClockEntry, ...]:
    """Return the lines that let the clocks stand again as ``before``, when an act is taken back.

    A calendar that came into force meanwhile counts for them too.
    """
    running = {deadline.name: deadline for deadline in now}
    lines: list[ClockEntry] = []
    for deadline in before:
        present = running.pop(deadline.name, None)
        if present == deadline:
            continue
        if present is not None and present.occurrence != deadline.occurrence:
            lines.append(end(present, at, met=False))
        lines.append(_again(deadline, at, calendar))
    return (*lines, *(end(deadline, at, met=False) for deadline in running.values()))


def _again(deadline: Deadline, at: pendulum.DateTime, calendar: WorkingCalendar) -> ClockEntry:
    """Return the line after which a deadline stands as it did; nobody is told again that it was late."""
    running = ClockEntry(
        deadline.name,
        deadline.occurrence,
        "restored",
        at,
        due_after=deadline.due_at,
        base_at=deadline.base_at,
        counted_from=deadline.counted_from,
        holder=deadline.holder,
        remaining=deadline.days,
        provisional=deadline.provisional,
    )
    standing = replace(running, due_before=deadline.due_at, due_after=None, reason=TAKEN_BACK)
    recounted = recalculate(deadline, at, calendar)
    if deadline.state == "suspended":
        return replace(standing, kind="suspended", remaining=deadline.remaining)
    if recounted is not None:
        return replace(
            running,
            due_before=deadline.due_at,
            due_after=recounted.due_after,
            calendar=recounted.calendar,
            provisional=recounted.provisional,
        )
    return replace(standing, kind="overdue") if deadline.state == "overdue" else running


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
                counted_from=None if entry.remaining is None else entry.base_at,
                days=entry.remaining,
            )
        elif entry.kind == "restored":
            clocks[entry.deadline] = _restored(entry)
        elif entry.kind in ("met", "lapsed", "cancelled"):
            clocks.pop(entry.deadline, None)
        elif entry.kind == "suspended":
            deadline = clocks.get(entry.deadline) or _restored(entry)
            clocks[entry.deadline] = replace(deadline, state="suspended", remaining=entry.remaining)
        elif entry.kind == "overdue":
            clocks[entry.deadline] = replace(clocks.get(entry.deadline) or _restored(entry), state="overdue")
        else:
            clocks[entry.deadline] = _set(clocks[entry.deadline], entry)
    return tuple(clocks.values())


def _set(deadline: Deadline, entry: ClockEntry) -> Deadline:
    """Return the deadline running towards the instant that ``entry`` (resumed, extended, ...) gives it."""
    assert entry.due_after is not None  # noqa: S101 - every such line carries it
    counted_from, days = deadline.counted_from, deadline.days
    if entry.kind == "resumed" and (entry.counted_from is not None or days is not None):
        counted_from, days = entry.at, entry.remaining
    elif entry.kind == "recalculated" and entry.remaining is not None:
        days = entry.remaining
    elif entry.kind == "extended":
        counted_from = days = None
    return replace(
        deadline,
        state="running",
        due_at=entry.due_after,
        remaining=None,
        provisional=entry.provisional,
        counted_from=counted_from,
        days=days,
    )


def _restored(entry: ClockEntry) -> Deadline:
    due = entry.due_after or entry.due_before
    assert entry.base_at and due and entry.holder  # noqa: S101, PT018 - restore() sets them
    return Deadline(
        entry.deadline,
        entry.occurrence,
        entry.holder,
        "running",
        entry.base_at,
        due,
        entry.provisional,
        counted_from=entry.counted_from,
        days=None if entry.counted_from is None else entry.remaining,
    )


def next_passing(procedure: Procedure, subject: Subject) -> tuple[pendulum.DateTime, Deadline] | None:
    """Return the running deadline that passes first, with the instant at which it is late."""
    rules = procedure.life(subject.kind).deadline
    passing = [
        (first_late(rules[deadline.name], deadline.due_at), deadline)
        for deadline in subject.deadlines
        if deadline.state == "running"
    ]
    return min(passing, key=lambda each: each[0], default=None)


def due_at(subject: Subject) -> pendulum.DateTime | None:
    """Return when a submitted application, or a matter after filing, is due, or was and is not done.

    None where no clock runs. That is the earliest of its deadlines that run or are overdue. A draft's clock
    is its applicant's own.
    """
    record = subject.record
    drafted = isinstance(record, Application) and record.submitted_at is None
    if subject.outcome is not None or drafted or not isinstance(record, Application | OfEntry):
        return None
    return min((each.due_at for each in subject.deadlines if each.state != "suspended"), default=None)


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
