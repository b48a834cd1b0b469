"""Whom the bureau trusts: bars, the research credit file, and units' first people who came by a link."""

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path
from pydantic import BaseModel
from sqlalchemy import Connection

from casework import bars, clock, credit, first_people, matter_list
from casework.first_people import NotAwaitedError
from models.database import reading, writing
from procedure.act import Refusal
from web.api.caller import Actor, Bureau, Caller
from web.api.problem import answered, plain, refused

router = APIRouter(tags=["trust"])


class Bar(BaseModel):
    """Who may neither lead nor join a core layer on which days, both included; void once overturned."""

    number: str
    uscc: str
    name: str
    document: str
    breached_on: datetime.date
    first_day: datetime.date
    last_day: datetime.date
    void: bool


class Breach(BaseModel):
    """A breach of trust on record: of a unit (``whose`` is its USCC) or of a person (their handle)."""

    id: int
    whose: str
    name: str
    facts: str
    source: str
    recorded_on: datetime.date
    referred_on: datetime.date | None
    referred_to: str | None


class Trust(BaseModel):
    """The bars of a city in the order of their service, and its research credit file as it was entered."""

    bars: list[Bar]
    breaches: list[Breach]


class FirstPerson(BaseModel):
    """Somebody who opened a unit's first account by a link; ``belongs`` is None until the bureau says so."""

    id: int
    name: str
    reached: str
    unit: str
    uscc: str
    joined_at: datetime.datetime
    belongs: bool | None


@router.get("/trust", responses=answered())
def trust(caller: Bureau) -> Trust:
    """Show the bars and the research credit file of the caller's city."""
    with reading(caller.portal.engine) as connection:
        own = matter_list.bureaus(connection, [caller.claim])
        barred = [each for bureau in own for each in bars.listed(connection, bureau)]
        records = [each for bureau in own for each in credit.listed(connection, bureau)]
    return Trust(
        bars=[Bar(**{name: getattr(each, name) for name in Bar.model_fields}) for each in barred],
        breaches=[Breach(**{name: getattr(each, name) for name in Breach.model_fields}) for each in records],
    )


class Entered(BaseModel):
    """The number under which a breach of trust stands."""

    breach: int


@router.post("/trust/breaches", status_code=201, responses=answered(409, 413))
def record_breach(
    caller: Actor,
    _bureau: Bureau,
    payload: Annotated[
        dict[str, Any],
        Body(description="`uscc` of a unit or `handle` of a person, `facts`, and `source`, what shows it."),
    ],
) -> Entered:
    """Enter a breach of trust for good; the same again is refused with its number."""
    answer = credit.record(caller.portal.engine, caller.claim, payload)
    if isinstance(answer, Refusal):
        raise refused(answer)
    return Entered(breach=answer)


@router.post("/trust/breaches/{breach}/refer", responses=answered(409, 413))
def refer_breach(
    caller: Actor,
    _bureau: Bureau,
    breach: Annotated[int, Path(ge=1, le=2**31 - 1)],
    to: Annotated[str, Body(min_length=1, max_length=200)],
    on: Annotated[str, Body(description="A day.", max_length=10)],
) -> Entered:
    """Note that a breach was referred to the judicial authorities, once."""
    answer = credit.refer(caller.portal.engine, caller.claim, {"record": breach, "to": to, "on": on})
    if isinstance(answer, Refusal):
        raise refused(answer)
    return Entered(breach=answer)


@router.get("/first-people", responses=answered())
def list_first_people(caller: Bureau) -> list[FirstPerson]:
    """List the first people of units that came by a link: who waits for the bureau's word, then the rest."""
    with reading(caller.portal.engine) as connection:
        return _listed(connection, caller)


@router.post("/first-people/{first}", responses=answered(413))
def judge(
    caller: Actor,
    _bureau: Bureau,
    first: Annotated[int, Path(ge=1, le=2**31 - 1)],
    belongs: Annotated[bool, Body(embed=True, description="Whether they are of the unit.")],
) -> FirstPerson:
    """Say for good whether somebody belongs to their unit; who does not can sign in no longer."""
    try:
        with writing(caller.portal.engine) as connection:
            bureaus = matter_list.bureaus(connection, [caller.claim])
            now = clock.now(connection)
            first_people.judge(connection, bureaus, caller.claim.person, first, now, belongs=belongs)
            return next(each for each in _listed(connection, caller) if each.id == first)
    except NotAwaitedError:
        raise plain(404, "not_found") from None


def _listed(connection: Connection, caller: Caller) -> list[FirstPerson]:
    found = first_people.listed(connection, matter_list.bureaus(connection, [caller.claim]))
    names = FirstPerson.model_fields
    return [FirstPerson(**{name: getattr(each, name) for name in names}) for each in found]
