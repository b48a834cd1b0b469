"""A day's defences of a call: who can be heard, the timetable as it would be, and all of it set at once."""

import datetime
from dataclasses import dataclass
from typing import Final

import pendulum
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from casework import access, defence_day, facts
from casework.defence_day import Set, Timetable
from casework.standing import Standing, standing
from models.database import reading
from procedure.act import Child
from procedure.instant import day_of, instant, iso, local_instant
from web.api import joint
from web.api.caller import Actor, Caller, City
from web.api.calls import call_of
from web.api.cases import Key
from web.api.problem import ProblemError, answered, plain

router = APIRouter(prefix="/calls/{bureau}/{code}/defences", tags=["calls"])

ACT: Final = "schedule_defence"


class Sits(BaseModel):
    """Somebody with a seat on a case's panel; after a conflict or a replacement they sit there no more."""

    name: str
    sits: bool


class SetDefence(BaseModel):
    """A defence that has its time: its place in the day's order; ``held`` once the case was heard."""

    number: str
    lead: str
    at: datetime.datetime
    position: int
    held: bool


class Hearable(BaseModel):
    """A case that waits for its defence, or for another time than it has; ``short`` of the quorum."""

    number: str
    lead: str
    direction: str
    panel: list[Sits]
    short: bool


class Defences(BaseModel):
    """A call's defences: the cases to which a time can be given, and those that have one, in their order."""

    quorum: int
    waiting: list[Hearable]
    timetable: list[SetDefence]


class DayWanted(BaseModel):
    """Cases to be heard one after another, in this order."""

    cases: joint.Numbers
    begins: str = Field(
        max_length=40, description="When the first is heard, as 2024-09-02T09:00 in Shanghai's time."
    )
    minutes: int = Field(default=30, ge=5, le=240, description="For how long each is heard.")
    place: str = Field(min_length=1, max_length=200, pattern=r"\S")
    mark: str | None = Field(
        default=None,
        max_length=40,
        description="Of the timetable that was looked at: any other is refused.",
    )


class TakenUp(BaseModel):
    """Another case that an expert would have to hear within the same time."""

    expert: str
    number: str
    at: datetime.datetime


class Turn(BaseModel):
    """A case's turn as it would be, and which experts of its panel are taken up elsewhere."""

    number: str
    at: datetime.datetime
    position: int
    clashes: list[TakenUp]


class DayAsItWouldBe(BaseModel):
    """The day as it would be, known by its ``mark``: each turn, and what stays as it is set."""

    mark: str
    turns: list[Turn]
    fixed: list[SetDefence]


@dataclass(frozen=True, slots=True)
class _Hearing:
    """A call of the caller's bureau, with the cases of it that can be given a time."""

    stands: Standing
    cases: dict[str, Child]
    set: list[Set]


@router.get("", responses=answered())
def show(caller: City, bureau: str, code: str) -> Defences:
    """Show which cases of a call wait for their defence, with their panels, and which have a time."""
    with reading(caller.portal.engine) as connection:
        found = _hearing(connection, caller, bureau, code)
        panels = defence_day.panels(connection, found.stands.loaded.bureau_id, found.cases)
    quorum = int(found.stands.procedure.number("defence_quorum"))
    return Defences(
        quorum=quorum,
        waiting=[
            Hearable(
                number=number,
                lead=each.lead_name,
                direction=each.direction,
                panel=[Sits(name=seat.name, sits=seat.sits) for seat in panels.get(number, ())],
                short=sum(seat.sits for seat in panels.get(number, ())) < quorum,
            )
            for number, each in found.cases.items()
        ],
        timetable=[_set(each) for each in found.set],
    )


@router.post("/plan", responses=answered(413))
def plan(caller: Actor, _city: City, bureau: str, code: str, wanted: DayWanted) -> DayAsItWouldBe:
    """Tell the timetable as it would be, and who would have to be in two rooms; nothing is set."""
    with reading(caller.portal.engine) as connection:
        _, planned = _planned(connection, caller, bureau, code, wanted)
    return DayAsItWouldBe(
        mark=planned.mark(wanted.place.strip()),
        turns=[
            Turn(
                number=each.number,
                at=instant(each.at),
                position=each.position,
                clashes=[
                    TakenUp(expert=clash.name, number=clash.number, at=clash.at)
                    for clash in planned.clashes.get(each.number, ())
                ],
            )
            for each in planned.plan
        ],
        fixed=[_set(each) for each in planned.fixed],
    )


@router.post("", responses=answered(412, 413))
def set_all(
    caller: Actor,
    _city: City,
    request: Request,
    bureau: str,
    code: str,
    wanted: DayWanted,
    key: Key = None,
) -> list[joint.Answer]:
    """Set the defences of the timetable one after another, each with its own answer."""
    place = wanted.place.strip()
    with reading(caller.portal.engine) as connection:
        found, planned = _planned(connection, caller, bureau, code, wanted)
    if wanted.mark is not None and wanted.mark != planned.mark(place):
        raise plain(412, "another_timetable", mark=planned.mark(place))
    return joint.together(
        caller,
        request,
        found.stands.loaded.id,
        bureau,
        ACT,
        [each.number for each in planned.plan],
        payload={"place": place},
        own={each.number: {"at": iso(instant(each.at)), "position": each.position} for each in planned.plan},
        key=key,
    )


def _hearing(connection: Connection, caller: Caller, bureau: str, code: str) -> _Hearing:
    stands = standing(connection, call_of(connection, bureau, code))
    actors = access.roles_of(connection, caller.claim, day_of(stands.loaded.now))
    life = stands.procedure.application
    at = {stage.id for stage in life.stages if ACT in stage.acts}
    # Another city's call is not there for this caller, nor a timetable where experts hold no defences.
    if bureau not in {actor.bureau for actor in actors} or not at:
        raise plain(404, "not_found")
    there = defence_day.of_call(connection, stands.loaded.id)
    heard = {each.number for each in there if each.held}
    children = facts.children(connection, stands.loaded, kept=False)
    cases = {
        number: each
        for number, each in sorted(children.items())
        if not each.outcome and each.stage in at and number not in heard
    }
    return _Hearing(stands, cases, there)


def _planned(
    connection: Connection, caller: Caller, bureau: str, code: str, wanted: DayWanted
) -> tuple[_Hearing, Timetable]:
    found = _hearing(connection, caller, bureau, code)
    chosen = list(dict.fromkeys(wanted.cases))
    unheard = [number for number in chosen if number not in found.cases]
    if unheard:
        raise plain(422, "not_to_be_heard", cases=unheard)
    loaded, begins = found.stands.loaded, _moment(wanted.begins)
    if begins <= loaded.now:
        raise plain(422, "time_past", begins=iso(begins), now=iso(loaded.now))
    try:
        day = defence_day.timetable(connection, loaded.bureau_id, loaded.id, chosen, begins, wanted.minutes)
    except OverflowError:
        raise _no_moment(wanted.begins) from None
    return found, day


def _moment(text: str) -> pendulum.DateTime:
    try:
        return local_instant(text)
    except (ValueError, OverflowError):
        raise _no_moment(text) from None


def _no_moment(text: str) -> ProblemError:
    return plain(422, "bad_value", field="begins", given=text, expected="2024-09-02T09:00")


def _set(each: Set) -> SetDefence:
    return SetDefence(
        number=each.number,
        lead=each.lead,
        at=each.slot.at,
        position=each.slot.position,
        held=each.held,
    )
