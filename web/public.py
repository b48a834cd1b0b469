"""What everybody may look at: calls, published lists, the register. The pages are the same for all."""

import datetime
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from casework import clock, loading, publicity, register, register_past, standing
from casework import public as published
from models.database import DatabaseUnusable, reading
from procedure import written
from procedure.definition import DeadlineRule, Procedure
from procedure.instant import calendar_day, end_of
from procedure.subject import Subject
from web.errors import no_such_page
from web.page import AnyPage, Page
from web.paging import Paging

router = APIRouter()

LINES: Final = 50
"""How many lines of the register a page shows."""

Asked = Annotated[str, Query(alias="q", max_length=100)]
OnDay = Annotated[str, Query(max_length=20)]
PageNumber = Annotated[int, Query(alias="page", ge=1, le=1_000_000)]


@router.get("/")
def home(page: AnyPage) -> Response:
    """Show the calls that take applications now, and where the rest is."""
    with reading(page.portal.engine) as connection:
        now = clock.now(connection)
        cards = published.call_cards(connection, now)
        lists = published.list_cards(connection)[:3]
        filed = register.size(connection)
    return page.public(
        "public/home.html",
        open_calls=[(card, left(page, card.closes_at, now)) for card in cards if card.accepting],
        others=[card for card in cards if not card.accepting][:5],
        lists=lists,
        filed=filed,
    )


@router.get("/calls/{bureau}/{code}")
def call(page: AnyPage, bureau: str, code: str) -> Response:
    """Show one call: its dates, who may apply, what is handed in, and the way a case goes."""
    with reading(page.portal.engine) as connection:
        now = clock.now(connection)
        card = next(iter(published.call_cards(connection, now, bureau, code)), None)
        if card is None:
            raise no_such_page()
        stands = standing.standing(connection, card.id)
        lists = published.list_cards(connection, card.id)
    procedure = stands.procedure
    return page.public(
        "public/call.html",
        card=card,
        left=left(page, card.closes_at, now) if card.accepting else None,
        place=stands.place(page.language),
        dates=_dates(page, procedure, stands.subject),
        rules=[(rule, written.ground(procedure, rule, page.language)) for rule in procedure.rules],
        materials=[
            (material, written.ground(procedure, material, page.language)) for material in procedure.materials
        ],
        stages=_stages(page, procedure),
        lists=lists,
    )


@router.get("/lists")
def lists(page: AnyPage) -> Response:
    """Show every published list, newest first."""
    with reading(page.portal.engine) as connection:
        cards = published.list_cards(connection)
    return page.public("public/lists.html", lists=cards)


@router.get("/lists/{bureau}/{code}/{number}")
def one_list(page: AnyPage, bureau: str, code: str, number: int) -> Response:
    """Show one published list as it stands, with its earlier versions named."""
    with reading(page.portal.engine) as connection:
        now = clock.now(connection)
        card = next(iter(published.call_cards(connection, now, bureau, code)), None)
        if card is None:
            raise no_such_page()
        every = publicity.lists(connection, card.id)
        versions = [version for version in every if version.number == number]
        if not versions:
            raise no_such_page()
        terms = page.terms(loading.one(connection, card.id).procedure)
    current = versions[-1]
    return page.public(
        "public/list.html",
        card=card,
        current=current,
        lines=[(line, terms.place(line.outcome or line.stage)) for line in current.lines],
        earlier=versions[:-1],
        over=current.until < now,
    )


@router.get("/feed.atom")
def feed(page: AnyPage) -> Response:
    """Give the calls that have opened and the published lists as an Atom feed, the newest first."""
    with reading(page.portal.engine) as connection:
        now = clock.now(connection)
        cards = published.call_cards(connection, now)
        every = published.list_cards(connection)
    said = 1 if page.language == "en" else 0
    entries = [
        {
            "title": (card.title_zh, card.title_en)[said],
            "path": f"/calls/{card.bureau}/{card.code}",
            "at": card.opens_at,
            "summary": page.say("public.rolling")
            if card.closes_at is None
            else page.say("public.closes", when=written.when(card.closes_at, page.language)),
        }
        for card in cards
        if card.opens_at <= now
    ]
    entries += [
        {
            "title": (each.title_zh, each.title_en)[said],
            "path": f"/lists/{each.bureau}/{each.call}/{each.number}",
            "at": each.published_at,
            "summary": page.say(
                "public.publicity_window",
                first=written.when(each.published_at, page.language),
                last=written.when(each.until, page.language),
            ),
        }
        for each in every
    ]
    newest = sorted(entries, key=lambda entry: entry["at"], reverse=True)[:LINES]
    return page.feed(
        "public/feed.xml",
        entries=newest,
        updated=newest[0]["at"] if newest else now,
        at=str(page.request.base_url).rstrip("/"),
    )


@router.get("/register")
def consortia(page: AnyPage, q: Asked = "", number: PageNumber = 1) -> Response:
    """Show the register, narrowed to what was searched for."""
    asked = q.strip()
    with reading(page.portal.engine) as connection:
        total, entries = register.page(connection, asked, number, LINES)
    return page.public("public/register.html", entries=entries, q=asked, paging=Paging(number, LINES, total))


@router.get("/register/{bureau}/{number}")
def consortium(page: AnyPage, bureau: str, number: str, at: OnDay = "") -> Response:
    """Show one entry of the register with every state it had, and what the register said on a day ``at``."""
    with reading(page.portal.engine) as connection:
        entry = next(iter(register.entries(connection, bureau, number=number)), None)
        if entry is None:
            raise no_such_page()
        states = register.history(connection, number, bureau)
        told, wrong, day = at.strip(), False, None
        try:
            day = calendar_day(told) if told else None
        except ValueError:
            wrong = True
        then = None if day is None else register_past.said(connection, end_of(day), bureau, number=number)
    return page.public(
        "public/consortium.html",
        entry=entry,
        states=states,
        at=told,
        wrong=wrong,
        on=day,
        said=then[0] if then else None,
    )


@router.get("/health")
def health(page: AnyPage) -> Response:
    """Answer programs that the portal and its database work, or which of the two does not."""
    try:
        with reading(page.portal.engine) as connection:
            clock.now(connection)
    except DatabaseUnusable as error:
        # Where it is stays with whoever runs the doctor on this machine.
        said = f"{type(error).__name__}: beian doctor"
        return Response(said, 503, {"Retry-After": "60"}, "text/plain")
    return Response("ok", media_type="text/plain")


@dataclass(frozen=True, slots=True)
class Left:
    """How long something is still open: in minutes, and in words."""

    minutes: int
    says: str


def left(page: Page, until: datetime.datetime | None, now: datetime.datetime) -> Left | None:
    """Return how long it is until an instant; None without one."""
    if until is None:
        return None
    minutes = max(0, int((until - now).total_seconds())) // 60
    days, hours = minutes // 1440, minutes // 60
    if days >= 2:
        return Left(minutes, page.say("public.left_days", n=days))
    if hours >= 2:
        return Left(minutes, page.say("public.left_hours", n=hours))
    return Left(minutes, page.say("public.left_minutes", n=minutes))


def _dates(page: Page, procedure: Procedure, subject: Subject) -> list[tuple[str, Any, str]]:
    return [
        (rule.title.of(page.language), subject.dates[name], written.ground(procedure, rule, page.language))
        for name, rule in procedure.dates.items()
        if name in subject.dates
    ]


def _stages(page: Page, procedure: Procedure) -> list[dict[str, Any]]:
    """Return the stages of a case that are no corrections, in the pack's order."""
    life = procedure.application
    return [
        {
            "title": stage.title.of(page.language),
            "holder": written.HOLDERS[stage.holder].of(page.language),
            "due": [_due(page, procedure, life.deadline[name]) for name in stage.deadlines],
            "ground": written.ground(procedure, stage, page.language),
        }
        for stage in life.stages
        if stage.correction is None
    ]


def _due(page: Page, procedure: Procedure, rule: DeadlineRule) -> str:
    if rule.due.date is not None:
        return procedure.dates[rule.due.date].title.of(page.language)
    assert rule.due.working_days is not None  # noqa: S101 - Due gives exactly one of the two
    return page.say("public.working_days", n=procedure.number(rule.due.working_days))
