"""Objections to an entry of a published list: anybody lodges them, by name or, where taken, without."""

from typing import Any

from fastapi import APIRouter, Response

from casework import clock, loading, objecting, wording
from casework import public as published
from casework.objecting import EVIDENCE, Entry, Lodged
from models.database import reading
from procedure.act import Refusal
from web import acting, uploads
from web.errors import no_such_page
from web.page import Page
from web.sign_in import for_visitor
from web.visitor import Form, Posted, VisitorPage, place_of

router = APIRouter()


@router.get("/lists/{bureau}/{code}/{number}/objection")
def objection_page(page: VisitorPage, bureau: str, code: str, number: int, case: str = "") -> Response:
    """Show the form for an objection to one of the list's entries."""
    return _form(page, bureau, code, number, {"case": case[:100]})


@router.post("/lists/{bureau}/{code}/{number}/objection")
def lodge(page: VisitorPage, form: Posted, bureau: str, code: str, number: int) -> Response:
    """Lodge an objection, and answer with its receipt."""
    _, entries, _ = _list(page, bureau, code, number)
    entry = next((each for each in entries if each.case == form.text("case")), None)
    anonymous = form.text("anonymous") == "true"
    problems = _lacking(page, form, entry, anonymous=anonymous)
    if problems or entry is None:
        return _form(page, bureau, code, number, form.texts(), problems)
    if not objecting.may_try(page.portal.engine, place_of(page).address):
        return _form(page, bureau, code, number, form.texts(), {"text": page.say("objection.wait")}, 429)
    evidence = _evidence(page, form)
    if isinstance(evidence, str):
        return _form(page, bureau, code, number, form.texts(), {"file": evidence})
    payload: dict[str, Any] = {"text": form.text("text").replace("\r\n", "\n").strip(), "evidence": evidence}
    if not anonymous:
        payload |= {name: form.given(name) for name in ("objector", "contact") if form.given(name)}
    with reading(page.portal.engine) as connection:
        story = clock.is_story(connection)
    received_at = None if story else page.request.state.received_at
    key = acting.key_of(form, payload)
    answer = objecting.lodge(page.portal.engine, entry.id, payload, key, received_at)
    if isinstance(answer, Refusal):
        said = wording.word(answer, page.language)
        return _form(page, bureau, code, number, form.texts(), {"text": f"{said.says} {said.next_step}"})
    acting.wake()
    return _received(page, entry, answer)


def _received(page: Page, entry: Entry, lodged: Lodged) -> Response:
    return page.answer("public/objection_received.html", entry=entry, lodged=lodged)


def _lacking(page: Page, form: Form, entry: Entry | None, *, anonymous: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    if entry is None:
        found["case"] = page.say("objection.choose_entry")
    if not anonymous and form.given("objector") is None:
        found["objector"] = page.say("objection.name_needed")
    if form.given("text") is None:
        found["text"] = page.say("objection.text_needed")
    return found


def _evidence(page: Page, form: Form) -> list[dict[str, str]] | str:
    """Return the stored file of evidence, or why it cannot be taken."""
    file = form.file("file")
    if file is None:
        return []
    taken = uploads.take(page, file, EVIDENCE)
    return taken if isinstance(taken, str) else [{"digest": taken.digest, "name": taken.name}]


def _list(page: Page, bureau: str, code: str, number: int) -> tuple[Any, list[Entry], bool]:
    """Return the call, its list's entries that take objections, and whether anonymous ones are taken."""
    with reading(page.portal.engine) as connection:
        now = clock.now(connection)
        card = next(iter(published.call_cards(connection, now, bureau, code)), None)
        if card is None or all(each.number != number for each in published.list_cards(connection, card.id)):
            raise no_such_page()
        procedure = loading.one(connection, card.id).procedure
        found = objecting.entries(connection, card.id, number)
    return card, found, procedure.values.get("anonymous_objections") is True


def _form(
    page: Page,
    bureau: str,
    code: str,
    number: int,
    typed: dict[str, str],
    problems: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    card, entries, anonymous = _list(page, bureau, code, number)
    blank = {"case": "", "objector": "", "contact": "", "text": "", "anonymous": ""}
    return for_visitor(
        page,
        "public/objection.html",
        status=status if problems else 200,
        card=card,
        number=number,
        entries=entries,
        may_be_anonymous=anonymous,
        values={**blank, **typed},
        problems=problems or {},
        key=acting.fresh_key(),
        formats=EVIDENCE.formats,
        most=EVIDENCE.max_megabytes,
    )
