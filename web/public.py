"""What everybody may look at: calls, published lists, the register. The pages are the same for all."""

import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from casework import clock, loading, publicity, register, standing
from casework import public as published
from models.database import reading
from procedure import written
from procedure.definition import DeadlineRule, Procedure
from procedure.subject import Subject
from web.errors import no_such_page
from web.page import AnyPage, Page
from web.paging import Paging

router = APIRouter()

LINES: Final = 50
"""How many lines of the register a page shows."""

Asked = Annotated[str, Query(alias="q", max_length=100)]
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


@router.get("/register")
def consortia(page: AnyPage, q: Asked = "", number: PageNumber = 1) -> Response:
    """Show the register, narrowed to what was searched for."""
    asked = q.strip()
    with reading(page.portal.engine) as connection:
        paging = Paging(number, LINES, register.size(connection, query=asked))
        entries = register.entries(connection, query=asked, limit=LINES, offset=paging.offset)
    return page.public("public/register.html", entries=entries, q=asked, paging=paging)


@router.get("/register/{bureau}/{number}")
def consortium(page: AnyPage, bureau: str, number: str) -> Response:
    """Show one entry of the register, so that a filing can be checked."""
    with reading(page.portal.engine) as connection:
        entry = next(iter(register.entries(connection, bureau, number=number)), None)
    if entry is None:
        raise no_such_page()
    return page.public("public/consortium.html", entry=entry)


@router.get("/health")
def health(page: AnyPage) -> Response:
    """Answer programs that the portal and its database work."""
    with reading(page.portal.engine) as connection:
        clock.now(connection)
    return Response("ok", media_type="text/plain")


def left(page: Page, until: datetime.datetime | None, now: datetime.datetime) -> str | None:
    """Return how long it is until an instant, in words; None without one."""
    if until is None:
        return None
    seconds = max(0, int((until - now).total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    if days >= 2:
        return page.say("public.left_days", n=days)
    if hours >= 2:
        return page.say("public.left_hours", n=hours)
    return page.say("public.left_minutes", n=minutes)


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
