"""What keeps cases or messages from moving, and what is done about it, for the city bureau."""

import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from casework import clock, deliveries, incidents, resending, retrying, roster
from casework.access import CITY_ROLES
from casework.incidents import UNRESOLVED, UnknownIncident
from casework.retrying import NotRetriable
from models.database import reading, writing
from procedure.instant import day_of
from web.api import cursor, shapes
from web.api.caller import Actor, Caller, City
from web.api.problem import Both, answered, plain

router = APIRouter(tags=["operations"])

Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
Remark = Annotated[str, Body(embed=True, min_length=1, max_length=500, pattern=r"\S")]
Numbers = Annotated[
    list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Body(embed=True, min_length=1, max_length=500)
]

STATES: Final = {
    "given_up": ("dead",),
    "waiting": ("pending", "sending", "failed"),
    "sent": ("sent",),
}
"""What deliveries are listed by."""


class HitCase(BaseModel):
    """A case that an incident hit; ``failing`` while it still does."""

    number: str
    failing: bool


class Colleague(BaseModel):
    """Somebody of the caller's bureau to whom an incident can be given, by their first role."""

    handle: str
    name: str
    role: str


class Done(BaseModel):
    """One line of an incident's history; ``person`` is None where the program did it."""

    at: datetime.datetime
    kind: str
    person: str | None
    role: str
    case: str | None
    remark: str | None


class IncidentStands(shapes.Incident):
    """An incident with the cases it hit, 500 at most, what was done about it, and whom it can be given to."""

    hit: list[HitCase]
    history: list[Done]
    colleagues: list[Colleague]


class Retried(BaseModel):
    """What came of a case that was tried again."""

    number: str
    recovered: bool
    error: str | None


class Delivery(BaseModel):
    """A notice on its way to one person by one channel; ``answer`` is the channel's last."""

    id: int
    case: str | None
    text: str
    recipient: str
    channel: str
    state: str
    owed_at: datetime.datetime
    sent_at: datetime.datetime | None
    attempts: int
    answer: str | None


class Deliveries(BaseModel):
    """A page of deliveries, the latest first; ``next`` is the cursor of the page after it."""

    deliveries: list[Delivery]
    next: str | None


class Moved(BaseModel):
    """The deliveries that it was done to; others could not be, or are not the caller's."""

    ids: list[int]


@router.get("/incidents", responses=answered())
def list_incidents(
    caller: City,
    state: Literal["unresolved", "all"] = "unresolved",
    after: cursor.After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> shapes.Incidents:
    """List what keeps cases or messages from moving, a page at a time, the latest first."""
    at = cursor.read(after)
    states = UNRESOLVED if state == "unresolved" else (*UNRESOLVED, "closed")
    with reading(caller.portal.engine) as connection:
        day = day_of(clock.now(connection))
        found = incidents.lines(
            connection, states=states, seen_by=caller.claim, day=day, limit=limit + 1, offset=at
        )
    return shapes.Incidents(
        incidents=[_line(each) for each in found[:limit]],
        next=cursor.write(at + limit) if len(found) > limit else None,
    )


@router.get("/incidents/{incident}", responses=answered())
def show(caller: City, incident: Id) -> IncidentStands:
    """Show one incident with the cases that it hit."""
    with reading(caller.portal.engine) as connection:
        return _stands(connection, caller, incident)


@router.post("/incidents/{incident}/acknowledge", responses=answered(413))
def acknowledge(caller: Actor, _city: City, incident: Id) -> IncidentStands:
    """Take an incident on."""
    with writing(caller.portal.engine) as connection:
        _stands(connection, caller, incident)
        incidents.acknowledge(connection, incident, caller.claim, clock.now(connection))
        return _stands(connection, caller, incident)


@router.post("/incidents/{incident}/assign", responses=answered(413))
def assign(
    caller: Actor,
    _city: City,
    incident: Id,
    to: Annotated[str, Body(embed=True, max_length=100, description="The handle of a colleague.")],
) -> IncidentStands:
    """Give an incident to a colleague of the caller's bureau."""
    with writing(caller.portal.engine) as connection:
        _stands(connection, caller, incident)
        now = clock.now(connection)
        able = _colleagues(connection, caller, day_of(now))
        person = next((id_ for id_, each in able.items() if each.handle == to), None)
        if person is None:
            raise plain(422, "no_such_colleague", to=to, colleagues=[each.handle for each in able.values()])
        incidents.assign(connection, incident, caller.claim, person, now)
        return _stands(connection, caller, incident)


@router.post("/incidents/{incident}/close", responses=answered(413))
def close(caller: Actor, _city: City, incident: Id, remark: Remark) -> IncidentStands:
    """Note that an incident is dealt with, and how."""
    with writing(caller.portal.engine) as connection:
        _stands(connection, caller, incident)
        incidents.close(connection, incident, caller.claim, remark.strip(), clock.now(connection))
        return _stands(connection, caller, incident)


@router.post("/incidents/{incident}/retry", responses=answered(409, 413))
def retry(
    caller: Actor,
    _city: City,
    incident: Id,
    numbers: Annotated[list[str], Body(embed=True, min_length=1, max_length=100)],
) -> list[Retried]:
    """Try failing cases again, those of ``numbers``: each by itself, with its own result."""
    with reading(caller.portal.engine) as connection:
        _stands(connection, caller, incident)
    try:
        found = retrying.retry(caller.portal.engine, incident, caller.claim, numbers)
    except NotRetriable as error:
        raise plain(409, "not_retriable", kind=error.kind) from None
    return [Retried(number=each.number, recovered=each.recovered, error=each.error) for each in found]


@router.get("/deliveries", responses=answered())
def list_deliveries(
    caller: City,
    state: Literal["given_up", "waiting", "sent"] = "given_up",
    search: Annotated[str, Query(max_length=100, description="In the number of the case.")] = "",
    after: cursor.After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Deliveries:
    """List deliveries that the caller may read, a page at a time, the latest first."""
    at = cursor.read(after)
    with reading(caller.portal.engine) as connection:
        found = deliveries.lines(connection, caller.claim, STATES[state], search.strip(), limit + 1, at)
    return Deliveries(
        deliveries=[
            Delivery(
                id=each.id,
                case=each.case,
                text=each.text,
                recipient=each.name,
                channel=each.channel,
                state=each.state,
                owed_at=each.owed_at,
                sent_at=each.sent_at,
                attempts=each.attempts,
                answer=each.answer,
            )
            for each in found[:limit]
        ],
        next=cursor.write(at + limit) if len(found) > limit else None,
    )


@router.post("/deliveries/resend", responses=answered(413))
def resend(caller: Actor, _city: City, ids: Numbers) -> Moved:
    """Let notices leave once more; until they do, that can be recalled."""
    with writing(caller.portal.engine) as connection:
        mine = deliveries.readable(connection, caller.claim, ids)
        return Moved(ids=resending.resend(connection, mine, clock.now(connection), caller.claim))


@router.post("/deliveries/recall", responses=answered(413))
def recall(caller: Actor, _city: City, ids: Numbers) -> Moved:
    """Take a sending again back, as far as nothing has left."""
    with writing(caller.portal.engine) as connection:
        mine = deliveries.readable(connection, caller.claim, ids)
        return Moved(ids=resending.recall(connection, mine))


def _stands(connection: Connection, caller: Caller, incident: int) -> IncidentStands:
    day = day_of(clock.now(connection))
    try:
        found = incidents.one(connection, incident, caller.claim, day)
    except UnknownIncident:
        raise plain(404, "not_found") from None
    hit = incidents.cases_of(connection, incident, seen_by=caller.claim, day=day, limit=500)
    cases = [HitCase(number=each.number, failing=each.state == "failing") for each in hit]
    return IncidentStands(
        **_line(found).model_dump(),
        hit=cases,
        history=[
            Done(
                at=each.at,
                kind=each.kind,
                person=each.person,
                role=each.role,
                case=each.case,
                remark=each.remark,
            )
            for each in incidents.history(connection, incident)
        ],
        colleagues=list(_colleagues(connection, caller, day).values()),
    )


def _colleagues(connection: Connection, caller: Caller, day: datetime.date) -> dict[int, Colleague]:
    able = roster.colleagues(connection, caller.claim, CITY_ROLES, day)
    names = roster.names(connection, [each.id for each in able])
    return {each.id: Colleague(handle=names[each.id].handle, name=each.name, role=each.role) for each in able}


def _line(each: incidents.IncidentLine) -> shapes.Incident:
    names = shapes.Incident.model_fields.keys() - {"says"}
    says = Both(zh=each.said("zh"), en=each.said("en"))
    return shapes.Incident(says=says, **{name: getattr(each, name) for name in names})
