"""One act on many cases of a call: each by itself, each with its own answer."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from casework import batch
from casework.acts import Receipt
from casework.batch import Joint
from models.database import reading
from web.acting import wake
from web.api import shapes
from web.api.caller import Actor, Caller
from web.api.calls import call_of
from web.api.cases import Key, receipt_of, received_at, refusal_of
from web.api.problem import Problem, ProblemError, answered, plain

router = APIRouter(tags=["bulk"])

MOST: Final = 200
"""So many cases are acted on at once."""

Number = Annotated[str, Field(min_length=1, max_length=100)]
Numbers = Annotated[list[Number], Field(min_length=1, max_length=MOST)]


class Together(BaseModel):
    """One act on cases: what it says of all of them, and by number what it says of one alone."""

    cases: Numbers
    payload: dict[str, Any] = Field(default_factory=dict, description="The particulars that all share.")
    own: dict[Number, dict[str, Any]] = Field(
        default_factory=dict, max_length=MOST, description="By number, such as a `position` in a ranking."
    )


class Answer(BaseModel):
    """What became of the act on one case: its receipt, or why not."""

    number: str
    receipt: shapes.Receipt | None
    problem: dict[str, Any] | None


@router.post("/calls/{bureau}/{code}/cases/acts/{act}", responses=answered(413))
def do(
    caller: Actor, request: Request, bureau: str, code: str, act: str, wanted: Together, key: Key = None
) -> list[Answer]:
    """Do an act on cases of a call that the caller sees, in this order; none of them stops another."""
    if act == "attach_document":
        raise plain(404, "unknown_act", act=act)
    with reading(caller.portal.engine) as connection:
        call = call_of(connection, bureau, code)
    return together(
        caller, request, call, bureau, act, wanted.cases, payload=wanted.payload, own=wanted.own, key=key
    )


def together(
    caller: Caller,
    request: Request,
    call: int,
    bureau: str,
    act: str,
    numbers: Sequence[str],
    *,
    payload: Mapping[str, Any],
    own: Mapping[str, Mapping[str, Any]],
    key: str | None,
) -> list[Answer]:
    """Do an act on cases of a call by number, received when the request came in; return each one's answer."""
    if key is not None and not 0 < len(key) <= batch.LONGEST_KEY:
        raise plain(422, "bad_key", at_most=batch.LONGEST_KEY)
    engine = caller.portal.engine
    seen: dict[str, int] = {}
    answers: dict[str, Answer] = {}
    with reading(engine) as connection:
        for number in numbers:
            try:
                seen[number] = caller.case(connection, bureau, number)
            except ProblemError as error:
                answers[number] = _not_done(number, error.problem)
    asked = Joint(
        call,
        act,
        caller.claim,
        key or secrets.token_urlsafe(12),
        payload,
        list(seen),
        received_at(engine, request),
        own,
    )
    for number, answer in batch.perform_batch(engine, asked):
        if isinstance(answer, Receipt):
            answers[number] = Answer(number=number, receipt=receipt_of(bureau, answer), problem=None)
        else:
            answers[number] = _not_done(number, refusal_of(engine, answer, seen[number]).problem)
    wake()
    return [answers[number] for number in dict.fromkeys(numbers)]


def _not_done(number: str, problem: Problem) -> Answer:
    return Answer(number=number, receipt=None, problem=problem.model_dump(mode="json"))
