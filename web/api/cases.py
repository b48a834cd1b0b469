"""Cases: listed, shown, told why and since when, and acted on."""

from typing import Annotated, Any

import pendulum
from fastapi import APIRouter, Body, Header, Query, Request, Response
from sqlalchemy import Engine

from casework import acts, case_listing, clock, urging
from casework.acts import Receipt
from casework.case_listing import Wanted
from casework.standing import standing
from models.database import reading
from procedure.act import Refusal
from web.acting import wake
from web.api import case_data, cursor, shapes
from web.api.caller import Actor, Caller, Reader
from web.api.problem import ProblemError, answered, plain, refused

router = APIRouter(tags=["cases"])

Name = Annotated[str, Query(max_length=100)]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="Makes a repetition harmless."),
]
Match = Annotated[
    str | None,
    Header(alias="If-Match", max_length=40, description="The ETag of the version that was looked at."),
]
Remark = Annotated[
    str, Body(embed=True, max_length=500, description="What to say with it; nothing need be said.")
]
NoneMatch = Annotated[str | None, Header(alias="If-None-Match", max_length=400)]


@router.get("/cases", responses=answered())
def list_cases(
    caller: Reader,
    call: Name | None = None,
    stage: Name | None = None,
    outcome: Name | None = None,
    district: Name | None = None,
    search: Name = "",
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    after: cursor.After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> shapes.Cases:
    """List the cases that the caller sees, a page at a time."""
    wanted = Wanted(call, stage, outcome, district, search.strip(), is_open)
    with reading(caller.portal.engine) as connection:
        found = case_listing.page(connection, caller.claim, wanted, cursor.read(after), limit + 1)
    more = found[limit - 1].id if len(found) > limit else None
    return shapes.Cases(
        cases=[
            shapes.CaseLine(
                id=each.id,
                bureau=each.bureau,
                number=each.number,
                call=each.call,
                lead=shapes.Unit(uscc=each.lead_uscc, name=each.lead_name, kind=each.lead_kind),
                direction=each.direction,
                district=each.district,
                stage=each.stage,
                outcome=each.outcome,
                version=each.version,
                submitted_at=each.submitted_at,
                due_at=each.due_at,
            )
            for each in found[:limit]
        ],
        next=None if more is None else cursor.write(more),
    )


@router.get("/cases/{bureau}/{number}", responses=answered() | {304: {"description": "Not changed."}})
def show(
    caller: Reader, response: Response, bureau: str, number: str, none_match: NoneMatch = None
) -> shapes.Case:
    """Show one case as it stands; the ETag is its version."""
    with reading(caller.portal.engine) as connection:
        case = case_data.of_case(connection, caller, caller.case(connection, bureau, number))
    response.headers["ETag"] = tag(case.version)
    response.headers["Cache-Control"] = "private, no-cache"
    if none_match == tag(case.version):
        raise NotChanged(case.version)
    return case


@router.get("/cases/{bureau}/{number}/history", responses=answered())
def history(caller: Reader, bureau: str, number: str) -> list[shapes.Happened]:
    """Tell everything that happened to a case, the last first, as the caller is told of it."""
    with reading(caller.portal.engine) as connection:
        return case_data.history(connection, caller, caller.case(connection, bureau, number))


@router.get("/cases/{bureau}/{number}/why", responses=answered())
def why(caller: Reader, bureau: str, number: str) -> list[shapes.Due]:
    """Explain every deadline of the present stage."""
    with reading(caller.portal.engine) as connection:
        return case_data.of_case(connection, caller, caller.case(connection, bureau, number)).deadlines


@router.post("/cases/{bureau}/{number}/acts/{act}", responses=answered(409, 412, 413))
def act(
    caller: Actor,
    request: Request,
    response: Response,
    bureau: str,
    number: str,
    act: str,
    payload: Annotated[dict[str, Any] | None, Body(description="The particulars of the act.")] = None,
    key: Key = None,
    match: Match = None,
) -> shapes.Receipt:
    """Do an act of the procedure with its particulars; a document comes with ``…/documents``."""
    if act == "attach_document":
        raise plain(404, "unknown_act", act=act)
    with reading(caller.portal.engine) as connection:
        case_id = caller.case(connection, bureau, number)
    receipt = perform(caller, request, case_id, bureau, act, payload or {}, key, match)
    response.headers["ETag"] = tag(receipt.seq)
    return receipt


@router.post("/cases/{bureau}/{number}/urge", responses=answered(409, 413))
def urge(caller: Actor, bureau: str, number: str, remark: Remark = "") -> shapes.Urged:
    """Remind whoever holds a case."""
    with reading(caller.portal.engine) as connection:
        case_id = caller.case(connection, bureau, number)
    return urged(caller, case_id, remark)


class NotChanged(Exception):
    """What the caller has is still so."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.tag = tag(version)


def perform(
    caller: Caller,
    request: Request,
    subject: int,
    bureau: str,
    act: str,
    payload: dict[str, Any],
    key: str | None,
    match: str | None,
) -> shapes.Receipt:
    """Do an act, received when its request came in; raises a problem where it is refused."""
    engine = caller.portal.engine
    at = received_at(engine, request)
    asked = acts.Request(subject, act, caller.claim, payload, key, version_of(match), at)
    answer = acts.perform(engine, asked)
    if isinstance(answer, Refusal):
        raise refusal_of(engine, answer, subject)
    wake()
    return receipt_of(bureau, answer)


def received_at(engine: Engine, request: Request) -> pendulum.DateTime | None:
    """Return when a request came in; None on a story's database, which has a time of its own."""
    with reading(engine) as connection:
        return None if clock.is_story(connection) else request.state.received_at


def refusal_of(engine: Engine, refusal: Refusal, subject: int) -> ProblemError:
    """Return why an act on a case or matter is refused, in the words of its procedure."""
    with reading(engine) as connection:
        return refused(refusal, standing(connection, subject))


def urged(caller: Caller, subject: int, remark: str) -> shapes.Urged:
    """Urge the holder of a case or matter; raises a problem where it is refused."""
    engine = caller.portal.engine
    answer = urging.urge(engine, subject, caller.claim, {"remark": remark})
    if isinstance(answer, Refusal):
        raise refusal_of(engine, answer, subject)
    wake()
    return shapes.Urged(
        number=answer.number,
        at=answer.at,
        stage=answer.stage,
        holder=answer.holder,
        due_at=answer.due,
        people=answer.people,
        again_at=answer.again_at,
    )


def receipt_of(bureau: str, receipt: Receipt) -> shapes.Receipt:
    """Return a receipt as data."""
    return shapes.Receipt(
        bureau=bureau,
        number=receipt.ref,
        seq=receipt.seq,
        stage=receipt.stage,
        outcome=receipt.outcome,
        at=receipt.at,
        repeated=receipt.repeated,
    )


def tag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def version_of(match: str | None) -> int | None:
    """Return the version that If-Match names, None for any; raises a problem for anything else."""
    if match is None or match.strip() == "*":
        return None
    text = match.strip().strip('"')
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise plain(412, "no_such_version", given=match)
    return int(text)
