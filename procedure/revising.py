"""Moving a subject to another revision of its procedure: what changes, what blocks it, and the event."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pendulum

from procedure import deadlines
from procedure.act import Facts
from procedure.definition import DeadlineRule, Life, Procedure, Stage, Words
from procedure.eligibility import of_application
from procedure.event import REVISION, ClockEntry, Event, Told
from procedure.instant import Instant, day_of, end_of, iso
from procedure.subject import Application, Deadline, Subject
from procedure.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Block:
    """Why a subject cannot be moved: a stable code with its facts."""

    code: Literal[
        "stage_gone", "unknown_stage", "deadline_of_another_kind", "date_missing", "correction_of_another"
    ]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangedDeadline:
    """What becomes of one deadline; ``before`` is None where it begins, ``after`` where it ends or stands.

    ``title`` is what the revision it is to move to calls it, else the one it is under.
    """

    deadline: str
    title: Words
    what: Literal["begins", "ends", "moves"]
    before: Instant | None
    after: Instant | None


@dataclass(frozen=True, slots=True)
class Revised:
    """What a move does to one subject: stages, deadlines, rules' answers, fields it now lacks, and blocks.

    ``rules`` pairs the answers before and after, None where a revision does not have the rule.
    """

    ref: str
    stage: str
    to: str
    deadlines: tuple[ChangedDeadline, ...] = ()
    rules: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """From which revision to which (by content hash), and where stages that are gone lead."""

    before: Procedure
    after: Procedure
    hashes: tuple[str, str]
    stages: Mapping[str, str]


def revise(
    move: Move, subject: Subject, facts: Facts, now: pendulum.DateTime
) -> tuple[Revised, Event | None]:
    """Return what moving ``subject`` does, and the event that records it; None while something blocks it.

    A running deadline in working days keeps what has passed of it; a day that has begun is never taken away.
    One extended to a chosen instant stays. What the new stage asks and the old did not begins now.
    """
    life, former = move.after.life(subject.kind), move.before.life(subject.kind)
    to = move.stages.get(subject.stage, subject.stage)
    stage = life.stage.get(to)
    if stage is None:
        code = "unknown_stage" if to != subject.stage else "stage_gone"
        block = Block(code, {"stage": subject.stage, "to": to, "stages": sorted(life.stage)})
        return Revised(subject.ref, subject.stage, to, blocks=(block,)), None
    blocks = list(_correction(move, former.stage[subject.stage], stage))
    clock: list[ClockEntry] = []
    for deadline in subject.deadlines:
        found = _deadline(move, life, stage, subject, deadline, facts.calendar, now)
        if isinstance(found, Block):
            blocks.append(found)
        elif found is not None:
            clock.append(found)
    asked_before = former.stage[subject.stage].deadlines
    for name in stage.deadlines:
        if subject.deadline(name) is None and name not in asked_before:
            begun = deadlines.begin(move.after, life.deadline[name], subject, now, facts.calendar)
            if begun is not None:
                clock.append(begun)
    rules, missing = _rules(move, subject, now)
    revised = Revised(
        subject.ref,
        subject.stage,
        to,
        tuple(_changed(entry, {**former.deadline, **life.deadline}) for entry in clock),
        rules,
        missing,
        tuple(blocks),
    )
    if blocks:
        return revised, None
    moved = to != subject.stage or stage.holder != former.stage[subject.stage].holder
    data: dict[str, Any] = {"from": move.hashes[0], "to": move.hashes[1]}
    if move.stages:
        data["stages"] = dict(move.stages)
    if clock:
        data["deadline"] = clock[0].deadline
    record = subject.record
    if stage.seeds and isinstance(record, Application) and record.seed is None and facts.entropy is not None:
        data["seed"] = facts.entropy
    told = "deadline_changed" in move.after.notices and bool(clock)
    event = Event(
        subject.version + 1,
        REVISION,
        now,
        data,
        stage=to if moved else None,
        clock=tuple(clock),
        told=(Told("deadline_changed", ("holder", "applicant")),) if told else (),
    )
    return revised, event


def _correction(move: Move, before: Stage, stage: Stage) -> Iterator[Block]:
    was = None if before.correction is None else move.stages.get(before.correction.of, before.correction.of)
    now = None if stage.correction is None else stage.correction.of
    if was != now:
        yield Block("correction_of_another", {"stage": before.id, "to": stage.id})


def _deadline(
    move: Move,
    life: Life,
    stage: Stage,
    subject: Subject,
    deadline: Deadline,
    calendar: WorkingCalendar,
    now: pendulum.DateTime,
) -> ClockEntry | Block | None:
    """Return the line that a running, suspended or overdue deadline gets by the move; None for none."""
    if deadline.name not in (*stage.deadlines, *stage.suspends):
        return deadlines.end(deadline, now, met=False)
    rule = life.deadline[deadline.name]
    former = move.before.life(subject.kind).deadline[deadline.name]
    if (rule.due.date is None) != (former.due.date is None):
        return Block("deadline_of_another_kind", {"deadline": deadline.name})
    if rule.due.date is not None:
        return _dated(rule, former, subject, deadline, now)
    assert rule.due.working_days is not None and former.due.working_days is not None  # noqa: S101, PT018
    more = move.after.number(rule.due.working_days) - move.before.number(former.due.working_days)
    return _counted(deadline, more, calendar, now, always=rule.closing != former.closing)


def _dated(
    rule: DeadlineRule, former: DeadlineRule, subject: Subject, deadline: Deadline, now: pendulum.DateTime
) -> ClockEntry | Block | None:
    due = deadline.due_at
    if rule.due.date != former.due.date:
        named = subject.dates.get(rule.due.date or "")
        if named is None:
            return Block("date_missing", {"deadline": deadline.name, "date": rule.due.date})
        due = named
    if (due, rule.closing) == (deadline.due_at, former.closing) or deadline.state == "suspended":
        return None
    if deadline.state == "overdue" and due <= now:
        return None
    return _recalculated(deadline, due, now)


def _counted(
    deadline: Deadline, more: int, calendar: WorkingCalendar, now: pendulum.DateTime, *, always: bool
) -> ClockEntry | None:
    if deadline.state == "suspended":
        left = max(0, (deadline.remaining or 0) + more)
        if left == deadline.remaining:
            return None
        return ClockEntry(
            deadline.name,
            deadline.occurrence,
            "suspended",
            now,
            due_before=deadline.due_at,
            remaining=left,
            reason=REVISION,
            calendar=calendar.version,
        )
    if deadline.days is None or deadline.counted_from is None:
        return None
    if not more:
        return (
            _recalculated(deadline, deadline.due_at, now) if always and deadline.state == "running" else None
        )
    days = max(0, deadline.days + more)
    start = day_of(deadline.counted_from)
    last = calendar.add(start, days) if days else calendar.on_or_after(start)
    due = end_of(last)
    if deadline.state == "running":
        due = max(due, min(deadline.due_at, end_of(day_of(now))))
    elif due <= now:
        return None
    return replace(
        _recalculated(deadline, due, now),
        remaining=days,
        calendar=calendar.version,
        provisional=calendar.spans_provisional(start, last),
    )


def _recalculated(deadline: Deadline, due: pendulum.DateTime, now: pendulum.DateTime) -> ClockEntry:
    return ClockEntry(
        deadline.name,
        deadline.occurrence,
        "recalculated",
        now,
        due_before=deadline.due_at,
        due_after=due,
        remaining=deadline.days,
        reason=REVISION,
        provisional=deadline.provisional,
    )


def _changed(entry: ClockEntry, rules: Mapping[str, DeadlineRule]) -> ChangedDeadline:
    title = rules[entry.deadline].title
    if entry.kind == "started":
        return ChangedDeadline(entry.deadline, title, "begins", None, entry.due_after)
    if entry.kind == "cancelled":
        return ChangedDeadline(entry.deadline, title, "ends", entry.due_before, None)
    return ChangedDeadline(entry.deadline, title, "moves", entry.due_before, entry.due_after)


def _rules(
    move: Move, subject: Subject, now: pendulum.DateTime
) -> tuple[dict[str, tuple[str | None, str | None]], tuple[str, ...]]:
    if not isinstance(subject.record, Application):
        return {}, ()
    record, today = subject.record, day_of(now)
    before, later = (
        {each.rule: each.answer for each in of_application(procedure, record, today)}
        for procedure in (move.before, move.after)
    )
    differing: dict[str, tuple[str | None, str | None]] = {
        rule: (before.get(rule), later.get(rule))
        for rule in sorted({*before, *later})
        if before.get(rule) != later.get(rule)
    }
    missing = tuple(
        each.path
        for each in move.after.form
        if each.required and not each.path.startswith("member.") and each.path not in record.form
    )
    return differing, missing


def plain(revised: Revised) -> dict[str, Any]:
    """Return what a move does as plain JSON values, the same for the same consequences."""
    return {
        "ref": revised.ref,
        "stage": revised.stage,
        "to": revised.to,
        "deadlines": [
            {
                "deadline": each.deadline,
                "what": each.what,
                "before": None if each.before is None else iso(each.before),
                "after": None if each.after is None else iso(each.after),
            }
            for each in revised.deadlines
        ],
        "rules": {rule: list(answers) for rule, answers in revised.rules.items()},
        "missing": list(revised.missing),
        "blocks": [{"code": each.code, "facts": dict(each.facts)} for each in revised.blocks],
    }
