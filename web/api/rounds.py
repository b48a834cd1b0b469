"""Rounds of evaluation, for the city bureau: listed, announced, shown and closed."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from sqlalchemy import Connection

from casework import case_view, round_list, rounds
from casework.loading import NoSuchSubject
from casework.standing import standing
from models.database import reading
from procedure.act import Refusal
from procedure.evaluation import Round
from web.acting import wake
from web.api import cursor, matter_shapes, shapes
from web.api.caller import Actor, Caller, City
from web.api.cases import Key, Match, NoneMatch, NotChanged, perform, receipt_of, tag
from web.api.problem import answered, both, plain, refused

router = APIRouter(prefix="/rounds", tags=["after filing"])


@router.get("", responses=answered())
def list_rounds(
    caller: City, after: cursor.After = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> matter_shapes.Rounds:
    """List the rounds of the caller's bureau, the latest first, a page at a time."""
    at = None if after is None else cursor.read(after)
    with reading(caller.portal.engine) as connection:
        found = round_list.lines(connection, [caller.claim], before=at, limit=limit + 1)
    return matter_shapes.Rounds(
        rounds=[_line(each) for each in found[:limit]],
        next=cursor.write(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("/{bureau}", status_code=201, responses=answered(409, 413))
def announce(
    caller: Actor,
    _city: City,
    response: Response,
    bureau: str,
    payload: Annotated[
        dict[str, Any],
        Body(
            description="`code` and `period`; also `purpose` (evaluation or acceptance), and the days "
            "`filed_until`, `self_report` and `last_report`, which otherwise follow from the pack."
        ),
    ],
    key: Key = None,
) -> shapes.Receipt:
    """Announce a round; the task of every entry that is due is then opened by the program."""
    answer = rounds.announce(caller.portal.engine, bureau, caller.claim, payload, key)
    if isinstance(answer, Refusal):
        raise refused(answer)
    wake("evaluation")
    response.headers["Location"] = f"/api/v1/rounds/{bureau}/{answer.ref}"
    response.headers["ETag"] = tag(answer.seq)
    return receipt_of(bureau, answer)


@router.get("/{bureau}/{code}", responses=answered() | {304: {"description": "Not changed."}})
def show(
    caller: City, response: Response, bureau: str, code: str, none_match: NoneMatch = None
) -> matter_shapes.RoundStands:
    """Show one round as it stands; the ETag is its version, which the evaluations in it do not move."""
    with reading(caller.portal.engine) as connection:
        stands = standing(connection, _found(caller, connection, bureau, code))
        [line] = round_list.lines(connection, [caller.claim], bureau, code)
    subject = stands.subject
    record, version = subject.record, subject.version - len(stands.pending)
    assert isinstance(record, Round)  # noqa: S101 - only those are found
    response.headers["ETag"] = tag(version)
    response.headers["Cache-Control"] = "private, no-cache"
    if none_match == tag(version):
        raise NotChanged(version)
    return matter_shapes.RoundStands(
        **_line(line).model_dump(),
        version=version,
        period=record.period,
        purpose=record.purpose,
        filed_until=record.filed_until,
        opened=record.opened,
        dates=dict(subject.dates),
        may={act: both("acts", act) for act in case_view.allowed(stands, caller.claim.role)},
    )


@router.post("/{bureau}/{code}/acts/{act}", responses=answered(409, 412, 413))
def do(
    caller: Actor,
    _city: City,
    request: Request,
    response: Response,
    bureau: str,
    code: str,
    act: str,
    payload: Annotated[dict[str, Any] | None, Body(description="The particulars of the act.")] = None,
    key: Key = None,
    match: Match = None,
) -> shapes.Receipt:
    """Do an act on the round itself; an evaluation in it is a matter of its own."""
    with reading(caller.portal.engine) as connection:
        found = _found(caller, connection, bureau, code)
    receipt = perform(caller, request, found, bureau, act, payload or {}, key, match)
    wake("evaluation")
    response.headers["ETag"] = tag(receipt.seq)
    return receipt


def _found(caller: Caller, connection: Connection, bureau: str, code: str) -> int:
    try:
        return round_list.find(connection, caller.claim, bureau, code)
    except NoSuchSubject:
        raise plain(404, "not_found") from None


def _line(each: round_list.RoundLine) -> matter_shapes.Round:
    return matter_shapes.Round(
        bureau=each.bureau,
        code=each.code,
        stage=each.stage,
        outcome=each.outcome,
        began_at=each.began_at,
        places=each.places,
    )
