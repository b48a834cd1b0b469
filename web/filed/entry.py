"""The page of one filed consortium: its units, projects and history, and the acts on the entry itself."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from casework import consortium, indicators, matter_list
from casework.matter_list import MatterView
from casework.renewal import WINDOW, opens_on
from casework.terms import Terms
from models.database import reading
from procedure.disqualification import SETTING
from procedure.instant import day_of
from web.acting import Problem
from web.cases import BUREAU_ROLES
from web.filed.view import entry_of, filed_of, record_of
from web.matter_acts import offered, perform
from web.visitor import Desk, Form, Posted, SignedInDesk

router = APIRouter(prefix="/filed/{bureau}/{number}")


@router.get("")
def page(desk: SignedInDesk, bureau: str, number: str) -> Response:
    """Show a filed consortium: its units, projects, history, and whatever concerns it."""
    return _page(desk, entry_of(desk, bureau, number))


@router.post("/{act}")
def act(desk: SignedInDesk, form: Posted, bureau: str, number: str, act: str) -> Response:
    """Do an act on the entry itself, or show first what it would do."""
    view = entry_of(desk, bureau, number)
    return perform(desk, form, view, act, partial(_page, desk))


def _page(
    desk: Desk,
    view: MatterView,
    problem: Problem | None = None,
    failed: str = "",
    form: Form | None = None,
) -> Response:
    record, entry, today = record_of(view), filed_of(desk, view), day_of(view.stands.loaded.now)
    with reading(desk.page.portal.engine) as connection:
        history = consortium.history(connection, entry)
        lines = matter_list.lines(connection, view.claims, entry=record.entry, bureau=view.bureau)
    terms = desk.page.terms(view.stands.procedure)
    months = int(view.stands.procedure.values.get(WINDOW, 6))
    opens = opens_on(record.valid_to, months)
    return desk.page.answer(
        "filed/entry.html",
        status=422 if problem else 200,
        view=view,
        bureau=view.bureau,
        record=record,
        entry=entry,
        history=[(each, *(_told(terms, said) for said in (each.before, each.after))) for each in history],
        open_lines=[line for line in lines if line.outcome is None],
        ended_lines=[line for line in lines if line.outcome is not None],
        leads="applicant" in view.roles,
        may_change="applicant" in view.roles and view.stands.subject.outcome is None,
        may_bar=bool(view.roles & set(BUREAU_ROLES)) and bool(view.stands.procedure.values.get(SETTING)),
        renewal_opens=opens,
        may_renew="applicant" in view.roles and today >= opens,
        **offered(desk, view, problem, failed, form),
    )


def _told(terms: Terms, values: dict[str, Any]) -> str:
    """Return what an entry said, before or after a change."""
    parts = [
        "、".join(each["name"] for each in value) if isinstance(value, list) else str(value)
        for name, value in values.items()
        if name not in ("form", "lead") and value is not None
    ]
    parts += [" ".join(each) for each in indicators.set_by(terms, values.get("form", {}))]
    return "；".join(parts)
