"""One filed consortium on the portal: what it is now, and what lead unit or bureau begin about it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Response

from casework import (
    changes,
    claimable,
    claims,
    clock,
    consortium,
    disqualifying,
    matter_list,
    public,
    renewal,
)
from casework.acts import Receipt
from casework.claimable import Known, NoSuchEntry, Words
from casework.consortium import Filed
from casework.matter_list import MatterView
from casework.renewal import WINDOW, opens_on
from models.database import reading
from procedure.act import Refusal
from procedure.definition import FormField
from procedure.disqualification import SETTING
from procedure.entitlement import Entitlement
from procedure.entry import Entry
from procedure.form import fen
from procedure.instant import day_of
from web import acting, fields
from web.acting import Problem
from web.cases import BUREAU_ROLES
from web.doing import do
from web.errors import no_such_page
from web.fields import Shown
from web.matter_forms import form_of
from web.matters import as_role, home, of_matter, offered, seen
from web.visitor import Desk, Form, Posted, SignedInDesk

router = APIRouter(prefix="/filed/{bureau}/{number}")

MOST_JOIN: Final = 5
"""So many units can be named at once in a form; more join by another change."""


@router.get("")
def page(desk: SignedInDesk, bureau: str, number: str) -> Response:
    """Show a filed consortium: its units, projects, history, and whatever concerns it."""
    return _page(desk, _entry(desk, bureau, number))


@router.get("/change")
def change_page(desk: SignedInDesk, bureau: str, number: str, aspect: str = "") -> Response:
    """Ask what is to change, and then for what that aspect needs."""
    view = _led(desk, bureau, number)
    if aspect and aspect not in view.stands.procedure.changes:
        raise no_such_page()
    return _change(desk, view, aspect, Form.blank())


@router.post("/change")
def change(desk: SignedInDesk, form: Posted, bureau: str, number: str) -> Response:
    """Draw up a change, or show the form with room for one more unit."""
    view, aspect = _led(desk, bureau, number), form.text("aspect")
    if aspect not in view.stands.procedure.changes:
        raise no_such_page()
    if form.text("more"):
        return _change(desk, view, aspect, form)
    wanted = _wanted(aspect, form)
    answer = _begin(desk, view, "applicant", changes.propose, number, wanted, form)
    if isinstance(answer, Refusal):
        return _change(desk, view, aspect, form, acting.problem(desk, view, answer, _field_of_change))
    return _begun(desk, bureau, answer, "propose_change")


@router.get("/support")
def support(desk: SignedInDesk, bureau: str, number: str) -> Response:
    """Answer every measure of the city for this consortium: how much, why and why not, with the clause."""
    view = _entry(desk, bureau, number)
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
        record=_record(view),
        answers=answers,
        note=note,
        may_claim="applicant" in view.roles,
    )


@router.get("/support/{measure}")
def claim_page(desk: SignedInDesk, bureau: str, number: str, measure: str) -> Response:
    """Ask for what a measure needs to know."""
    return _claim(desk, _entry(desk, bureau, number), measure, Form.blank())


@router.post("/support/{measure}")
def claim(desk: SignedInDesk, form: Posted, bureau: str, number: str, measure: str) -> Response:
    """File a claim, or answer first what it would bring."""
    view = _entry(desk, bureau, number)
    known, _ = _known(desk, bureau, number)
    if known is None or measure not in known.support.measure:
        raise no_such_page()
    if form.text("ask"):
        return _claim(desk, view, measure, form)
    wanted, wrong = _asked(known, measure, form)
    if wrong is not None:
        return _claim(desk, view, measure, form, _not_an_amount(desk, wrong))
    answer = _begin(desk, view, "applicant", claims.file, number, wanted, form)
    if isinstance(answer, Refusal):
        return _claim(desk, view, measure, form, acting.problem(desk, view, answer, lambda path: path))
    return _begun(desk, bureau, answer, "file_claim")


@router.get("/renewal")
def renewal_page(desk: SignedInDesk, bureau: str, number: str) -> Response:
    """Tell from when a renewal may be prepared, and in which calls."""
    return _renewal(desk, _led(desk, bureau, number))


@router.post("/renewal")
def renew(desk: SignedInDesk, form: Posted, bureau: str, number: str) -> Response:
    """Begin a renewal, and lead to its application."""
    view, call = _led(desk, bureau, number), form.number("call")
    if call is None:
        return _renewal(desk, view, _missing(desk, "call", "filed.choose_call"))
    applicant = as_role(desk, view, "applicant")
    answer = renewal.renew(desk.page.portal.engine, applicant.claim, number, call, bureau)
    if isinstance(answer, Refusal):
        return _renewal(desk, view, acting.problem(desk, view, answer))
    acting.wake()
    return desk.page.go(f"/applicant/{bureau}/{answer.case.ref}")


@router.get("/bar")
def bar_page(desk: SignedInDesk, bureau: str, number: str) -> Response:
    """Ask the bureau for both findings that cost a unit the lead qualification."""
    return _bar(desk, _held(desk, bureau, number), Form.blank())


@router.post("/bar")
def bar(desk: SignedInDesk, form: Posted, bureau: str, number: str) -> Response:
    """Propose that the lead unit loses its qualification."""
    view = _held(desk, bureau, number)
    names = ("organised_poorly", "not_performed", "breached_on")
    wanted = {name: text for name in names if (text := form.given(name)) is not None}
    role = next(each for each in BUREAU_ROLES if each in view.roles)
    answer = _begin(desk, view, role, disqualifying.propose, number, wanted, form)
    if isinstance(answer, Refusal):
        return _bar(desk, view, form, acting.problem(desk, view, answer, lambda path: path))
    return _begun(desk, bureau, answer, "propose_disqualification")


@router.post("/{act}")
def act(desk: SignedInDesk, form: Posted, bureau: str, number: str, act: str) -> Response:
    """Do an act on the entry itself, or show first what it would do."""
    view = _entry(desk, bureau, number)
    offer = form_of(desk, view, act)
    if offer is None:
        raise no_such_page()

    def again(problem: Problem) -> Response:
        return _page(desk, _entry(desk, bureau, number), problem, act, form)

    return do(as_role(desk, view, offer.role), of_matter(view), offer, form, again)


def _begin(
    desk: Desk,
    view: MatterView,
    role: str,
    begin: Callable[..., Receipt | Refusal],
    number: str,
    wanted: dict[str, Any],
    form: Form,
) -> Receipt | Refusal:
    """Begin a matter of the entry in ``role``; the same form sent twice begins it once."""
    claim = as_role(desk, view, role).claim
    return begin(desk.page.portal.engine, claim, number, wanted, view.bureau, acting.key_of(form, wanted))


def _begun(desk: Desk, bureau: str, receipt: Receipt, act: str) -> Response:
    acting.wake("evaluation")
    return desk.page.go(f"/matters/{bureau}/{receipt.ref}", done=act)


def _entry(desk: Desk, bureau: str, number: str) -> MatterView:
    view = seen(desk, bureau, number)
    if not isinstance(view.stands.subject.record, Entry):
        raise no_such_page()
    return view


def _led(desk: Desk, bureau: str, number: str) -> MatterView:
    """Return an entry that the visitor's unit leads."""
    view = _entry(desk, bureau, number)
    if "applicant" not in view.roles:
        raise no_such_page()
    return view


def _held(desk: Desk, bureau: str, number: str) -> MatterView:
    """Return an entry of the visitor's city bureau, where its document knows bars."""
    view = _entry(desk, bureau, number)
    if not view.roles & set(BUREAU_ROLES) or not view.stands.procedure.values.get(SETTING):
        raise no_such_page()
    return view


def _record(view: MatterView) -> Entry:
    record = view.stands.subject.record
    assert isinstance(record, Entry)  # noqa: S101 - `_entry` lets nothing else pass
    return record


def _filed(desk: Desk, view: MatterView) -> Filed:
    with reading(desk.page.portal.engine) as connection:
        return consortium.filed(connection, _record(view).entry, view.bureau)


def _known(desk: Desk, bureau: str, number: str) -> tuple[Known | None, Words | None]:
    """Return the entry as measures ask of it with words for the answers; nothing where no measures ship."""
    with reading(desk.page.portal.engine) as connection:
        try:
            known = claimable.known(connection, number, day_of(clock.now(connection)), bureau)
        except (NoSuchEntry, LookupError):
            return None, None
    return known, Words(known.support, desk.page.language)


def _page(
    desk: Desk,
    view: MatterView,
    problem: Problem | None = None,
    failed: str = "",
    form: Form | None = None,
) -> Response:
    record, entry, today = _record(view), _filed(desk, view), day_of(view.stands.loaded.now)
    with reading(desk.page.portal.engine) as connection:
        history = consortium.history(connection, entry)
        lines = matter_list.lines(connection, view.claims, entry=record.entry, bureau=view.bureau)
    months = int(view.stands.procedure.values.get(WINDOW, 6))
    opens = opens_on(record.valid_to, months)
    return desk.page.answer(
        "filed/entry.html",
        status=422 if problem else 200,
        view=view,
        bureau=view.bureau,
        record=record,
        entry=entry,
        history=[(each, *map(_told, (each.before, each.after))) for each in history],
        open_lines=[line for line in lines if line.outcome is None],
        ended_lines=[line for line in lines if line.outcome is not None],
        leads="applicant" in view.roles,
        may_change="applicant" in view.roles and view.stands.subject.outcome is None,
        may_bar=bool(view.roles & set(BUREAU_ROLES)) and bool(view.stands.procedure.values.get(SETTING)),
        renewal_opens=opens,
        may_renew="applicant" in view.roles and today >= opens,
        **offered(desk, view, problem, failed, form),
    )


def _told(values: dict[str, Any]) -> str:
    """Return what an entry said, before or after a change."""
    parts = [
        "、".join(each["name"] for each in value) if isinstance(value, list) else str(value)
        for name, value in values.items()
        if name not in ("form", "lead") and value is not None
    ]
    return "；".join(parts)


def _change(
    desk: Desk, view: MatterView, aspect: str, form: Form, problem: Problem | None = None
) -> Response:
    procedure, entry = view.stands.procedure, _filed(desk, view)
    typed = form.texts()
    lead_fields = [each for each in procedure.form if each.path.startswith("lead.") and not each.personal]
    units = _joining(form)
    return desk.page.answer(
        "filed/change.html",
        status=422 if problem else 200,
        home=home(view),
        record=_record(view),
        aspects=procedure.changes,
        aspect=aspect,
        rule=next((rule for name, rule in procedure.changes.items() if name == aspect), None),
        ground=_ground(desk, view, aspect),
        entry=entry,
        lead_fields=fields.shown(desk, procedure, lead_fields, {}, typed) if aspect == "lead" else [],
        joins=[(n, _of_member(desk, view, n, typed)) for n in range(units)],
        room=units < MOST_JOIN,
        typed=typed,
        leaves=form.chosen("leaves"),
        problem=problem,
        key=acting.fresh_key(),
    )


def _ground(desk: Desk, view: MatterView, aspect: str) -> str:
    rule = next((rule for name, rule in view.stands.procedure.changes.items() if name == aspect), None)
    if rule is None:
        return ""
    terms = desk.page.terms(view.stands.procedure)
    return desk.page.say("changes.setting") if rule.clause is None else terms.clause(rule.clause)


def _joining(form: Form) -> int:
    """Return for how many joining units the form has room."""
    return min(MOST_JOIN, (form.number("joins") or 0) + (1 if form.text("more") else 0))


def _of_member(desk: Desk, view: MatterView, n: int, typed: dict[str, str]) -> list[Shown]:
    procedure = view.stands.procedure
    asked = [each for each in procedure.form if each.path.startswith("member.") and not each.personal]
    shown = fields.shown(desk, procedure, [_of_join(each, n) for each in asked], {}, typed)
    return [replace(each, id=fields.identity(each.field.path)) for each in shown]


def _of_join(field: FormField, n: int) -> FormField:
    return field.model_copy(update={"path": f"join{n}.{field.path}"})


def _wanted(aspect: str, form: Form) -> dict[str, Any]:
    """Return a change as the form asks for it; what its aspect does not ask for is not in the form."""
    wanted: dict[str, Any] = {"aspect": aspect, "reason": form.text("reason")}
    if form.given("value") is not None:
        wanted["value"] = form.text("value").replace("\r\n", "\n").strip()
    if aspect == "lead":
        wanted["lead"] = form.given("lead")
        given = form.texts("lead.")
        wanted["fields"] = {f"lead.{name}": text for name, text in given.items() if text.strip()}
    leaves = form.chosen("leaves")
    if leaves:
        wanted["leaves"] = leaves
    joins = [_unit(form, f"join{n}.") for n in range(_joining(form))]
    if any(joins):
        wanted["joins"] = [each for each in joins if each]
    return wanted


def _unit(form: Form, prefix: str) -> dict[str, Any]:
    """Return a joining unit as it was typed; nothing where its USCC was left blank."""
    if form.given(f"{prefix}uscc") is None:
        return {}
    given = {name: form.given(f"{prefix}{name}") for name in ("uscc", "name", "kind")}
    sent = form.texts(f"{prefix}member.").items()
    told = {f"member.{name}": text for name, text in sent if text.strip()}
    named = {name: value for name, value in given.items() if value is not None}
    return {**named, "core_layer": form.text(f"{prefix}core_layer") == "true", "fields": told}


def _field_of_change(path: str) -> str:
    """Return the id of the element that a particular of a change belongs to."""
    section, _, _ = path.partition(".")
    if section == "member":
        return fields.identity(f"join0.{path}")
    return {"joins": "join0-uscc"}.get(section, fields.identity(path))


def _answered(words: Words, each: Entitlement) -> dict[str, Any]:
    """Return an answer as a page shows it."""
    return {
        "measure": each.measure,
        "title": words.measure(each.measure),
        "verdict": each.verdict,
        "says": words.verdict(each),
        "amount": words.amount(each),
        "reasons": [(words.reason(reason), words.ground(reason.clause)) for reason in each.reasons],
    }


def _claim(
    desk: Desk, view: MatterView, measure: str, form: Form, problem: Problem | None = None
) -> Response:
    number = _record(view).entry
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
    names = [*rule.requires, *([rule.amount.of] if rule.amount.of else [])]
    return desk.page.answer(
        "filed/claim.html",
        status=422 if problem else 200,
        home=home(view),
        record=_record(view),
        measure=measure,
        rule=rule,
        answer=_answered(words, answer),
        facts=[(name, known.support.facts[name]) for name in names],
        units=_filed(desk, view).composition.units,
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


def _missing(desk: Desk, target: str, key: str) -> Problem:
    return Problem("", ((target, desk.page.say(key)),), "", None)


def _renewal(desk: Desk, view: MatterView, problem: Problem | None = None) -> Response:
    record = _record(view)
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


def _bar(desk: Desk, view: MatterView, form: Form, problem: Problem | None = None) -> Response:
    setting = view.stands.procedure.settings[SETTING]
    terms = desk.page.terms(view.stands.procedure)
    return desk.page.answer(
        "filed/bar.html",
        status=422 if problem else 200,
        home=home(view),
        record=_record(view),
        years=view.stands.procedure.values[SETTING],
        ground=desk.page.say("changes.setting") if setting.clause is None else terms.clause(setting.clause),
        typed=form.texts(),
        problem=problem,
        key=acting.fresh_key(),
    )
