"""The bureau's work list: its cases by urgency, narrowed, searched, paged, and as a sheet."""

import datetime
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Connection

from casework import access, clock, loading, public, spreadsheet, work_list
from casework.access import Claim
from casework.public import CallCard
from casework.roster import BureauLine
from casework.spreadsheet import Sheet
from casework.work_list import DeskLine
from casework.work_order import Narrowing
from models.database import reading
from procedure.instant import day_of, instant
from web import saved_views
from web.cases import BureauDesk
from web.page import Page
from web.paging import Paging

router = APIRouter(prefix="/bureau")

LINES: Final = 25
"""How many cases a page shows."""

SOON: Final = datetime.timedelta(days=3)
"""What is due within this time is due soon."""

VIEWS: Final = ("waiting", "mine", "late", "soon", "open", "ended", "all")
"""What the list can show; the first of them at first."""

MOST: Final = 10_000
"""So many lines a sheet has at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor narrowed the list to; what is empty narrows nothing."""

    show: str
    q: str
    call: str
    stage: str
    district: str

    @property
    def query(self) -> dict[str, str]:
        """The parts of the address that ask for it."""
        shown = "" if self.show == VIEWS[0] else self.show
        return {"show": shown, "q": self.q, "call": self.call, "stage": self.stage, "district": self.district}


def asked(
    q: Annotated[str, Query(max_length=100)] = "",
    show: Annotated[str, Query(max_length=20)] = VIEWS[0],
    call: Annotated[str, Query(max_length=200)] = "",
    stage: Annotated[str, Query(max_length=60)] = "",
    district: Annotated[str, Query(max_length=60)] = "",
) -> Asked:
    """Return what the address asks for; an unknown view is the first one."""
    return Asked(show if show in VIEWS else VIEWS[0], q.strip(), call, stage, district)


Narrowed = Annotated[Asked, Depends(asked)]


@router.get("")
def desk_page(
    desk: BureauDesk,
    wanted: Narrowed,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
    kept: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the cases of the bureau, what waits for it first."""
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        calls = calls_of(connection, desk.claim)
        narrowed = narrowing(desk.claim, wanted, calls, now)
        total, lines = work_list.page(connection, desk.claim, number=number, limit=LINES, **narrowed)
        stages = _stages(connection, calls, desk.page.language)
        districts = _districts(connection, calls)
    return desk.page.answer(
        "bureau/desk.html",
        lines=lines,
        paging=Paging(number, LINES, total.cases, total.whole),
        wanted=wanted,
        views=VIEWS,
        calls=calls,
        stages=stages,
        districts=districts,
        now=now,
        list="/bureau",
        saved=saved_views.shown(desk, "bureau"),
        narrowed={name: value for name, value in wanted.query.items() if value},
        kept=kept,
    )


@router.get("/sheet.xlsx")
def as_sheet(desk: BureauDesk, wanted: Narrowed) -> Response:
    """Give the same list as a spreadsheet, in the same order."""
    page = desk.page
    with reading(page.portal.engine) as connection:
        now = clock.now(connection)
        calls = calls_of(connection, desk.claim)
        narrowed = narrowing(desk.claim, wanted, calls, now)
        lines = work_list.lines(connection, desk.claim, limit=MOST, offset=0, **narrowed)
    heads = ("public.number", "public.lead_unit", "public.direction", "bureau.district", "bureau.call")
    heads = (*heads, "case.stage", "case.due", "list.submitted")
    rows = (_row(page, line) for line in lines)
    content = spreadsheet.content(Sheet(page.say("desks.bureau"), [page.say(each) for each in heads], rows))
    return Response(
        content,
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f'attachment; filename="cases-{day_of(now)}.xlsx"',
            "Cache-Control": "private, no-store",
        },
    )


def _row(page: Page, line: DeskLine) -> tuple[str, ...]:
    english = page.language == "en"
    return (
        line.number,
        line.lead,
        line.direction,
        line.district_en if english else line.district_zh,
        line.call_en if english else line.call_zh,
        line.place(page.language),
        "" if line.due_at is None or line.outcome else f"{instant(line.due_at):YYYY-MM-DD HH:mm}",
        "" if line.submitted_at is None else f"{instant(line.submitted_at):YYYY-MM-DD HH:mm}",
    )


def narrowing(claim: Claim, wanted: Asked, calls: list[CallCard], now: datetime.datetime) -> Narrowing:
    """Return what the list is narrowed to; a call that is not the bureau's leaves nothing."""
    narrowed: Narrowing = {"search": wanted.q, "district": wanted.district}
    if wanted.stage:
        narrowed["stages"] = (wanted.stage,)
    if wanted.call:
        known = {f"{card.bureau}/{card.code}": card.id for card in calls}
        narrowed["call"] = known.get(wanted.call, 0)
    match wanted.show:
        case "waiting":
            narrowed["waiting"] = True
        case "mine":
            narrowed["given"] = claim.person
        case "late":
            narrowed["due_before"] = now
        case "soon":
            narrowed["due_before"] = now + SOON
        case "all":
            pass
        case show:
            narrowed["is_open"] = show == "open"
    return narrowed


def calls_of(connection: Connection, claim: Claim) -> list[CallCard]:
    """Return the calls of the bureaus in which the claim holds its role today."""
    now = clock.now(connection)
    bureaus = {actor.bureau for actor in access.roles_of(connection, claim, day_of(now))}
    return [card for card in public.call_cards(connection, now) if card.bureau in bureaus]


def _stages(connection: Connection, calls: list[CallCard], language: str) -> list[tuple[str, str]]:
    """Return the stages of the calls' procedures, each id once, in the order of the newest call's."""
    found: dict[str, str] = {}
    for card in calls:
        life = loading.one(connection, card.id).procedure.application
        for stage in life.stages:
            found.setdefault(stage.id, stage.title.of(language))
    return list(found.items())


def _districts(connection: Connection, calls: list[CallCard]) -> list[BureauLine]:
    bureaus = dict.fromkeys(card.bureau for card in calls)
    return [each for bureau in bureaus for each in work_list.districts(connection, bureau)]
