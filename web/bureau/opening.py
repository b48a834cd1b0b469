"""Setting up a call from an earlier one: its procedure, names, and dates a year on, to be looked over."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from casework import calls, procedures, revisions
from casework.calls import BadDates
from casework.revisions import Published
from casework.standing import standing
from models.database import reading
from procedure.act import Refusal
from procedure.definition import Procedure
from procedure.instant import instant
from web import acting
from web.acting import Problem
from web.bureau.work import calls_of
from web.cases import BureauDesk
from web.errors import no_such_page
from web.visitor import Desk, Form, Posted

router = APIRouter(prefix="/bureau/calls")


@dataclass(frozen=True, slots=True)
class Day:
    """A date of the procedure as the form shows it: what it was, and what it is to be."""

    name: str
    title: str
    kind: str
    was: str
    given: str


@router.get("/new")
def new(
    desk: BureauDesk,
    like: Annotated[str, Query(max_length=200)] = "",
    revision: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show the form of a new call, filled from the call it is to be like."""
    return _page(desk, like, revision)


@router.post("/new")
def announce(desk: BureauDesk, form: Posted) -> Response:
    """Show the call once more; once confirmed, announce it."""
    like, revision = form.text("like"), form.number("revision") or 0
    code, zh, en = (form.text(name).strip() for name in ("code", "title_zh", "title_en"))
    if not re.fullmatch(r"[^\s/]{1,100}", code) or not zh or not en or max(len(zh), len(en)) > 300:
        problem = Problem(
            desk.page.say("opening.unnamed"), (("code", desk.page.say("opening.code")),), "", None
        )
        return _page(desk, like, revision, form, problem)
    dates = {name: text for name, text in form.texts("date:").items() if text}
    chosen = _revision(desk, revision)
    if form.text("confirmed") != "true":
        try:
            calls.resolve(chosen[1], dates)
        except BadDates as error:
            return _page(desk, like, revision, form, _bad(desk, chosen[1], error))
        return _page(desk, like, revision, form, asked=True)
    claim = desk.claim
    if "administrator" in desk.viewer.roles:
        claim = acting.in_role(desk, "administrator").claim
    try:
        answer = calls.announce(desk.page.portal.engine, revision, code, claim, dates, (zh, en))
    except BadDates as error:
        return _page(desk, like, revision, form, _bad(desk, chosen[1], error))
    if isinstance(answer, Refusal):
        return _page(desk, like, revision, form, acting.problem(desk, None, answer))
    return desk.page.go(f"/bureau/calls/{chosen[1].bureau.code}/{quote(code)}", done="announce")


def _bad(desk: Desk, procedure: Procedure, error: BadDates) -> Problem:
    titles = {name: date.title.of(desk.page.language) for name, date in procedure.dates.items()}
    links = tuple(
        (f"date-{each.path}", f"{titles.get(each.path, each.path)}：{each.value}") for each in error.problems
    )
    return Problem(desk.page.say("opening.bad_dates"), links, desk.page.say("opening.bad_dates_next"), None)


def _revision(desk: Desk, revision: int) -> tuple[Published, Procedure]:
    with reading(desk.page.portal.engine) as connection:
        bureaus = {card.bureau for card in calls_of(connection, desk.claim)}
        found = next((each for each in revisions.published(connection) if each.id == revision), None)
        procedure = None if found is None else procedures.of_revision(connection, found.id)
    if found is None or procedure is None or procedure.bureau.code not in bureaus:
        raise no_such_page()
    return found, procedure


def _page(
    desk: Desk,
    like: str,
    revision: int,
    form: Form | None = None,
    problem: Problem | None = None,
    *,
    asked: bool = False,
) -> Response:
    page = desk.page
    with reading(page.portal.engine) as connection:
        cards = calls_of(connection, desk.claim)
        model = next(
            (card for card in cards if f"{card.bureau}/{card.code}" == like), next(iter(cards), None)
        )
        if model is None:
            raise no_such_page()
        stands = standing(connection, model.id)
        known = [each for each in revisions.published(connection) if each.code == stands.procedure.code]
        chosen = next((each for each in known if each.id == revision), known[0])
        procedure = procedures.of_revision(connection, chosen.id)
    before = {name: instant(at) for name, at in stands.subject.dates.items()}
    days: list[Day] = []
    for name, date in procedure.dates.items():
        at = before.get(name)
        shape = "YYYY-MM-DD" if date.kind == "day" else "YYYY-MM-DDTHH:mm"
        given = "" if at is None else at.add(years=1).format(shape)
        if form is not None:
            given = form.text(f"date:{name}")
        was = "" if at is None else at.format(shape).replace("T", " ")
        days.append(Day(name, date.title.of(page.language), date.kind, was, given))
    return page.answer(
        "bureau/opening.html",
        status=422 if problem else 200,
        problem=problem,
        model=model,
        known=known,
        chosen=chosen,
        days=days,
        asked=asked,
        like=f"{model.bureau}/{model.code}",
        code=_next_year(model.code) if form is None else form.text("code"),
        title_zh=_next_year(model.title_zh) if form is None else form.text("title_zh"),
        title_en=_next_year(model.title_en) if form is None else form.text("title_en"),
        key=acting.fresh_key(),
    )


def _next_year(text: str) -> str:
    """Return a code or a title with the year in it a year on."""
    return re.sub(r"(?<!\d)(20\d\d)(?!\d)", lambda year: str(int(year[1]) + 1), text)
