"""One case as operations see it: where it stands, who holds it until when, who was told what, and urging."""

from urllib.parse import quote

from fastapi import APIRouter, Response

from casework import clock, radar_line, urging
from casework.case_view import CaseView
from models.database import reading
from procedure.act import Refusal
from web import acting
from web.acting import Problem
from web.cases import OperationsDesk, case_page, seen
from web.operations import holder_of, next_of
from web.visitor import Desk, Posted

router = APIRouter(prefix="/operations/cases")


@router.get("/{bureau}/{number}")
def case(desk: OperationsDesk, bureau: str, number: str) -> Response:
    """Show where a case stands; its form and documents are no business of operations."""
    return _case(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/urge")
def urge(desk: OperationsDesk, form: Posted, bureau: str, number: str) -> Response:
    """Remind whoever holds the case."""
    view = seen(desk, bureau, number)
    answer = urging.urge(desk.page.portal.engine, view.id, desk.claim, {"remark": form.text("remark")})
    if isinstance(answer, Refusal):
        return _case(desk, view, acting.problem(desk, view, answer), form.text("remark"))
    return desk.page.go(_home(view), done="urge")


def _case(desk: Desk, view: CaseView, problem: Problem | None = None, remark: str = "") -> Response:
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        [line] = radar_line.lines(connection, [view.id], {view.id: ()}, now)
        may_urge = urging.urger(connection, view.stands, [desk.claim]) is not None
    return case_page(
        desk,
        view,
        "operations/case.html",
        problem,
        home=_home(view),
        remark=remark,
        holder=holder_of(line, desk.page.language),
        next=next_of(desk, line),
        may_urge=may_urge,
    )


def _home(view: CaseView) -> str:
    return f"/operations/cases/{view.bureau}/{quote(view.stands.subject.ref)}"
