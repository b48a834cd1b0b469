"""What is stuck, the most urgent first: for the city bureau, and for a recommending unit of its own."""

import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from casework import conditions, radar
from casework.radar_line import Line
from casework.troubles import Trouble
from models.database import reading
from procedure.definition import Words
from web.api import cursor
from web.api.caller import Watcher
from web.api.problem import Both, answered

router = APIRouter(tags=["operations"])

Codes = Annotated[list[Annotated[str, Field(max_length=100)]] | None, Query(max_length=50)]


class ComesNext(BaseModel):
    """What happens next by itself: at which rung of which deadline, and when.

    ``step`` says whom that rung tells, None where the deadline itself passes; ``lapses`` that it then ends.
    """

    deadline: str
    title: Both
    rung: str
    step: Both | None
    lapses: bool
    at: datetime.datetime


class Stuck(BaseModel):
    """One case, or matter after filing, in trouble: why, who holds the clock since when, and what helps.

    ``helps`` are acts of its procedure, and urge, resend, retry, look_into and open. ``notices`` are the
    deliveries given up, ``incidents`` those that keep it: what can be tried again, else all.
    """

    bureau: str
    number: str
    kind: str
    entry: str | None
    call: str | None
    lead: str
    district: str
    stage: str
    title: Both
    troubles: list[Trouble]
    holder: str
    office: Both
    people: list[str]
    since: datetime.datetime
    due_at: datetime.datetime | None
    provisional: bool
    next: ComesNext | None
    helps: list[str]
    notices: list[int]
    incidents: list[int]


class Late(BaseModel):
    """How many have been overdue for ``least_hours`` or more, and for less than ``below_hours`` if given."""

    least_hours: int
    below_hours: int | None
    cases: int


class Ails(BaseModel):
    """A trouble of the program itself: of which lane, year or incident, since when, and what to do."""

    kind: str
    of: str
    since: datetime.datetime | None
    says: Both


class Radar(BaseModel):
    """One look at the moment ``at``; ``next`` is the cursor of the page after it, None on the last.

    A case with several troubles is one line and counts under each of them.
    """

    at: datetime.datetime
    lines: list[Stuck]
    counts: dict[Trouble, int]
    late: list[Late]
    conditions: list[Ails] = Field(description="Told to the city bureau alone.")
    next: str | None


@router.get("/radar", responses=answered())
def look(
    caller: Watcher,
    trouble: Annotated[list[Trouble] | None, Query(max_length=20, description="The lines alone.")] = None,
    district: Codes = None,
    stage: Codes = None,
    after: cursor.After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Radar:
    """Tell what is stuck, a page at a time, how many have each trouble, and for how long they are overdue."""
    at = cursor.read(after)
    with reading(caller.portal.engine) as connection:
        seen = radar.look(
            connection,
            seen_by=caller.claim,
            stages=stage or (),
            districts=district or (),
            troubles=trouble or (),
            limit=limit,
            offset=at,
        )
    return Radar(
        at=seen.at,
        lines=[_stuck(each) for each in seen.lines],
        counts=seen.counts,
        late=[Late(least_hours=each.least, below_hours=each.below, cases=each.cases) for each in seen.late],
        conditions=[
            Ails(
                kind=each.kind,
                of=each.of,
                since=each.since,
                says=Both(zh=conditions.said(each, "zh"), en=conditions.said(each, "en")),
            )
            for each in seen.conditions
        ],
        next=cursor.write(at + limit) if seen.more else None,
    )


def _stuck(line: Line) -> Stuck:
    coming = line.next
    return Stuck(
        bureau=line.bureau,
        number=line.number,
        kind=line.kind,
        entry=line.entry,
        call=line.call,
        lead=line.lead,
        district=line.district_code,
        stage=line.stage,
        title=_both(line.stage_title),
        troubles=list(line.troubles),
        holder=line.holder,
        office=_both(line.office),
        people=list(line.people),
        since=line.since,
        due_at=line.due_at,
        provisional=line.provisional,
        next=None
        if coming is None
        else ComesNext(
            deadline=coming.deadline,
            title=_both(coming.title),
            rung=coming.rung,
            step=None if coming.step is None else _both(coming.step),
            lapses=coming.lapses,
            at=coming.at,
        ),
        helps=list(line.helps),
        notices=list(line.notices),
        incidents=list(line.incidents),
    )


def _both(words: Words) -> Both:
    return Both(zh=words.zh, en=words.en)
