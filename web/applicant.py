"""The applicant's desk: from an open call to the receipt, and then where the case is."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from casework import calls, clock, matter_list, public, work_list
from casework.acts import Receipt
from casework.receipt_paper import receipt as receipt_of
from models.database import reading
from procedure import written
from procedure.act import Refusal
from web import acting, cases, drafts, fields, uploads
from web.acting import Problem
from web.cases import ApplicantDesk, case_page, home, seen
from web.errors import no_such_page
from web.public import left
from web.urge import urge
from web.visitor import Posted

router = APIRouter(prefix="/applicant")


@router.get("")
def desk_page(desk: ApplicantDesk) -> Response:
    """Show the calls that take applications, and the unit's own cases."""
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        open_calls = [card for card in public.call_cards(connection, now) if card.accepting]
        own = work_list.lines(connection, desk.claim, limit=200)
        waiting = matter_list.waiting(connection, desk.claim)
    return desk.page.answer(
        "applicant/desk.html",
        waiting=waiting,
        open_calls=[(card, left(desk.page, card.closes_at, now)) for card in open_calls],
        open_lines=[line for line in own if line.outcome is None],
        ended_lines=[line for line in own if line.outcome is not None],
        now=now,
    )


@router.get("/start/{bureau}/{code}")
def start_page(desk: ApplicantDesk, bureau: str, code: str) -> Response:
    """Ask for what an application begins with: for which unit, and who recommends it."""
    return drafts.start_page(desk, bureau, code)


@router.post("/start/{bureau}/{code}")
def start(desk: ApplicantDesk, form: Posted, bureau: str, code: str) -> Response:
    """Begin an application."""
    with reading(desk.page.portal.engine) as connection:
        card = next(iter(public.call_cards(connection, clock.now(connection), bureau, code)), None)
    if card is None:
        raise no_such_page()
    key = form.given("key")
    answer = calls.start(
        desk.page.portal.engine, card.id, desk.claim, form.text("district"), key, form.given("lead")
    )
    if isinstance(answer, Refusal):
        return drafts.start_page(desk, bureau, code, acting.problem(desk, None, answer, lambda _: "district"))
    return desk.page.go(f"/applicant/{bureau}/{answer.ref}")


@router.get("/{bureau}/{number}")
def case(desk: ApplicantDesk, bureau: str, number: str) -> Response:
    """Show a draft or a correction as a list of tasks, any other case as where it is."""
    return drafts.case_page(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/urge")
def urge_holder(desk: ApplicantDesk, form: Posted, bureau: str, number: str) -> Response:
    """Remind whoever holds the case."""
    view = seen(desk, bureau, number)
    return urge(desk, view, form, home(desk, view), lambda problem: drafts.case_page(desk, view, problem))


@router.get("/{bureau}/{number}/form/{section}")
def form_page(desk: ApplicantDesk, bureau: str, number: str, section: str, unit: str = "") -> Response:
    """Show a section of the form; ``unit`` says of which member unit."""
    view = seen(desk, bureau, number)
    return drafts.form_page(desk, view, section, unit)


@router.post("/{bureau}/{number}/form/{section}")
def save(
    desk: ApplicantDesk, form: Posted, bureau: str, number: str, section: str, unit: str = ""
) -> Response:
    """Keep what was typed: with htmx as it is typed, with the button before going back to the list."""
    view = seen(desk, bureau, number)
    asked = drafts.open_fields(view, section, unit)
    saved = fields.save(desk, view, asked, form, unit)
    fresh = seen(desk, bureau, number)
    if desk.page.request.headers.get("hx-request"):
        return desk.page.answer(
            "applicant/saved.html",
            saved=saved,
            fields=fields.shown(
                desk, fresh.stands.procedure, asked, drafts.values(fresh, unit), errors=saved.errors
            ),
            conditions=cases.conditions(desk, fresh),
            now=fresh.stands.loaded.now,
            terms=desk.page.terms(fresh.stands.procedure),
        )
    if saved.errors or saved.problem or saved.conflicts:
        return drafts.form_page(desk, fresh, section, unit, saved, fields.typed_in(form, asked))
    return desk.page.go(home(desk, view) + ("/members" if unit else ""), done="save_draft")


@router.get("/{bureau}/{number}/members")
def members_page(
    desk: ApplicantDesk, bureau: str, number: str, uscc: str = Query("", max_length=40)
) -> Response:
    """Show the member units and the form to invite one; a code asked for is looked up."""
    return drafts.members_page(desk, seen(desk, bureau, number), uscc=uscc)


@router.get("/{bureau}/{number}/members/unit")
def unit(desk: ApplicantDesk, bureau: str, number: str, uscc: str = Query("", max_length=40)) -> Response:
    """Show the unit of a code among those known, as a part of the page."""
    view = seen(desk, bureau, number)
    return desk.page.answer(
        "applicant/unit.html", **drafts.looked_up(desk, uscc), values={}, errors={}, home=home(desk, view)
    )


@router.post("/{bureau}/{number}/members")
def invite(desk: ApplicantDesk, form: Posted, bureau: str, number: str) -> Response:
    """Invite a member unit."""
    view = seen(desk, bureau, number)
    payload: dict[str, Any] = {"uscc": form.text("uscc"), "core_layer": form.text("core_layer") == "true"}
    for name in ("name", "kind"):
        if form.given(name) is not None:
            payload[name] = form.text(name)
    answer = acting.perform(desk, view.id, "invite_member", payload, form)
    if isinstance(answer, Receipt):
        return desk.page.go(f"{home(desk, view)}/members", done="invite_member")
    target = {"unknown_unit": "name"}.get(answer.code, "uscc")
    problem = acting.problem(desk, view, answer, lambda path: path if path in ("name", "kind") else target)
    values = {name: form.text(name) for name in ("uscc", "name", "kind", "core_layer")}
    return drafts.members_page(desk, seen(desk, bureau, number), problem, values, uscc=form.text("uscc")[:40])


@router.post("/{bureau}/{number}/members/remove")
def remove_member(desk: ApplicantDesk, form: Posted, bureau: str, number: str) -> Response:
    """Take a member unit out again."""
    view = seen(desk, bureau, number)
    answer = acting.perform(desk, view.id, "remove_member", {"uscc": form.text("uscc")}, form)
    if isinstance(answer, Receipt):
        return desk.page.go(f"{home(desk, view)}/members", done="remove_member")
    return drafts.members_page(desk, seen(desk, bureau, number), acting.problem(desk, view, answer))


@router.get("/{bureau}/{number}/documents")
def documents_page(desk: ApplicantDesk, bureau: str, number: str) -> Response:
    """Show the materials, with what was attached and what is still needed."""
    return drafts.documents_page(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/documents")
def attach(desk: ApplicantDesk, form: Posted, bureau: str, number: str) -> Response:
    """Attach a document."""
    view = seen(desk, bureau, number)
    owner = form.text("owner")
    problem = uploads.attach(desk, view, form, None if owner == view.application.lead else owner)
    if problem is None:
        return desk.page.go(f"{home(desk, view)}/documents", done="attach_document")
    return drafts.documents_page(desk, seen(desk, bureau, number), problem)


@router.post("/{bureau}/{number}/documents/remove")
def remove_document(desk: ApplicantDesk, form: Posted, bureau: str, number: str) -> Response:
    """Take a document out again."""
    view = seen(desk, bureau, number)
    payload = {"material": form.text("material"), "member": form.text("owner")}
    answer = acting.perform(desk, view.id, "remove_document", payload, form)
    if isinstance(answer, Receipt):
        return desk.page.go(f"{home(desk, view)}/documents", done="remove_document")
    return drafts.documents_page(desk, seen(desk, bureau, number), acting.problem(desk, view, answer))


@router.get("/{bureau}/{number}/documents/{material}/{owner}")
def download(desk: ApplicantDesk, bureau: str, number: str, material: str, owner: str) -> Response:
    """Give an attached document."""
    return cases.download(desk, bureau, number, material, owner)


@router.get("/{bureau}/{number}/review")
def review(desk: ApplicantDesk, bureau: str, number: str) -> Response:
    """Show everything that would be submitted, and what is missing."""
    return drafts.review_page(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/submit")
def submit(desk: ApplicantDesk, form: Posted, bureau: str, number: str) -> Response:
    """Submit the application, or hand the corrected one back."""
    case = cases.recorded(desk, bureau, number)
    # As recorded, not as of now: what came in before a deadline may be read after it.
    act = "submit" if case.subject.application.correction is None else "resubmit"
    if form.text("truthful") != "true":
        says = desk.page.say("review.confirm_first")
        problem = Problem(says, (("truthful", says),), "", None)
        return drafts.review_page(desk, seen(desk, bureau, number), problem)
    answer = acting.perform(desk, case.id, act, {}, form)
    if isinstance(answer, Refusal):
        view = seen(desk, bureau, number)
        problem = acting.problem(desk, view, answer, drafts.where(desk, view))
        return drafts.review_page(desk, view, problem)
    place = f"/applicant/{bureau}/{quote(number)}"
    return desk.page.go(f"{place}/receipt") if act == "submit" else desk.page.go(place, done=act)


@router.get("/{bureau}/{number}/receipt")
def receipt(desk: ApplicantDesk, bureau: str, number: str) -> Response:
    """Show what was submitted, when, and the digest under which it stands in the record."""
    view = seen(desk, bureau, number)
    with reading(desk.page.portal.engine) as connection:
        entry = work_list.submission(connection, view.id)
    if entry is None:
        raise no_such_page()
    return case_page(desk, view, "applicant/receipt.html", entry=entry, papers=cases.papers(desk, view))


@router.get("/{bureau}/{number}/receipt.pdf")
def receipt_paper(desk: ApplicantDesk, bureau: str, number: str) -> Response:
    """Give the receipt as a PDF."""
    view = seen(desk, bureau, number)
    with reading(desk.page.portal.engine) as connection:
        entry = work_list.submission(connection, view.id)
    if entry is None:
        raise no_such_page()
    page, a, ref = desk.page, view.application, view.stands.subject.ref
    title = page.say("receipt.title")
    call_zh, call_en = view.stands.loaded.call_title
    rows = [
        (page.say("public.number"), ref),
        (page.say("receipt.call"), call_en if page.language == "en" else call_zh),
        (page.say("public.lead_unit"), f"{a.lead_name} {a.lead}"),
        (page.say("public.direction"), str(a.form.get("consortium.direction", ""))),
        (page.say("receipt.time"), written.when(entry.at, page.language)),
        (page.say("receipt.digest"), entry.digest),
    ]
    attached = [
        (paper["title"], f"{paper['document'].name}\nSHA-256 {paper['document'].digest}")
        for paper in cases.papers(desk, view)
        if paper["document"]
    ]
    content = receipt_of(
        title, rows, (page.say("documents.title"), attached), page.say("receipt.digest_means")
    )
    name = f"attachment; filename*=UTF-8''{quote(f'{ref} {title}.pdf')}"
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": name})


@router.get("/{bureau}/{number}/withdraw")
def withdraw_page(desk: ApplicantDesk, bureau: str, number: str) -> Response:
    """Ask why the application is withdrawn, and say what follows."""
    view = seen(desk, bureau, number)
    if "withdraw" not in view.may:
        raise no_such_page()
    return case_page(desk, view, "applicant/withdraw.html")


@router.post("/{bureau}/{number}/withdraw")
def withdraw(desk: ApplicantDesk, form: Posted, bureau: str, number: str) -> Response:
    """Withdraw the application."""
    view = seen(desk, bureau, number)
    answer = acting.perform(desk, view.id, "withdraw", {"reason": form.text("reason")}, form)
    if isinstance(answer, Receipt):
        return desk.page.go(home(desk, view), done="withdraw")
    problem = acting.problem(desk, view, answer, lambda path: path)
    fresh = seen(desk, bureau, number)
    return case_page(desk, fresh, "applicant/withdraw.html", problem, values={"reason": form.text("reason")})
