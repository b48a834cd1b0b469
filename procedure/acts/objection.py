"""Objections to a published entry: lodged in time, each answered by a decision; one holds its entry only."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Digest, Reason
from procedure.definition import StageKind
from procedure.instant import instant, iso, local_instant
from procedure.subject import Application, Objection, Publicity


class Evidence(Payload):
    """A stored file that came with the objection, and its name."""

    digest: Digest
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/\\]+$")]


class LodgeObjection(Payload):
    """What is objected, by whom (nobody when anonymous), how to reach them, and with what evidence.

    ``received_at`` (local time of Shanghai unless an offset is given) is when it reached the bureau, where it
    is entered later than that.
    """

    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    objector: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    contact: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()
    received_at: Annotated[str, StringConstraints(max_length=40)] | None = None


@act("lodge_objection", "objection_lodged", LodgeObjection, "files")
def lodge_objection(c: Context, p: LodgeObjection) -> Happening | Refusal:
    """Record an objection to the case's entry that was received while its publicity lasted; no later one.

    Entered after the publicity, before the filing, it counts by the instant at which it was received. Who
    lodged it and how to reach them is personal data; it never enters the particulars of the case.
    """
    entry = c.application.publicity
    if entry is None:
        return Refusal("not_published", {"stage": c.stage.id})
    received = _received(c, p.received_at, entry)
    if isinstance(received, Refusal):
        return received
    if p.objector is None and not c.procedure.values["anonymous_objections"]:
        setting = c.procedure.settings["anonymous_objections"]
        return Refusal("anonymous_not_accepted", {"field": "objector"}, setting.clause)
    digests = [each.digest for each in p.evidence]
    twice = sorted({digest for digest in digests if digests.count(digest) > 1})
    if twice:
        return Refusal("file_twice", {"digests": twice})
    stored = c.facts.stored_files
    lost = [each for each in p.evidence if stored is not None and each.digest not in stored]
    if lost:
        return Refusal("file_not_stored", {"name": lost[0].name, "digest": lost[0].digest})
    objections = c.application.objections
    anonymous = p.objector is None
    personal = {"objector": p.objector, "contact": p.contact}
    return Happening(
        {
            "objection": len(objections) + 1,
            "list": entry.list,
            "anonymous": anonymous,
            "text": p.text,
            "evidence": [each.model_dump() for each in p.evidence],
            **({} if p.received_at is None else {"received_at": iso(received)}),
        },
        personal={name: value for name, value in personal.items() if value is not None},
        seen={"objection": {"anonymous": anonymous, "open": _open(objections) + 1}},
    )


def _received(c: Context, given: str | None, entry: Publicity) -> pendulum.DateTime | Refusal:
    """Return when the objection was received, or refuse an instant outside the entry's publicity.

    After its end only a stage from which the objection can be decided takes one.
    """
    received = c.now
    if given is not None:
        try:
            received = local_instant(given)
        except ValueError:
            return Refusal("bad_time", {"field": "received_at", "value": given[:40]})
        if received > c.now:
            return Refusal("time_ahead", {"field": "received_at", "value": iso(received), "now": iso(c.now)})
        if received < entry.published_at:
            return Refusal(
                "before_publication",
                {"field": "received_at", "value": iso(received), "since": iso(entry.published_at)},
            )
    ended = entry.ended_at or (entry.until if c.stage.kind is not StageKind.PUBLICITY else None)
    decides = "decide_objection" in c.procedure.application.stage[c.rule.to or c.stage.id].acts
    if ended is not None and (received > ended or not decides):
        return Refusal("objection_late", {"until": iso(ended), "stage": c.stage.id}, c.rule.clause)
    return received


def _open(objections: tuple[Objection, ...]) -> int:
    return sum(each.result is None for each in objections)


@evolves("objection_lodged")
def _objection_lodged(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    received = instant(data["received_at"]) if "received_at" in data else at
    return replace(a, objections=(*a.objections, Objection(data["objection"], data["anonymous"], received)))


class DecideObjection(Payload):
    """Which objection of the case, whether it is right, and the decision's text, which answers it."""

    objection: Annotated[int, Field(ge=1)]
    result: Literal["upheld", "dismissed"]
    reason: Reason


@act("decide_objection", "objection_decided", DecideObjection)
def decide_objection(c: Context, p: DecideObjection) -> Happening | Refusal:
    """Decide one objection, once.

    The guards see its result, how many are open or upheld after it, and whether the publicity is over.
    """
    objections = c.application.objections
    found = next((each for each in objections if each.number == p.objection), None)
    if found is None:
        numbers = [each.number for each in objections]
        return Refusal("no_such_objection", {"objection": p.objection, "objections": numbers})
    if found.result is not None:
        return Refusal("objection_decided", {"objection": p.objection, "result": found.result})
    upheld = sum(each.result == "upheld" for each in objections) + (p.result == "upheld")
    still_open = _open(objections) - 1
    return Happening(
        {**p.model_dump(), "open": still_open},
        seen={
            "objection": {"result": p.result, "open": still_open, "upheld": upheld, "over": _over(c)},
        },
    )


def _over(c: Context) -> bool:
    entry = c.application.publicity
    return entry is not None and entry.ended_at is not None


@evolves("objection_decided")
def _objection_decided(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    upheld = data["result"] == "upheld"
    return replace(
        a,
        objections=tuple(
            replace(each, result=data["result"]) if each.number == data["objection"] else each
            for each in a.objections
        ),
        reason=data["reason"] if upheld else a.reason,
    )
