"""The recommending unit's desk: what waits, most urgent first, and each case with its checklist."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from casework import clock, matter_list, recommending, work_list
from casework.case_view import CaseView
from casework.work_order import Narrowing
from models.database import reading
from web import cases, desk_case, saved_views
from web.acting import Problem
from web.cases import DistrictDesk, home, seen
from web.paging import Paging
from web.urge import urge
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
    call: Annotated[str, Query(max_length=200)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
    kept: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the cases of the district: what waits for it, all open ones, ended ones."""
    asked = q.strip()
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        waiting = show not in FILTERS
        calls = recommending.calls(connection, desk.claim)
        narrowed: Narrowing = {
            "search": asked,
            "is_open": FILTERS.get(show, True),
            "waiting": waiting,
        }
        if call:
            # A call in which the unit has no cases leaves nothing.
            narrowed["call"] = {f"{card.bureau}/{card.code}": card.id for card in calls}.get(call, 0)
        total, lines = work_list.page(connection, desk.claim, number=number, limit=LINES, **narrowed)
        after_filing = matter_list.waiting(connection, desk.claim)
    return desk.page.answer(
        "district/desk.html",
        waiting=after_filing,
        lines=lines,
        calls=calls,
        paging=Paging(number, LINES, total.cases, total.whole),
        q=asked,
        call=call,
        show=show if show in FILTERS else "mine",
        now=now,
        list="/district",
        saved=saved_views.shown(desk, "district"),
        narrowed={
            **({"show": show} if show in FILTERS else {}),
            **({"q": asked} if asked else {}),
            **({"call": call} if call else {}),
        },
        kept=kept,
    )


@router.get("/{bureau}/{number}")
def case(desk: DistrictDesk, bureau: str, number: str) -> Response:
    """Show a case with its documents beside the conditions, and what can be done to it."""
    return _case(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/urge")
def urge_holder(desk: DistrictDesk, form: Posted, bureau: str, number: str) -> Response:
    """Remind whoever holds the case."""
    view = seen(desk, bureau, number)
    return urge(desk, view, form, home(desk, view), lambda problem: _case(desk, view, problem, "urge", form))


@router.post("/{bureau}/{number}/{act}")
def act(desk: DistrictDesk, form: Posted, bureau: str, number: str, act: str) -> Response:
    """Do one of the desk's acts, or show beforehand what it would do."""
    view = seen(desk, bureau, number)
    return desk_case.act(
        desk,
        view,
        act,
        ACTS,
        _may(desk, view),
        form,
        lambda problem: _case(desk, seen(desk, bureau, number), problem, act, form),
    )


@router.get("/{bureau}/{number}/documents/{material}/{owner}")
def download(desk: DistrictDesk, bureau: str, number: str, material: str, owner: str) -> Response:
    """Give an attached document."""
    return cases.download(desk, bureau, number, material, owner)


def _may(desk: Desk, view: CaseView) -> dict[str, str]:
    return dict.fromkeys(view.may, desk.claim.role)


def _case(
    desk: Desk,
    view: CaseView,
    problem: Problem | None = None,
    failed: str = "",
    form: Form | None = None,
) -> Response:
    return desk_case.show(desk, view, "district/case.html", ACTS, _may(desk, view), problem, failed, form)
