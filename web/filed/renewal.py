"""Renewing a filed consortium: from when, and in which call."""

from fastapi import APIRouter, Response

from casework import clock, public, renewal
from casework.matter_list import MatterView
from casework.renewal import WINDOW, opens_on
from models.database import reading
from procedure.act import Refusal
from procedure.instant import day_of
from web import acting
from web.acting import Problem
from web.filed.view import led, record_of
from web.matter_acts import as_role, home
from web.visitor import Desk, Posted, SignedInDesk

router = APIRouter(prefix="/filed/{bureau}/{number}")


@router.get("/renewal")
def renewal_page(desk: SignedInDesk, bureau: str, number: str) -> Response:
    """Tell from when a renewal may be prepared, and in which calls."""
    return _renewal(desk, led(desk, bureau, number))


@router.post("/renewal")
def renew(desk: SignedInDesk, form: Posted, bureau: str, number: str) -> Response:
    """Begin a renewal, and lead to its application."""
    view, call = led(desk, bureau, number), form.number("call")
    if call is None:
        return _renewal(desk, view, _missing(desk, "call", "filed.choose_call"))
    applicant = as_role(desk, view, "applicant")
    answer = renewal.renew(desk.page.portal.engine, applicant.claim, number, call, bureau)
    if isinstance(answer, Refusal):
        return _renewal(desk, view, acting.problem(desk, view, answer))
    acting.wake()
    return desk.page.go(f"/applicant/{bureau}/{answer.case.ref}")


def _renewal(desk: Desk, view: MatterView, problem: Problem | None = None) -> Response:
    record = record_of(view)
    months = int(view.stands.procedure.values.get(WINDOW, 6))
    with reading(desk.page.portal.engine) as connection:
        cards = public.call_cards(connection, clock.now(connection), view.bureau)
    opens = opens_on(record.valid_to, months)
    return desk.page.answer(
        "filed/renewal.html",
        status=422 if problem else 200,
        home=home(view),
        record=record,
        opens=opens,
        may=day_of(view.stands.loaded.now) >= opens,
        calls=[card for card in cards if card.accepting],
        problem=problem,
        key=acting.fresh_key(),
    )


def _missing(desk: Desk, target: str, key: str) -> Problem:
    return Problem("", ((target, desk.page.say(key)),), "", None)
