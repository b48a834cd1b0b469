"""What an act would do, told before it is done: on a case, a matter after filing, or a call."""

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field

from casework import acts, foresight
from casework.foresight import Foreseen
from models.database import reading
from procedure.act import Refusal
from web.api.caller import Actor, Caller, City
from web.api.calls import call_of
from web.api.cases import Match, received_at, refusal_of, version_of
from web.api.matters import BEGIN, Beginning, entry_of
from web.api.problem import answered, refused

router = APIRouter(tags=["previews"])

Payload = Annotated[dict[str, Any] | None, Body(description="The particulars of the act.")]


class Foretold(BaseModel):
    """One notice that the act would send; ``flaw`` says why it could not be written."""

    recipient: str
    channel: str
    not_before: datetime.datetime
    subject: str
    text: str
    flaw: str | None


class Preview(BaseModel):
    """Where an act would lead, and whom it would tell what, 200 notices at most; nothing was done."""

    stage: str
    outcome: str | None
    notices: list[Foretold] | None = Field(
        description="None for a draw: whoever saw one before it stands could change the pool to suit."
    )


@router.post("/cases/{bureau}/{number}/previews/{act}", responses=answered(409, 412, 413))
def of_case(
    caller: Actor,
    request: Request,
    bureau: str,
    number: str,
    act: str,
    payload: Payload = None,
    match: Match = None,
) -> Preview:
    """Tell what an act on a case would do; it is refused as the act would be."""
    with reading(caller.portal.engine) as connection:
        subject = caller.case(connection, bureau, number)
    return _foreseen(caller, request, subject, act, payload, match)


@router.post("/matters/{bureau}/{number:path}/previews/{act}", responses=answered(405, 409, 412, 413))
def of_matter(
    caller: Actor,
    request: Request,
    bureau: str,
    number: str,
    act: str,
    payload: Payload = None,
    match: Match = None,
) -> Preview:
    """Tell what an act on a matter, or on an entry, would do; it is refused as the act would be."""
    with reading(caller.portal.engine) as connection:
        subject = caller.matter(connection, bureau, number).id
    return _foreseen(caller, request, subject, act, payload, match)


@router.post("/matters/{bureau}/{number:path}/begin/{kind}/preview", responses=answered(405, 409, 413))
def of_beginning(
    caller: Actor,
    bureau: str,
    number: str,
    kind: Beginning,
    payload: Annotated[dict[str, Any] | None, Body(description="What it is to be.")] = None,
) -> Preview:
    """Tell what a matter of an entry would begin with; it is refused as beginning it would be."""
    engine = caller.portal.engine
    entry = entry_of(caller, bureau, number)
    seen = foresight.foresee_beginning(
        engine,
        lambda begun: BEGIN[kind](engine, caller.claim, number, payload or {}, bureau, begun=begun),
    )
    if isinstance(seen, Refusal):
        raise refused(seen, entry.stands)
    return _told(seen)


@router.post("/calls/{bureau}/{code}/previews/{act}", responses=answered(409, 412, 413))
def of_call(
    caller: Actor,
    _city: City,
    request: Request,
    bureau: str,
    code: str,
    act: str,
    payload: Payload = None,
    match: Match = None,
) -> Preview:
    """Tell what an act on the call itself would do; it is refused as the act would be."""
    with reading(caller.portal.engine) as connection:
        subject = call_of(connection, bureau, code)
    return _foreseen(caller, request, subject, act, payload, match)


def _foreseen(
    caller: Caller,
    request: Request,
    subject: int,
    act: str,
    payload: dict[str, Any] | None,
    match: str | None,
) -> Preview:
    engine = caller.portal.engine
    at = received_at(engine, request)
    asked = acts.Request(subject, act, caller.claim, payload or {}, None, version_of(match), at)
    seen = foresight.foresee(engine, asked)
    if isinstance(seen, Refusal):
        raise refusal_of(engine, seen, subject)
    return _told(seen)


def _told(seen: Foreseen) -> Preview:
    notices = (
        None
        if seen.notices is None
        else [
            Foretold(
                recipient=each.name,
                channel=each.channel,
                not_before=each.not_before,
                subject=each.subject,
                text=each.text,
                flaw=each.flaw,
            )
            for each in seen.notices
        ]
    )
    return Preview(stage=seen.stage, outcome=seen.outcome, notices=notices)
