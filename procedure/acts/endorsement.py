"""The first authority's part: online acceptance, endorsement, declining, delivery of the stamped papers."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import Field

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.instant import iso
from procedure.subject import Application, Papers


@act("accept_online", "accepted_online")
def accept_online(c: Context, p: Nothing) -> Happening | Refusal:
    """Accept the submitted application online; the lead unit may then print it for the stamp."""
    if c.application.accepted_at is not None:
        return Refusal("already_accepted_online", {"at": iso(c.application.accepted_at)})
    return Happening()


@evolves("accepted_online")
def _accepted_online(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, accepted_at=at)


class Endorse(Payload):
    """The recommending unit's opinion and, where it ranks what it recommends, the case's position."""

    opinion: Reason
    position: Annotated[int, Field(ge=1, le=999)] | None = None


@act("endorse", "endorsed", Endorse, "recommended")
def endorse(c: Context, p: Endorse) -> Happening | Refusal:
    """Recommend the application to the city bureau; it must have been accepted online before.

    Where the pack sets a quota for each recommending unit, not beyond it.
    """
    if c.application.accepted_at is None:
        return Refusal("not_accepted_online", {"needed": "accept_online"})
    quota = int(c.procedure.values.get("endorsement_quota", 0))
    if quota and c.facts.recommended >= quota:
        clause = c.procedure.settings["endorsement_quota"].clause
        return Refusal("over_endorsement_quota", {"quota": quota, "taken": c.facts.recommended}, clause)
    return Happening(p.model_dump(exclude_none=True))


@evolves("endorsed")
def _endorsed(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, recommended_as=data.get("position"))


class Decline(Payload):
    """Why the recommending unit does not recommend."""

    reason: Reason


@act("decline", "declined", Decline)
def decline(c: Context, p: Decline) -> Happening | Refusal:
    """Decline to recommend the application; the case ends."""
    return Happening({"reason": p.reason})


@evolves("declined")
@evolves("rejected")
@evolves("papers_refused")
def _ended_for_a_reason(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, reason=data["reason"])


class DeliverPapers(Payload):
    """What the package held: the letter, finance's signature on it, and how many copies."""

    letter: bool
    finance_signed: bool = False
    application_copies: Annotated[int, Field(ge=0, le=100)] = 0
    summary_copies: Annotated[int, Field(ge=0, le=100)] = 0


@act("deliver_papers", "papers_delivered", DeliverPapers)
def deliver_papers(c: Context, p: DeliverPapers) -> Happening | Refusal:
    """Record the delivery of the stamped package; too few copies are refused, so that it can be completed."""
    materials = c.procedure.material
    short = {
        name: {"needed": materials[name].copies, "delivered": delivered}
        for name, delivered in (
            ("application_form", p.application_copies),
            ("summary_table", p.summary_copies),
        )
        if name in materials and delivered < materials[name].copies
    }
    if p.letter and short:
        clause = next(materials[name].clause for name in short)
        return Refusal("copies_missing", {"copies": short}, clause)
    late = any(deadline.state == "overdue" for deadline in c.subject.deadlines)
    data = {**p.model_dump(), "late": late}
    return Happening(data, seen={"papers": data})


@evolves("papers_delivered")
def _papers_delivered(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, papers=Papers(delivered_at=at, **data))


class AcceptLatePapers(Payload):
    """Why papers that came late are accepted."""

    reason: Reason


@act("accept_late_papers", "late_papers_accepted", AcceptLatePapers)
def accept_late_papers(c: Context, p: AcceptLatePapers) -> Happening | Refusal:
    """Accept papers that came late: an officer's decision, with its reason."""
    return Happening({"reason": p.reason})


class RefusePapers(Payload):
    """Why late or missing papers are not accepted."""

    reason: Reason


@act("refuse_papers", "papers_refused", RefusePapers)
def refuse_papers(c: Context, p: RefusePapers) -> Happening | Refusal:
    """Decide that papers that are late or never came are not accepted; refused while they are in time."""
    papers = c.application.papers
    overdue = any(deadline.state == "overdue" for deadline in c.subject.deadlines)
    if not overdue and (papers is None or not papers.late):
        running = next(iter(c.subject.deadlines), None)
        return Refusal("papers_still_in_time", {"due": iso(running.due_at) if running else ""})
    return Happening({"reason": p.reason})
