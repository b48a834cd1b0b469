"""Losing the lead qualification: notice, hearing, decision, service (from which the bar counts), appeal."""

from dataclasses import replace
from typing import Any, Literal

import pendulum

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.acts.hearing import Appeal, AppealDecided, Decided, Statement
from procedure.disqualification import SETTING, Disqualification, last_day
from procedure.instant import Day, calendar_day, day_of, iso


class Disqualified(Decided):
    """Whether the unit loses the qualification; losing it has a document."""

    result: Literal["disqualified", "kept"]


class Served(Payload):
    """The day on which the decision reached the unit."""

    on: Day


def disqualification_of(c: Context) -> Disqualification:
    """Return the particulars of the disqualification that an act is on."""
    record = c.subject.record
    if not isinstance(record, Disqualification):
        raise TypeError(f"{c.subject.ref} is a {c.subject.kind}")
    return record


@act("notify_findings", "findings_notified")
def notify_findings(c: Context, p: Nothing) -> Happening:
    """Tell the unit both findings, and until when it may be heard."""
    record = disqualification_of(c)
    return Happening({"facts": f"{record.organised_poorly}；{record.not_performed}"})


@act("answer_findings", "findings_answered", Statement)
def answer_findings(c: Context, p: Statement) -> Happening:
    """Be heard: the unit says what it has to say."""
    return Happening({"statement": p.text})


@act("decide_disqualification", "disqualification_decided", Disqualified)
def decide_disqualification(c: Context, p: Disqualified) -> Happening | Refusal:
    """Decide that the unit loses the lead qualification, or keeps it; the former has a document."""
    if p.result == "disqualified" and p.document_number is None:
        return Refusal("document_number_missing", {"field": "document_number"})
    return Happening(
        {"result": p.result, "answer": p.answer, "document_number": p.document_number, "reason": p.answer},
        seen={"decision": {"result": p.result}},
    )


@act("serve_disqualification", "disqualification_served", Served)
def serve_disqualification(c: Context, p: Served) -> Happening | Refusal:
    """Record the service: the bar holds from this day up to and including its anniversary."""
    record = disqualification_of(c)
    if p.on > day_of(c.now):
        return Refusal("time_ahead", {"field": "on", "value": p.on.isoformat(), "now": iso(c.now)})
    if p.on < record.breached_on:
        breached = record.breached_on.isoformat()
        return Refusal("time_behind", {"field": "on", "value": p.on.isoformat(), "now": breached})
    until = last_day(p.on, int(c.procedure.values[SETTING]))
    return Happening(
        {
            "uscc": record.lead,
            "on": p.on.isoformat(),
            "until": until.isoformat(),
            "breached_on": record.breached_on.isoformat(),
            "document_number": record.document_number,
        }
    )


@act("appeal_disqualification", "disqualification_appealed", Appeal)
def appeal_disqualification(c: Context, p: Appeal) -> Happening:
    """Appeal against the decision; the bar holds meanwhile."""
    return Happening({"reason": p.reason})


@act("decide_disqualification_appeal", "disqualification_appeal_decided", AppealDecided)
def decide_disqualification_appeal(c: Context, p: AppealDecided) -> Happening:
    """Uphold the decision, or reverse it: then the bar is void."""
    return Happening(
        {"result": p.result, "answer": p.answer, "reason": p.answer},
        seen={"appeal": {"result": p.result}},
    )


@evolves("disqualification_served")
def _served(r: Disqualification, data: dict[str, Any], at: pendulum.DateTime) -> Disqualification:
    return replace(r, served_on=calendar_day(data["on"]), barred_until=calendar_day(data["until"]))
