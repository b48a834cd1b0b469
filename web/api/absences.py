"""Absences: for whom the caller stands in, who stands in for them, and handing a role over."""

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path
from pydantic import BaseModel

from casework import absence, clock, delegation
from models.database import reading
from procedure.act import Refusal
from procedure.instant import day_of
from web.api.caller import Actor, Reader
from web.api.problem import Both, answered, refused

router = APIRouter(tags=["absences"])


class StandIn(BaseModel):
    """A role handed over, from one side: ``name`` is the other's; both days included."""

    id: int
    name: str
    role: str
    unit: Both
    first_day: datetime.date
    last_day: datetime.date


class Absences(BaseModel):
    """For whom the caller stands in today, and who stands in for them."""

    standing_in: list[StandIn]
    handed_over: list[StandIn]


class HandedOver(BaseModel):
    """The number of a role handed over; ``repeated`` says that exactly this had been done before."""

    absence: int
    repeated: bool


class Ended(BaseModel):
    """The number of what ended."""

    absence: int


@router.get("/absences", responses=answered())
def absences(caller: Reader) -> Absences:
    """Show for whom the caller stands in today, and who stands in for them."""
    with reading(caller.portal.engine) as connection:
        day, person = day_of(clock.now(connection)), caller.claim.person
        return Absences(
            standing_in=[_told(each) for each in absence.standing_in(connection, day, person)],
            handed_over=[_told(each) for each in absence.handed_over(connection, day, person)],
        )


@router.post("/absences", status_code=201, responses=answered(409, 413))
def hand_over(
    caller: Actor,
    payload: Annotated[
        dict[str, Any],
        Body(
            description="`absent` and `substitute` (handles), `role`, `first_day`, `last_day`, `reason`, and"
            " `of` (USCC or bureau code) where the role is held for several."
        ),
    ],
) -> HandedOver:
    """Hand a role over for some days: the caller's own, or as leader or administrator that of a colleague."""
    answer = delegation.hand_over(caller.portal.engine, caller.claim, payload)
    if isinstance(answer, Refusal):
        raise refused(answer)
    return HandedOver(absence=answer.absence.id, repeated=answer.repeated)


@router.post("/absences/{number}/end", responses=answered(409, 413))
def end(caller: Actor, number: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Ended:
    """End one early, from now on."""
    answer = delegation.end(caller.portal.engine, caller.claim, number)
    if isinstance(answer, Refusal):
        raise refused(answer)
    return Ended(absence=answer.id)


def _told(each: absence.StandIn) -> StandIn:
    return StandIn(
        id=each.id,
        name=each.name,
        role=each.role,
        unit=Both(zh=each.unit_zh, en=each.unit_en),
        first_day=each.first_day,
        last_day=each.last_day,
    )
