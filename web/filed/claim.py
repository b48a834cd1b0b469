"""Support of a filed consortium: what every measure comes to, and claiming one of them."""

from typing import Any

from fastapi import APIRouter, Response

from casework import claimable, claims, clock
from casework.claimable import Known, NoSuchEntry, Words
from casework.matter_list import MatterView
from models.database import reading
from procedure.act import Refusal
from procedure.entitlement import Entitlement
from procedure.form import fen
from procedure.instant import day_of
from web import acting
from web.acting import Problem
from web.errors import no_such_page
from web.filed.view import begin, begun, entry_of, filed_of, record_of
from web.matter_acts import home
from web.visitor import Desk, Form, Posted, SignedInDesk

router = APIRouter(prefix="/filed/{bureau}/{number}")


@router.get("/support")
def support(desk: SignedInDesk, bureau: str, number: str) -> Response:
    """Answer every measure of the city for this consortium: how much, why and why not, with the clause."""
    view = entry_of(desk, bureau, number)
    known, words = _known(desk, bureau, number)
    if known is None or words is None:
        answers, note = list[dict[str, Any]](), None
    else:
        told = claimable.answers(known, day_of(view.stands.loaded.now))
        answers, note = [_answered(words, each) for each in told], known.support.note
    return desk.page.answer(
        "filed/support.html",
        view=view,
        home=home(view),
        record=record_of(view),
        answers=answers,
        note=note,
        may_claim="applicant" in view.roles,
    )


@router.get("/support/{measure}")
def claim_page(desk: SignedInDesk, bureau: str, number: str, measure: str) -> Response:
    """Ask for what a measure needs to know."""
    return _claim(desk, entry_of(desk, bureau, number), measure, Form.blank())


@router.post("/support/{measure}")
def claim(desk: SignedInDesk, form: Posted, bureau: str, number: str, measure: str) -> Response:
    """File a claim, or answer first what it would bring."""
    view = entry_of(desk, bureau, number)
    known, _ = _known(desk, bureau, number)
    if known is None or measure not in known.support.measure:
        raise no_such_page()
    if form.text("ask"):
        return _claim(desk, view, measure, form)
    wanted, wrong = _asked(known, measure, form)
    if wrong is not None:
        return _claim(desk, view, measure, form, _not_an_amount(desk, wrong))
    answer = begin(desk, view, "applicant", claims.file, number, wanted, form)
    if isinstance(answer, Refusal):
        return _claim(desk, view, measure, form, acting.problem(desk, view, answer, lambda path: path))
    return begun(desk, bureau, answer, "file_claim")


def _answered(words: Words, each: Entitlement) -> dict[str, Any]:
    """Return an answer as a page shows it."""
    return {
        "measure": each.measure,
        "title": words.measure(each.measure),
        "verdict": each.verdict,
        "says": words.verdict(each),
        "amount": words.amount(each),
        "scope": words.scope(each.measure),
        "note": words.note(each.measure),
        "reasons": [(words.reason(reason), words.ground(reason.clause)) for reason in each.reasons],
    }


def _claim(
    desk: Desk, view: MatterView, measure: str, form: Form, problem: Problem | None = None
) -> Response:
    number = record_of(view).entry
    known, words = _known(desk, view.bureau, number)
    if known is None or words is None or measure not in known.support.measure:
        raise no_such_page()
    rule = known.support.measure[measure]
    wanted, wrong = _asked(known, measure, form)
    if wrong is not None and problem is None:
        problem = _not_an_amount(desk, wrong)
    [answer] = claimable.answers(
        known,
        day_of(view.stands.loaded.now),
        measure=measure,
        beneficiary=wanted.get("beneficiary"),
        of=wanted.get("object"),
        year=wanted.get("year"),
        facts=wanted["facts"],
    )
    needed = [*rule.requires, *([rule.amount.of] if rule.amount.of else [])]
    names = [name for name in needed if known.support.facts[name].of_register is None]
    return desk.page.answer(
        "filed/claim.html",
        status=422 if problem else 200,
        home=home(view),
        record=record_of(view),
        measure=measure,
        rule=rule,
        answer=_answered(words, answer),
        facts=[(name, known.support.facts[name]) for name in names],
        units=filed_of(desk, view).composition.units,
        typed=form.texts(),
        may_claim="applicant" in view.roles,
        problem=problem,
        key=acting.fresh_key(),
    )


def _asked(known: Known, measure: str, form: Form) -> tuple[dict[str, Any], str | None]:
    """Return what a claim asks for, and the fact whose amount cannot be read."""
    rule = known.support.measure[measure]
    wanted: dict[str, Any] = {"measure": measure, "facts": {}}
    for name in ("beneficiary", "object", "amount"):
        if (given := form.given(name)) is not None:
            wanted[name] = given
    if form.given("year") is not None:
        wanted["year"] = form.number("year") if form.number("year") is not None else form.text("year")
    for name in rule.requires:
        if form.text(f"fact.{name}") in ("true", "false"):
            wanted["facts"][name] = form.text(f"fact.{name}") == "true"
    of = rule.amount.of
    given = None if of is None else form.given(f"fact.{of}")
    if of is not None and given is not None:
        amount = fen(given)
        if amount is None:
            return wanted, of
        wanted["facts"][of] = amount
    return wanted, None


def _not_an_amount(desk: Desk, fact: str) -> Problem:
    return acting.problem(desk, None, Refusal("no_amount", {"given": fact}))


def _known(desk: Desk, bureau: str, number: str) -> tuple[Known | None, Words | None]:
    """Return the entry as measures ask of it with words for the answers; nothing where no measures ship."""
    with reading(desk.page.portal.engine) as connection:
        try:
            known = claimable.known(connection, number, day_of(clock.now(connection)), bureau)
        except (NoSuchEntry, LookupError):
            return None, None
    return known, Words(known.support, desk.page.language)
