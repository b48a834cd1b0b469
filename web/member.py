"""The member unit's desk: invitations to answer, and what the unit hands in."""

from fastapi import APIRouter, Response

from casework import clock, matter_list, work_list
from casework.acts import Receipt
from casework.case_view import CaseView
from models.database import reading
from procedure.act import Refusal
from web import acting, cases, uploads
from web.acting import Problem
from web.cases import MemberDesk, case_page, home, seen, units_of
from web.urge import may_urge, urge
from web.visitor import Desk, Posted

router = APIRouter(prefix="/member")


@router.get("")
def desk_page(desk: MemberDesk) -> Response:
    """Show the consortia that invited the unit or that it belongs to."""
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        lines = work_list.lines(connection, desk.claim, limit=200)
        waiting = matter_list.waiting(connection, desk.claim)
    return desk.page.answer(
        "member/desk.html", lines=lines, waiting=waiting, now=now, done=acting.done(desk.page)
    )


@router.get("/{bureau}/{number}")
def case(desk: MemberDesk, bureau: str, number: str) -> Response:
    """Show the invitation, or where the consortium's case is."""
    return _case(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/confirm")
def confirm(desk: MemberDesk, form: Posted, bureau: str, number: str) -> Response:
    """Confirm that the unit is part of the consortium."""
    view = seen(desk, bureau, number)
    answer = acting.perform(desk, view.id, "confirm_membership", {}, form)
    if isinstance(answer, Refusal):
        return _case(desk, seen(desk, bureau, number), acting.problem(desk, view, answer))
    return desk.page.go(home(desk, view), done="confirm_membership")


@router.post("/{bureau}/{number}/decline")
def decline(desk: MemberDesk, form: Posted, bureau: str, number: str) -> Response:
    """Decline, with a reason; the unit sees nothing of the case after it."""
    view = seen(desk, bureau, number)
    payload = {"reason": form.text("reason")}
    answer = acting.perform(desk, view.id, "decline_membership", payload, form)
    if isinstance(answer, Receipt):
        return desk.page.go("/member", done="decline_membership")
    problem = acting.problem(desk, view, answer, lambda path: path)
    return _case(desk, seen(desk, bureau, number), problem, payload)


@router.post("/{bureau}/{number}/urge")
def urge_holder(desk: MemberDesk, form: Posted, bureau: str, number: str) -> Response:
    """Remind whoever holds the case."""
    view = seen(desk, bureau, number)
    return urge(desk, view, form, home(desk, view), lambda problem: _case(desk, view, problem))


@router.post("/{bureau}/{number}/documents")
def attach(desk: MemberDesk, form: Posted, bureau: str, number: str) -> Response:
    """Attach one of the unit's own documents."""
    view = seen(desk, bureau, number)
    own = next(iter(sorted(units_of(desk, view))), None)
    problem = uploads.attach(desk, view, form, own)
    if problem is None:
        return desk.page.go(home(desk, view), done="attach_document")
    return _case(desk, seen(desk, bureau, number), problem)


@router.get("/{bureau}/{number}/documents/{material}/{owner}")
def download(desk: MemberDesk, bureau: str, number: str, material: str, owner: str) -> Response:
    """Give one of the unit's own documents."""
    return cases.download(desk, bureau, number, material, owner)


def _case(
    desk: Desk, view: CaseView, problem: Problem | None = None, values: dict[str, str] | None = None
) -> Response:
    own = units_of(desk, view)
    return case_page(
        desk,
        view,
        "member/case.html",
        problem,
        members=[member for member in view.application.members if member.uscc in own],
        papers=[paper for paper in cases.papers(desk, view) if paper["owner"] in own],
        values=values or {},
        may_urge=may_urge(desk, view),
    )
