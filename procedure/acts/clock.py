"""Acts on a deadline by an authorised person, each with a reason: extend, suspend, resume."""

import datetime
from typing import Annotated

import pendulum
from pydantic import StringConstraints

from procedure import deadlines
from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act
from procedure.acts.draft import Reason
from procedure.definition import DeadlineRule
from procedure.instant import end_of, iso, local_instant
from procedure.subject import Deadline
from procedure.working_days import LAST_DAY


class OnDeadline(Payload):
    """Which deadline of the present stage, and why."""

    deadline: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    reason: Reason


class ExtendDeadline(OnDeadline):
    """Until when: a day, through its end, or a local date and time of Shanghai."""

    until: Annotated[str, StringConstraints(max_length=40)]


@act("extend_deadline", "deadline_extended", ExtendDeadline)
def extend_deadline(c: Context, p: ExtendDeadline) -> Happening | Refusal:
    """Move a running or overdue deadline to a later instant that still lies ahead."""
    found = _find(c, p.deadline, "extend")
    if isinstance(found, Refusal):
        return found
    _, deadline = found
    if deadline.state == "suspended":
        return Refusal("deadline_suspended", {"deadline": p.deadline})
    if p.deadline in c.stage.suspends:
        return Refusal("suspended_by_the_stage", {"deadline": p.deadline, "stage": c.stage.id})
    until = _until(p.until)
    if until is None:
        return Refusal("bad_time", {"field": "until", "value": p.until})
    if until <= deadline.due_at or until <= c.now:
        return Refusal(
            "not_later",
            {"field": "until", "value": iso(until), "due": iso(deadline.due_at), "now": iso(c.now)},
        )
    entry = deadlines.extend(deadline, c.now, until, p.reason)
    return Happening({"deadline": p.deadline, "until": iso(until), "reason": p.reason}, clock=(entry,))


@act("suspend_deadline", "deadline_suspended", OnDeadline)
def suspend_deadline(c: Context, p: OnDeadline) -> Happening | Refusal:
    """Stop a running deadline; what is left of it is kept."""
    found = _find(c, p.deadline, "suspend")
    if isinstance(found, Refusal):
        return found
    rule, deadline = found
    if deadline.state != "running":
        return Refusal("deadline_not_running", {"deadline": p.deadline, "state": deadline.state})
    entry = deadlines.suspend(rule, deadline, c.now, c.facts.calendar, p.reason)
    return Happening({"deadline": p.deadline, "reason": p.reason}, clock=(entry,))


@act("resume_deadline", "deadline_resumed", OnDeadline)
def resume_deadline(c: Context, p: OnDeadline) -> Happening | Refusal:
    """Let a suspended deadline run on with what was left of it."""
    found = _find(c, p.deadline, "suspend")
    if isinstance(found, Refusal):
        return found
    rule, deadline = found
    if deadline.state != "suspended":
        return Refusal("deadline_not_suspended", {"deadline": p.deadline, "state": deadline.state})
    if p.deadline in c.stage.suspends:
        return Refusal("suspended_by_the_stage", {"deadline": p.deadline, "stage": c.stage.id})
    entry = deadlines.resume(rule, deadline, c.now, c.facts.calendar, p.reason)
    return Happening({"deadline": p.deadline, "reason": p.reason}, clock=(entry,))


def _find(c: Context, name: str, what: str) -> tuple[DeadlineRule, Deadline] | Refusal:
    deadline = c.subject.deadline(name)
    if deadline is None:
        return Refusal(
            "no_such_deadline", {"deadline": name, "deadlines": [each.name for each in c.subject.deadlines]}
        )
    rule = c.procedure.life(c.subject.kind).deadline[name]
    if what not in rule.may:
        return Refusal("deadline_may_not", {"deadline": name, "what": what}, rule.clause)
    return rule, deadline


def _until(text: str) -> pendulum.DateTime | None:
    try:
        until = end_of(datetime.date.fromisoformat(text))
    except ValueError:
        try:
            until = local_instant(text)
        except ValueError:
            return None
    # What lies beyond the calendar could neither be suspended nor counted.
    return until if until <= end_of(LAST_DAY) else None
