"""Rectification (更正): one officer proposes, a different one confirms; history stays as it was recorded."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason, facts_of
from procedure.acts.rectifiable import effect, is_personal, known, present, read, with_fields
from procedure.form import FormProblem
from procedure.instant import calendar_day
from procedure.subject import Application, Rectification, Rectified

Item = Annotated[str, StringConstraints(min_length=1, max_length=160)]


class ProposeRectification(Payload):
    """What is to be corrected, and to what: the value by item.

    Items are form fields (``consortium.x``, ``lead.x``, ``member:USCC:member.x``), ``visit.on`` · ``.result``
    · ``.findings``, ``papers.letter`` · ``.finance_signed`` · ``.application_copies`` · ``.summary_copies``,
    ``score:STAGE:HANDLE`` of a scoring that is closed, and ``filing.document_number`` · ``.document_date``
    · ``.direction``.
    """

    items: Annotated[dict[Item, Any], Field(min_length=1, max_length=50)]
    reason: Reason


@act(
    "propose_rectification",
    "rectification_proposed",
    ProposeRectification,
    "rectification",
)
def propose_rectification(c: Context, p: ProposeRectification) -> Happening | Refusal:
    """Propose to correct what the record says, once only a second officer can change it.

    All that is wrong with the values is named at once, and so is what can no longer be changed.
    """
    a = c.application
    if a.submitted_at is None:
        return Refusal("still_a_draft", {"stage": c.stage.id})
    waiting = _waiting(a)
    if waiting is not None:
        return Refusal("rectification_waits", {"rectification": waiting.number})
    unknown = sorted(item for item in p.items if not known(c, item))
    if unknown:
        return Refusal("not_rectifiable", {"items": unknown})
    read_values = {item: read(c, item, raw) for item, raw in p.items.items()}
    problems = [facts_of(value) for value in read_values.values() if isinstance(value, FormProblem)]
    if problems:
        return Refusal("bad_fields", {"problems": problems})
    before = {item: present(c, item) for item in p.items}
    empty = sorted(item for item, value in before.items() if value is None and "." not in item[:11])
    empty += sorted(
        item
        for item, value in before.items()
        if value is None and item.startswith(("visit.", "papers.", "filing."))
    )
    if empty:
        return Refusal("nothing_recorded", {"items": empty})
    same = sorted(item for item, value in read_values.items() if value == before[item])
    if same:
        return Refusal("nothing_to_rectify", {"items": same})
    follows = effect(c, read_values)
    if isinstance(follows, Refusal):
        return follows
    changes = [
        {"item": item}
        if is_personal(c, item)
        else {"item": item, "before": before[item], "after": read_values[item]}
        for item in p.items
    ]
    personal = {
        f"{when}/{item}": str(value)
        for when, values in (("before", before), ("after", read_values))
        for item, value in values.items()
        if is_personal(c, item) and value is not None
    }
    return Happening(
        {
            "rectification": len(a.rectifications) + 1,
            "changes": changes,
            "reason": p.reason,
            "by": c.actor.person,
            "on_behalf_of": c.actor.on_behalf_of,
        },
        personal,
    )


@evolves("rectification_proposed")
def _proposed(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    personal: Mapping[str, str] = data.get("personal", {})
    items = tuple(
        Rectified(
            each["item"],
            each.get("before", personal.get(f"before/{each['item']}")),
            each.get("after", personal.get(f"after/{each['item']}")),
        )
        for each in data["changes"]
    )
    proposed = Rectification(
        data["rectification"], items, data["reason"], data["by"], data["on_behalf_of"], at
    )
    return replace(a, rectifications=(*a.rectifications, proposed))


class OfRectification(Payload):
    """Which rectification of the case, from 1."""

    rectification: Annotated[int, Field(ge=1)]


@act(
    "confirm_rectification",
    "rectified",
    OfRectification,
    "rectification",
)
def confirm_rectification(c: Context, p: OfRectification) -> Happening | Refusal:
    """Confirm a proposal as a second officer: what follows from the record changes, its history does not.

    The values are judged again; a case that went on in the meantime may refuse them.
    """
    proposal = _proposal(c, p.rectification)
    if isinstance(proposal, Refusal):
        return proposal
    proposers = {proposal.proposed_by, proposal.proposed_for} - {None}
    if proposers & {c.actor.person, c.actor.on_behalf_of}:
        return Refusal("second_officer_needed", {"rectification": proposal.number})
    changed = sorted(
        each.item
        for each in proposal.items
        if each.after is None or not known(c, each.item) or present(c, each.item) != each.before
    )
    if changed:
        return Refusal("changed_since", {"items": changed})
    follows = effect(c, {each.item: each.after for each in proposal.items})
    if isinstance(follows, Refusal):
        return follows
    return Happening(
        {
            "rectification": proposal.number,
            "reason": proposal.reason,
            "by": c.actor.person,
            **follows.data,
        },
        follows.personal,
        goes_to=follows.to,
    )


@evolves("rectified")
def _rectified(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    a = with_fields(a, {**data.get("fields", {}), **data.get("personal", {})})
    if "visit" in data and a.visit is not None:
        visit = data["visit"]
        a = replace(
            a,
            visit=replace(
                a.visit,
                visited_on=calendar_day(visit["on"]),
                result=visit["result"],
                findings=visit["findings"],
            ),
            reason=visit["findings"] if visit["result"] == "failed" else a.reason,
        )
    if "papers" in data and a.papers is not None:
        a = replace(a, papers=replace(a.papers, **data["papers"]))
    for given in data.get("scores", ()):
        scores = (
            replace(each, score=given["score"])
            if (each.stage, each.expert) == (given["stage"], given["expert"])
            else each
            for each in a.scores
        )
        a = replace(a, scores=tuple(scores))
    if "means" in data:
        a = replace(a, means={**a.means, **data["means"]})
    if "filing" in data and a.filing is not None:
        filing: dict[str, Any] = dict(data["filing"])
        for name in ("valid_from", "valid_to"):
            if name in filing:
                filing[name] = calendar_day(filing[name])
        a = replace(a, filing=replace(a.filing, **filing))
    return _decided(a, data, at, "confirmed")


class DeclineRectification(OfRectification):
    """Which rectification, and why it is not confirmed."""

    reason: Reason


@act("decline_rectification", "rectification_declined", DeclineRectification)
def decline_rectification(c: Context, p: DeclineRectification) -> Happening | Refusal:
    """Decline a proposal, or withdraw one's own; the record stays as it is."""
    proposal = _proposal(c, p.rectification)
    if isinstance(proposal, Refusal):
        return proposal
    return Happening({"rectification": proposal.number, "reason": p.reason, "by": c.actor.person})


@evolves("rectification_declined")
def _declined(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return _decided(a, data, at, "declined")


def _decided(a: Application, data: dict[str, Any], at: pendulum.DateTime, state: Any) -> Application:
    return replace(
        a,
        rectifications=tuple(
            replace(each, state=state, decided_by=data["by"], decided_at=at)
            if each.number == data["rectification"]
            else each
            for each in a.rectifications
        ),
    )


def _waiting(a: Application) -> Rectification | None:
    return next((each for each in a.rectifications if each.state == "proposed"), None)


def _proposal(c: Context, number: int) -> Rectification | Refusal:
    found = next((each for each in c.application.rectifications if each.number == number), None)
    if found is None:
        numbers = [each.number for each in c.application.rectifications]
        return Refusal("no_such_rectification", {"rectification": number, "rectifications": numbers})
    if found.state != "proposed":
        return Refusal("rectification_decided", {"rectification": number, "state": found.state})
    return found
