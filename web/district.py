"""The recommending unit's desk: what waits, most urgent first, and each case with its checklist."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from casework import clock, work_list
from casework.case_view import CaseView
from models.database import reading
from procedure.act import Refusal
from web import acting, cases
from web.acting import Problem
from web.cases import DistrictDesk, case_page, home, seen
from web.errors import no_such_page
from web.paging import Paging
from web.visitor import Desk, Form, Posted

router = APIRouter(prefix="/district")

LINES: Final = 25
"""How many cases a page shows."""

FILTERS: Final = {"open": True, "ended": False, "all": None}
"""What the list can be narrowed to: open cases, ended ones, all."""

ACTS: Final = (
    "accept_online",
    "endorse",
    "return_for_correction",
    "decline",
    "deliver_papers",
    "revoke_return",
)
"""What this desk does, in the order in which its page offers it."""


@router.get("")
def desk_page(
    desk: DistrictDesk,
    q: Annotated[str, Query(max_length=100)] = "",
    show: str = "mine",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Show the cases of the district: what waits for it, all open ones, ended ones."""
    asked = q.strip()
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        waiting = show not in FILTERS
        narrowed: dict[str, Any] = {
            "search": asked,
            "is_open": FILTERS.get(show, True),
            "waiting": waiting,
        }
        paging = Paging(number, LINES, work_list.size(connection, desk.claim, **narrowed))
        lines = work_list.lines(connection, desk.claim, limit=LINES, offset=paging.offset, **narrowed)
    return desk.page.answer(
        "district/desk.html",
        lines=lines,
        paging=paging,
        q=asked,
        show=show if show in FILTERS else "mine",
        now=now,
    )


@router.get("/{bureau}/{number}")
def case(desk: DistrictDesk, bureau: str, number: str) -> Response:
    """Show a case with its documents beside the conditions, and what can be done to it."""
    return _case(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/{act}")
def do(desk: DistrictDesk, form: Posted, bureau: str, number: str, act: str) -> Response:
    """Do one of the desk's acts."""
    view = seen(desk, bureau, number)
    if act not in ACTS:
        raise no_such_page()
    payload = _payload(act, form)
    answer = acting.perform(desk, view.id, act, payload, form)
    if isinstance(answer, Refusal):
        problem = acting.problem(desk, view, answer, lambda path: _target(act, path))
        return _case(desk, seen(desk, bureau, number), problem, act, form)
    return desk.page.go(home(desk, view), done=act)


@router.get("/{bureau}/{number}/documents/{material}/{owner}")
def download(desk: DistrictDesk, bureau: str, number: str, material: str, owner: str) -> Response:
    """Give an attached document."""
    return cases.download(desk, bureau, number, material, owner)


def _payload(act: str, form: Form) -> dict[str, Any]:
    match act:
        case "endorse":
            return {"opinion": form.text("opinion")}
        case "decline":
            return {"reason": form.text("reason")}
        case "return_for_correction":
            remarks = form.texts("remark:")
            return {
                "items": [{"item": item, "remark": remarks.get(item, "")} for item in form.chosen("item")]
            }
        case "deliver_papers":
            return {
                "letter": form.text("letter") == "true",
                "finance_signed": form.text("finance_signed") == "true",
                "application_copies": form.number("application_copies") or 0,
                "summary_copies": form.number("summary_copies") or 0,
            }
        case _:
            return {}


def _target(act: str, path: str) -> str:
    copies = {"application_form": "application_copies", "summary_table": "summary_copies"}
    return f"{act}-{copies.get(path, path.partition('.')[0])}"


def _case(
    desk: Desk,
    view: CaseView,
    problem: Problem | None = None,
    failed: str = "",
    form: Form | None = None,
) -> Response:
    a, procedure = view.application, view.stands.procedure
    terms = desk.page.terms(procedure)
    items = [field.path for field in procedure.form if not field.path.startswith("member.")]
    items += [f"document:{material.id}" for material in procedure.materials if material.by != "district"]
    items += [f"member:{member.uscc}" for member in a.members]
    return case_page(
        desk,
        view,
        "district/case.html",
        problem,
        papers=cases.papers(desk, view),
        conditions=cases.conditions(desk, view),
        answers=[(terms.field(path), terms.value(path, value)) for path, value in a.form.items()],
        offered=[act for act in ACTS if act in view.may and _makes_sense(act, view)],
        items=[(item, terms.item(item)) for item in items],
        joint=a.district_kind in procedure.joint_letter_kinds,
        copies={material.id: material.copies for material in procedure.materials},
        failed=failed,
        chosen=[] if form is None else form.chosen("item"),
        typed={} if form is None else form.texts(),
    )


def _makes_sense(act: str, view: CaseView) -> bool:
    """Return whether an act is worth offering: accepting once, recommending and declining after it."""
    accepted = view.application.accepted_at is not None
    if "accept_online" in view.may and act in ("accept_online", "endorse"):
        return accepted == (act == "endorse")
    return True
