"""What desks look up: a bureau's appointments and the year of its programme, and how the program is."""

import datetime
from collections.abc import Iterable
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from casework import agenda, conditions, health, matter_list, programme
from casework.time_account import Account
from models.database import reading
from procedure.instant import local_instant
from web.api.caller import Bureau, Reader
from web.api.problem import Both, answered, plain

router = APIRouter(tags=["reports"])

LONGEST: Final = datetime.timedelta(days=400)
"""Over so many days appointments are told at once."""

ONE_DAY: Final = datetime.timedelta(days=1)

FIRST, LAST = datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)
"""The days that a calendar reaches to."""


class Appointment(BaseModel):
    """A site visit or a defence; ``details`` are who goes, or the place, ``position`` that of its day."""

    kind: Literal["visit", "defence"]
    bureau: str
    number: str
    lead: str
    at: datetime.datetime
    details: list[str]
    position: int | None
    over: bool
    cancelled: bool


class CallOfYear(BaseModel):
    """A call opened in the year, and how many of its submitted cases came to which outcome or are open."""

    code: str
    title: str
    opens_at: datetime.datetime
    closes_at: datetime.datetime | None
    submitted: int
    outcomes: dict[str, int]


class Took(BaseModel):
    """How many working days cases took at a stage or with a holder, by whose time it was."""

    of: str
    cases: int
    days: dict[str, int]
    suspended_days: int


class Year(BaseModel):
    """A year of a city bureau: its calls and whose time they took, filings by field and by their state now.

    Filings are those whose validity begins in it; ``granted_fen`` is what was granted in it, by measure.
    """

    bureau: str
    name: str
    year: int
    calls: list[CallOfYear]
    by_stage: list[Took]
    by_holder: list[Took]
    filed: dict[str, int]
    states: dict[str, int]
    evaluations: dict[str, int]
    acceptances: dict[str, int]
    granted_fen: dict[str, int]


class Lane(BaseModel):
    """A lane of the program and its last success."""

    name: str
    finished_at: datetime.datetime | None
    moved: int


class Check(BaseModel):
    """One thing looked at: what was found, and where that is bad, what to do."""

    name: str
    good: bool
    title: Both
    finding: Both
    step: Both


class Health(BaseModel):
    """Whether the program is well: every check and every lane."""

    good: bool
    checks: list[Check]
    lanes: list[Lane]


@router.get("/appointments", responses=answered())
def appointments(
    caller: Bureau,
    since: Annotated[datetime.date, Query(description="The first day, in Shanghai.")],
    until: Annotated[datetime.date, Query(description="The last day, at most 400 later.")],
) -> list[Appointment]:
    """List the bureau's visits and defences in order of time."""
    if not (FIRST <= since <= until <= LAST and until - since <= LONGEST):
        raise plain(422, "bad_span", since=since.isoformat(), until=until.isoformat(), days=LONGEST.days)
    first, after = (local_instant(f"{day.isoformat()}T00:00") for day in (since, until + ONE_DAY))
    with reading(caller.portal.engine) as connection:
        found = agenda.between(connection, caller.claim, first, after)
    names = Appointment.model_fields.keys() - {"details"}
    return [
        Appointment(details=list(each.details), **{name: getattr(each, name) for name in names})
        for each in found
    ]


@router.get("/years/{year}", responses=answered())
def years(
    caller: Bureau,
    year: Annotated[int, Path(ge=2000, le=2100)],
    language: Annotated[Literal["zh", "en"], Query(description="Of titles.")] = "zh",
) -> list[Year]:
    """Tell the year of the programme of the caller's city."""
    with reading(caller.portal.engine) as connection:
        told = [
            programme.programme(connection, bureau, year, language)
            for bureau in matter_list.bureaus(connection, [caller.claim])
        ]
    return [
        Year(
            bureau=each.bureau,
            name=each.name,
            year=each.year,
            calls=[
                CallOfYear(**{name: getattr(call, name) for name in CallOfYear.model_fields})
                for call in each.calls
            ],
            by_stage=_took(each.by_stage),
            by_holder=_took(each.by_holder),
            filed=each.filed,
            states=each.states,
            evaluations=each.evaluations,
            acceptances=each.acceptances,
            granted_fen=each.granted,
        )
        for each in told
    ]


@router.get("/health", responses=answered())
def well(caller: Reader) -> Health:
    """Tell, to operations, what the doctor finds, and when each lane last succeeded."""
    if caller.claim.role != "operations":
        raise plain(403, "role", needs=["operations"])
    portal = caller.portal
    found = [
        (each, health.told(each, "zh"), health.told(each, "en"))
        for each in health.whole(portal.engine, portal.files)
    ]
    with reading(portal.engine) as connection:
        lanes = conditions.lanes(connection)
    return Health(
        good=all(each.state == "good" for each, _, _ in found),
        checks=[
            Check(
                name=each.name,
                good=each.state == "good",
                title=Both(zh=zh.title, en=en.title),
                finding=Both(zh=zh.finding, en=en.finding),
                step=Both(zh=zh.step, en=en.step),
            )
            for each, zh, en in found
        ],
        lanes=[Lane(name=each.name, finished_at=each.finished_at, moved=each.moved) for each in lanes],
    )


def _took(accounts: Iterable[Account]) -> list[Took]:
    return [
        Took(
            of=each.key,
            cases=each.cases,
            days={party: amount.days for party, amount in each.parties.items()},
            suspended_days=each.suspended.days,
        )
        for each in accounts
    ]
