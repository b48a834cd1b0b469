"""A case at the city bureau: its checklist, its documents, and everything the bureau does to it."""

from typing import Final

from fastapi import APIRouter, Response

from casework import case_view, publicity
from casework.case_view import CaseView
from models.database import reading
from web import cases, desk_case
from web.acting import Problem
from web.cases import BUREAU_ROLES, BureauDesk, home, seen
from web.urge import urge
from web.visitor import Desk, Form, Posted

router = APIRouter(prefix="/bureau")

ACTS: Final = (
    "deliver_papers",
    "accept_late_papers",
    "refuse_papers",
    "pass_review",
    "return_for_correction",
    "waive_rule",
    "reject",
    "draw_panel",
    "name_panel",
    "schedule_visit",
    "record_visit",
    "schedule_defence",
    "record_defence",
    "close_scoring",
    "decide_objection",
    "file",
    "confirm_rectification",
    "decline_rectification",
    "lodge_objection",
    "replace_expert",
    "revoke_return",
    "revoke_waiver",
    "reassign",
    "take_back",
    "extend_deadline",
    "suspend_deadline",
    "resume_deadline",
    "propose_rectification",
)
"""What the bureau does to a case, in the order in which its page offers it."""


@router.get("/{bureau}/{number}")
def case(desk: BureauDesk, bureau: str, number: str) -> Response:
    """Show a case with its documents beside the conditions, and what can be done to it."""
    return _case(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/urge")
def urge_holder(desk: BureauDesk, form: Posted, bureau: str, number: str) -> Response:
    """Remind whoever holds the case."""
    view = seen(desk, bureau, number)
    return urge(desk, view, form, home(desk, view), lambda problem: _case(desk, view, problem, "urge", form))


@router.post("/{bureau}/{number}/{act}")
def act(desk: BureauDesk, form: Posted, bureau: str, number: str, act: str) -> Response:
    """Do one of the bureau's acts, or show beforehand what it would do."""
    view = seen(desk, bureau, number)
    return desk_case.act(
        desk,
        view,
        act,
        ACTS,
        may(desk, view),
        form,
        lambda problem: _case(desk, seen(desk, bureau, number), problem, act, form),
    )


@router.get("/{bureau}/{number}/documents/{material}/{owner}")
def download(desk: BureauDesk, bureau: str, number: str, material: str, owner: str) -> Response:
    """Give an attached document."""
    return cases.download(desk, bureau, number, material, owner)


def may(desk: Desk, view: CaseView) -> dict[str, str]:
    """Return the acts that the visitor may do to a case in any of their roles, with the role for each."""
    roles = [role for role in BUREAU_ROLES if role in desk.viewer.roles]
    found: dict[str, str] = {}
    for role in roles:
        for name in case_view.allowed(view.stands, role):
            found.setdefault(name, role)
    return found


def _case(
    desk: Desk,
    view: CaseView,
    problem: Problem | None = None,
    failed: str = "",
    form: Form | None = None,
) -> Response:
    with reading(desk.page.portal.engine) as connection:
        objections = publicity.objections(connection, view.id)
    return desk_case.show(
        desk,
        view,
        "bureau/case.html",
        ACTS,
        may(desk, view),
        problem,
        failed,
        form,
        objections=objections,
    )
