"""One case as operations see it: where it stands, who holds it until when, who was told what, and urging."""

from urllib.parse import quote

from fastapi import APIRouter, Response

from casework import clock, radar_line
from casework.case_view import CaseView
from models.database import reading
from web.acting import Problem
from web.cases import OperationsDesk, case_page, seen
from web.operations import holder_of, next_of
from web.urge import may_urge, urge
from web.visitor import Desk, Posted

router = APIRouter(prefix="/operations/cases")


@router.get("/{bureau}/{number}")
def case(desk: OperationsDesk, bureau: str, number: str) -> Response:
    """Show where a case stands; its form and documents are no business of operations."""
    return _case(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/urge")
def urge_holder(desk: OperationsDesk, form: Posted, bureau: str, number: str) -> Response:
    """Remind whoever holds the case."""
    view = seen(desk, bureau, number)
    remark = form.text("remark")
    return urge(desk, view, form, _home(view), lambda problem: _case(desk, view, problem, remark))


def _case(desk: Desk, view: CaseView, problem: Problem | None = None, remark: str = "") -> Response:
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        [line] = radar_line.lines(connection, [view.id], {view.id: ()}, now)
    return case_page(
        desk,
        view,
        "operations/case.html",
        problem,
        home=_home(view),
        remark=remark,
        holder=holder_of(line, desk.page.language),
        next=next_of(desk, line),
        may_urge=may_urge(desk, view),
    )


def _home(view: CaseView) -> str:
    return f"/operations/cases/{view.bureau}/{quote(view.stands.subject.ref)}"
