"""The bars and the research credit file of the viewer's own city."""

from typing import Any

from fastapi import APIRouter, Response

from casework import bars, clock, credit, matter_list
from models.database import reading
from procedure.act import Refusal
from procedure.instant import day_of
from web import acting
from web.acting import Problem
from web.cases import BureauDesk
from web.visitor import Desk, Form, Posted

router = APIRouter(prefix="/bureau/trust")


@router.get("")
def page(desk: BureauDesk) -> Response:
    """Show who may not lead until when, and the breaches of trust on record."""
    return _page(desk)


@router.post("")
def record(desk: BureauDesk, form: Posted) -> Response:
    """Enter a breach of trust of a unit or a person; the page asks once more before it is done."""
    names = ("uscc", "handle", "facts", "source")
    wanted = {name: text for name in names if (text := form.given(name)) is not None}
    if form.text("confirmed") != "true" and len(wanted) >= 3:
        return _page(desk, form=form, confirming=True)
    answer = credit.record(desk.page.portal.engine, desk.claim, wanted)
    return _done(desk, form, answer, "record_breach")


@router.post("/refer")
def refer(desk: BureauDesk, form: Posted) -> Response:
    """Note that a record was referred to the judicial authorities."""
    wanted = {"record": form.text("record"), "to": form.text("to"), "on": form.text("on")}
    answer = credit.refer(desk.page.portal.engine, desk.claim, wanted)
    return _done(desk, form, answer, "refer_breach")


def _done(desk: Desk, form: Form, answer: int | Refusal, act: str) -> Response:
    if isinstance(answer, Refusal):
        prefix = "" if act == "record_breach" else f"refer-{form.text('record')}-"
        return _page(desk, acting.problem(desk, None, answer, lambda path: f"{prefix}{path}"), form)
    return desk.page.go("/bureau/trust", done=act)


def _page(
    desk: Desk, problem: Problem | None = None, form: Form | None = None, *, confirming: bool = False
) -> Response:
    with reading(desk.page.portal.engine) as connection:
        today = day_of(clock.now(connection))
        own = matter_list.bureaus(connection, [desk.claim])
        barred = [each for bureau in own for each in bars.listed(connection, bureau)]
        records = [each for bureau in own for each in credit.listed(connection, bureau)]
    typed: dict[str, Any] = {} if form is None else form.texts()
    return desk.page.answer(
        "bureau/trust.html",
        status=422 if problem else 200,
        bars=barred,
        records=records,
        today=today,
        problem=problem,
        typed=typed,
        confirming=confirming,
        done=acting.done(desk.page),
    )
