"""What becomes of an entry of the register, and how its progress is followed up."""

from dataclasses import asdict, replace
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure import deadlines
from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.definition import Aspect
from procedure.entry import Entry, FollowUp, Project, Unit
from procedure.event import DATES, ClockEntry
from procedure.instant import Day, calendar_day, day_of, end_of, iso

FOLLOW_UP = "follow_up"
"""The clock of a planned follow-up."""

Topic = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Cause(Payload):
    """What an entry is changed by: the subject that decided it, and why."""

    cause: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    reason: Reason


class Changed(Cause):
    """What a change that was approved makes of the entry: its particulars by name, as they are after it."""

    aspect: Aspect
    after: Annotated[dict[str, Any], Field(max_length=20)]


class Begun(Payload):
    """A project that the consortium carries: its title, the document that approved it, and since when."""

    title: Topic
    document: Topic
    on: Day


class Ended(Payload):
    """Which project has ended, and when."""

    number: int
    on: Day


class Validity(Payload):
    """The last day of validity as it was rectified."""

    valid_to: Day


class Planned(Payload):
    """What to look at, and until when."""

    topic: Topic
    on: Day


class FollowedUp(Payload):
    """The day it was held, what was found, and what difficulties are to be coordinated."""

    on: Day
    findings: Reason
    difficulties: Annotated[str, StringConstraints(max_length=2000)] | None = None


def entry_of(c: Context) -> Entry:
    """Return the particulars of the entry that an act is on."""
    record = c.subject.record
    if not isinstance(record, Entry):
        raise TypeError(f"{c.subject.ref} is a {c.subject.kind}")
    return record


@act("be_revoked", "entry_revoked", Cause)
def be_revoked(c: Context, p: Cause) -> Happening:
    """Take the entry out of what is valid, because a revocation was decided."""
    return Happening(p.model_dump())


@act("be_restored", "entry_restored", Cause)
def be_restored(c: Context, p: Cause) -> Happening:
    """Let the entry be valid again, because its revocation was reversed; its last day stays the same."""
    return Happening(p.model_dump())


@act("be_dissolved", "entry_dissolved", Cause)
def be_dissolved(c: Context, p: Cause) -> Happening:
    """End the entry, because the consortium was dissolved."""
    return Happening(p.model_dump())


@act("be_changed", "entry_changed", Changed)
def be_changed(c: Context, p: Changed) -> Happening:
    """Say of the entry what an approved change makes of it; what it said before stays on record."""
    entry = entry_of(c)
    before = {name: _plain(getattr(entry, name)) for name in p.after}
    return Happening({**p.model_dump(), "before": before})


@act("begin_project", "project_begun", Begun)
def begin_project(c: Context, p: Begun) -> Happening | Refusal:
    """Record a project that the consortium carries: while it runs, it does not dissolve itself."""
    if p.on > day_of(c.now):
        return Refusal("time_ahead", {"field": "on", "value": p.on.isoformat(), "now": iso(c.now)})
    number = len(entry_of(c).projects) + 1
    return Happening({**p.model_dump(exclude={"on"}), "number": number, "on": p.on.isoformat()})


@act("end_project", "project_ended", Ended)
def end_project(c: Context, p: Ended) -> Happening | Refusal:
    """Record that a project has ended, by acceptance or otherwise."""
    open_one = next((each for each in entry_of(c).running if each.number == p.number), None)
    if open_one is None:
        return Refusal("no_such_project", {"number": p.number})
    if p.on > day_of(c.now):
        return Refusal("time_ahead", {"field": "on", "value": p.on.isoformat(), "now": iso(c.now)})
    if p.on < open_one.begun_on:
        return Refusal(
            "time_behind", {"field": "on", "value": p.on.isoformat(), "now": open_one.begun_on.isoformat()}
        )
    return Happening({"number": p.number, "on": p.on.isoformat()})


@act("be_marked", "entry_marked", Cause)
def be_marked(c: Context, p: Cause) -> Happening:
    """Mark the entry for more support, because it was graded excellent."""
    return Happening(p.model_dump())


@act("move_validity", "validity_moved", Validity)
def move_validity(c: Context, p: Validity) -> Happening:
    """Move the last day of validity after a rectification; an expired entry may be valid again."""
    until = end_of(p.valid_to)
    running = c.subject.deadline("validity")
    data = {"valid_to": p.valid_to.isoformat(), DATES: {"valid_to": iso(until)}}
    if running is not None:
        return Happening(data, clock=(deadlines.extend(running, c.now, until, "rectified"),))
    if c.subject.outcome == "expired" and until > c.now:
        started = ClockEntry(
            "validity",
            c.subject.occurrences.get("validity", 0) + 1,
            "started",
            c.now,
            due_after=until,
            base_at=c.now,
            holder="bureau",
        )
        return Happening(data, clock=(started,), back_to="valid")
    return Happening(data)


@act("plan_follow_up", "follow_up_planned", Planned)
def plan_follow_up(c: Context, p: Planned) -> Happening | Refusal:
    """Plan a look at progress until a day; one at a time."""
    if p.on < day_of(c.now):
        return Refusal("time_behind", {"field": "on", "value": p.on.isoformat(), "now": iso(c.now)})
    open_one = next((each for each in entry_of(c).follow_ups if each.held_on is None), None)
    if open_one is not None:
        return Refusal("follow_up_open", {"number": open_one.number, "on": open_one.planned_for.isoformat()})
    rule = c.procedure.life(c.subject.kind).deadline[FOLLOW_UP]
    started = ClockEntry(
        FOLLOW_UP,
        c.subject.occurrences.get(FOLLOW_UP, 0) + 1,
        "started",
        c.now,
        due_after=end_of(p.on),
        base_at=c.now,
        holder=rule.holder,
    )
    number = len(entry_of(c).follow_ups) + 1
    return Happening({"number": number, "topic": p.topic, "on": p.on.isoformat()}, clock=(started,))


@act("record_follow_up", "follow_up_recorded", FollowedUp)
def record_follow_up(c: Context, p: FollowedUp) -> Happening | Refusal:
    """Record what a planned look at progress found."""
    open_one = next((each for each in entry_of(c).follow_ups if each.held_on is None), None)
    if open_one is None:
        return Refusal("no_follow_up", {"ref": c.subject.ref})
    if p.on > day_of(c.now):
        return Refusal("time_ahead", {"field": "on", "value": p.on.isoformat(), "now": iso(c.now)})
    running = c.subject.deadline(FOLLOW_UP)
    clock = () if running is None else (deadlines.end(running, c.now, met=True),)
    data = {
        "number": open_one.number,
        "on": p.on.isoformat(),
        "findings": p.findings,
        "difficulties": p.difficulties,
    }
    return Happening(data, clock=clock)


def _plain(value: Any) -> Any:
    return [asdict(each) for each in value] if isinstance(value, tuple) else value


@evolves("entry_changed")
def _changed(e: Entry, data: dict[str, Any], at: pendulum.DateTime) -> Entry:
    after = dict(data["after"])
    if "members" in after:
        after["members"] = tuple(Unit(**each) for each in after["members"])
    return replace(e, **after)


@evolves("project_begun")
def _begun(e: Entry, data: dict[str, Any], at: pendulum.DateTime) -> Entry:
    fresh = Project(data["number"], data["title"], data["document"], calendar_day(data["on"]))
    return replace(e, projects=(*e.projects, fresh))


@evolves("project_ended")
def _ended(e: Entry, data: dict[str, Any], at: pendulum.DateTime) -> Entry:
    ended = calendar_day(data["on"])
    return replace(
        e,
        projects=tuple(
            replace(each, ended_on=ended) if each.number == data["number"] else each for each in e.projects
        ),
    )


@evolves("validity_moved")
def _validity_moved(e: Entry, data: dict[str, Any], at: pendulum.DateTime) -> Entry:
    return replace(e, valid_to=calendar_day(data["valid_to"]))


@evolves("entry_marked")
def _marked(e: Entry, data: dict[str, Any], at: pendulum.DateTime) -> Entry:
    return replace(e, marks=(*e.marks, data["cause"]))


@evolves("follow_up_planned")
def _planned(e: Entry, data: dict[str, Any], at: pendulum.DateTime) -> Entry:
    fresh = FollowUp(data["number"], data["topic"], calendar_day(data["on"]))
    return replace(e, follow_ups=(*e.follow_ups, fresh))


@evolves("follow_up_recorded")
def _recorded(e: Entry, data: dict[str, Any], at: pendulum.DateTime) -> Entry:
    held = {
        "held_on": calendar_day(data["on"]),
        "findings": data["findings"],
        "difficulties": data["difficulties"],
    }
    return replace(
        e,
        follow_ups=tuple(
            replace(each, **held) if each.number == data["number"] else each for each in e.follow_ups
        ),
    )
