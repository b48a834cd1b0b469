"""The site visit: scheduled, then recorded with its result."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.acts.review import before_submission
from procedure.instant import Day, calendar_day, day_of, instant, iso, local_instant
from procedure.subject import Application, Visit


class ScheduleVisit(Payload):
    """When the visit begins (local time of Shanghai unless an offset is given) and who goes."""

    at: str
    team: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=60)], ...], Field(max_length=20)
    ]


@act("schedule_visit", "visit_scheduled", ScheduleVisit)
def schedule_visit(c: Context, p: ScheduleVisit) -> Happening | Refusal:
    """Set the visit's time and team; the time must lie ahead, and may be set anew until it is recorded."""
    try:
        at = local_instant(p.at)
    except ValueError:
        return Refusal("bad_time", {"field": "at", "value": p.at[:40]})
    if at <= c.now:
        return Refusal("time_has_passed", {"field": "at", "value": iso(at), "now": iso(c.now)})
    needed = c.procedure.number("visit_team")
    if len(set(p.team)) < needed:
        return Refusal("team_too_small", {"needed": needed, "team": list(p.team)})
    return Happening({"at": iso(at), "team": list(dict.fromkeys(p.team))})


@evolves("visit_scheduled")
def _visit_scheduled(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, visit=Visit(instant(data["at"]), tuple(data["team"])))


class RecordVisit(Payload):
    """The day of the visit, its result and what was found."""

    on: Day
    result: Literal["passed", "failed"]
    findings: Reason


@act("record_visit", "visit_recorded", RecordVisit)
def record_visit(c: Context, p: RecordVisit) -> Happening | Refusal:
    """Record what the visit found; it must have been scheduled, and cannot lie ahead."""
    if c.application.visit is None:
        return Refusal("visit_not_scheduled", {"needed": "schedule_visit"})
    if p.on > day_of(c.now):
        return Refusal("time_ahead", {"field": "on", "value": p.on.isoformat(), "now": iso(c.now)})
    refused = before_submission(c, "on", p.on)
    if refused is not None:
        return refused
    data = {"on": p.on.isoformat(), "result": p.result, "findings": p.findings}
    return Happening(data, seen={"visit": data})


@evolves("visit_recorded")
def _visit_recorded(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    assert a.visit is not None  # noqa: S101 - record_visit refuses without one
    visit = replace(
        a.visit, visited_on=calendar_day(data["on"]), result=data["result"], findings=data["findings"]
    )
    return replace(a, visit=visit, reason=data["findings"] if data["result"] == "failed" else a.reason)
