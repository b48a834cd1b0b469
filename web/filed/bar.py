"""Proposing that the lead unit of a filed consortium loses its qualification, with both findings."""

from fastapi import APIRouter, Response

from casework import disqualifying
from casework.matter_list import MatterView
from procedure.act import Refusal
from procedure.disqualification import SETTING
from web import acting
from web.acting import Problem
from web.cases import BUREAU_ROLES
from web.filed.view import begin, begun, held, record_of
from web.matter_acts import home
from web.visitor import Desk, Form, Posted, SignedInDesk

router = APIRouter(prefix="/filed/{bureau}/{number}")


@router.get("/bar")
def bar_page(desk: SignedInDesk, bureau: str, number: str) -> Response:
    """Ask the bureau for both findings that cost a unit the lead qualification."""
    return _bar(desk, held(desk, bureau, number), Form.blank())


@router.post("/bar")
def bar(desk: SignedInDesk, form: Posted, bureau: str, number: str) -> Response:
    """Propose that the lead unit loses its qualification."""
    view = held(desk, bureau, number)
    names = ("organised_poorly", "not_performed", "breached_on")
    wanted = {name: text for name in names if (text := form.given(name)) is not None}
    role = next(each for each in BUREAU_ROLES if each in view.roles)
    answer = begin(desk, view, role, disqualifying.propose, number, wanted, form)
    if isinstance(answer, Refusal):
        return _bar(desk, view, form, acting.problem(desk, view, answer, lambda path: path))
    return begun(desk, bureau, answer, "propose_disqualification")


def _bar(desk: Desk, view: MatterView, form: Form, problem: Problem | None = None) -> Response:
    setting = view.stands.procedure.settings[SETTING]
    terms = desk.page.terms(view.stands.procedure)
    return desk.page.answer(
        "filed/bar.html",
        status=422 if problem else 200,
        home=home(view),
        record=record_of(view),
        years=view.stands.procedure.values[SETTING],
        ground=desk.page.say("changes.setting") if setting.clause is None else terms.clause(setting.clause),
        typed=form.texts(),
        problem=problem,
        key=acting.fresh_key(),
    )
