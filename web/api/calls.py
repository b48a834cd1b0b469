"""Calls and what everybody may read of them: dates and published lists; applications begun in them."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from sqlalchemy import Connection

from casework import calls, clock, public, publicity
from casework.public import CallCard
from casework.standing import standing
from models.database import reading
from procedure.act import Refusal
from web.acting import wake
from web.api import cursor, shapes
from web.api.caller import Actor, Caller, City, Public
from web.api.cases import Key, Match, perform, receipt_of, tag
from web.api.problem import Both, answered, plain, refused

router = APIRouter(tags=["calls"])


@router.get("/calls", responses=answered())
def list_calls(
    portal: Public,
    accepting: Annotated[bool | None, Query(description="Whether it takes applications now.")] = None,
    after: cursor.After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> shapes.Calls:
    """List all calls, the one announced last first, a page at a time."""
    at = None if after is None else cursor.read(after)
    with reading(portal.engine) as connection:
        now = clock.now(connection)
        found = public.call_page(connection, now, accepting=accepting, before=at, limit=limit + 1)
    return shapes.Calls(
        calls=[_line(card) for card in found[:limit]],
        next=cursor.write(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/calls/{bureau}/{code}", responses=answered())
def show(portal: Public, bureau: str, code: str) -> shapes.CallLine:
    """Show one call."""
    with reading(portal.engine) as connection:
        return _line(_card(connection, bureau, code))


@router.get("/calls/{bureau}/{code}/lists", responses=answered())
def lists(portal: Public, bureau: str, code: str) -> list[shapes.PublishedList]:
    """Show every version of every list that was published for a call."""
    with reading(portal.engine) as connection:
        found = publicity.lists(connection, _card(connection, bureau, code).id)
    return [
        shapes.PublishedList(
            number=each.number,
            version=each.version,
            document=each.document,
            title=each.title,
            reason=each.reason,
            published_at=each.published_at,
            until=each.until,
            provisional=each.provisional,
            snapshot=each.snapshot,
            lines=[
                shapes.ListLine(
                    position=line.position, case=line.case, lead=line.lead_name, direction=line.direction
                )
                for line in each.lines
            ],
        )
        for each in found
    ]


@router.post("/calls/{bureau}/{code}/cases", status_code=201, responses=answered(409, 413))
def start(
    caller: Actor,
    response: Response,
    bureau: str,
    code: str,
    district: Annotated[str, Body(max_length=64)],
    lead: Annotated[str | None, Body(max_length=40)] = None,
    key: Key = None,
) -> shapes.Receipt:
    """Begin an application of the caller's unit."""
    receipt = begun(caller, bureau, code, district, lead, key)
    response.headers["Location"] = f"/api/v1/cases/{bureau}/{receipt.number}"
    response.headers["ETag"] = tag(receipt.seq)
    return receipt


@router.post("/calls/{bureau}/{code}/acts/{act}", responses=answered(409, 412, 413))
def do(
    caller: Actor,
    _city: City,
    request: Request,
    bureau: str,
    code: str,
    act: str,
    payload: Annotated[dict[str, Any] | None, Body(description="The particulars of the act.")] = None,
    key: Key = None,
    match: Match = None,
) -> shapes.Receipt:
    """Do an act on the call itself: select, publish a list, file."""
    with reading(caller.portal.engine) as connection:
        call = call_of(connection, bureau, code)
    return perform(caller, request, call, bureau, act, payload or {}, key, match)


def begun(
    caller: Caller, bureau: str, code: str, district: str, lead: str | None, key: str | None
) -> shapes.Receipt:
    """Begin one application; raises a problem where it is refused."""
    engine = caller.portal.engine
    with reading(engine) as connection:
        call = call_of(connection, bureau, code)
    answer = calls.start(engine, call, caller.claim, district, key, lead)
    if isinstance(answer, Refusal):
        with reading(engine) as connection:
            raise refused(answer, standing(connection, call))
    wake()
    return receipt_of(bureau, answer)


def call_of(connection: Connection, bureau: str, code: str) -> int:
    """Return the id of a call; raises a problem for none."""
    return _card(connection, bureau, code).id


def _card(connection: Connection, bureau: str, code: str) -> CallCard:
    found = public.call_cards(connection, clock.now(connection), bureau, code)
    if not found:
        raise plain(404, "not_found")
    return found[0]


def _line(card: CallCard) -> shapes.CallLine:
    return shapes.CallLine(
        bureau=card.bureau,
        code=card.code,
        title=Both(zh=card.title_zh or "", en=card.title_en or ""),
        opens_at=card.opens_at,
        closes_at=card.closes_at,
        outcome=card.outcome,
        accepting=card.accepting,
    )
