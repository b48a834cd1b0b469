"""Proposing a change of a filed consortium: the aspect, what it needs, and who joins or leaves."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Response

from casework import changes
from casework.matter_list import MatterView
from procedure import indicator
from procedure.act import Refusal
from procedure.definition import FormField
from web import acting, fields
from web.acting import Problem
from web.errors import no_such_page
from web.fields import Shown
from web.filed.view import begin, begun, filed_of, led, record_of
from web.matter_acts import home
from web.visitor import Desk, Form, Posted, SignedInDesk

router = APIRouter(prefix="/filed/{bureau}/{number}")

MOST_JOIN: Final = 5
"""So many units can be named at once in a form; more join by another change."""


@router.get("/change")
def change_page(desk: SignedInDesk, bureau: str, number: str, aspect: str = "") -> Response:
    """Ask what is to change, and then for what that aspect needs."""
    view = led(desk, bureau, number)
    if aspect and aspect not in view.stands.procedure.changes:
        raise no_such_page()
    return _change(desk, view, aspect, Form.blank())


@router.post("/change")
def change(desk: SignedInDesk, form: Posted, bureau: str, number: str) -> Response:
    """Draw up a change, or show the form with room for one more unit."""
    view, aspect = led(desk, bureau, number), form.text("aspect")
    if aspect not in view.stands.procedure.changes:
        raise no_such_page()
    if form.text("more"):
        return _change(desk, view, aspect, form)
    wanted = _wanted(aspect, form)
    answer = begin(desk, view, "applicant", changes.propose, number, wanted, form)
    if isinstance(answer, Refusal):
        return _change(desk, view, aspect, form, acting.problem(desk, view, answer, _field_of_change))
    return begun(desk, bureau, answer, "propose_change")


def _change(
    desk: Desk, view: MatterView, aspect: str, form: Form, problem: Problem | None = None
) -> Response:
    procedure, entry = view.stands.procedure, filed_of(desk, view)
    typed = form.texts()
    units = _joining(form)
    return desk.page.answer(
        "filed/change.html",
        status=422 if problem else 200,
        home=home(view),
        record=record_of(view),
        aspects=procedure.changes,
        aspect=aspect,
        rule=next((rule for name, rule in procedure.changes.items() if name == aspect), None),
        ground=_ground(desk, view, aspect),
        entry=entry,
        asked=_asked(desk, view, aspect, entry.composition.form, typed),
        joins=[(n, _of_member(desk, view, n, typed)) for n in range(units)],
        room=units < MOST_JOIN,
        typed=typed,
        leaves=form.chosen("leaves"),
        problem=problem,
        key=acting.fresh_key(),
    )


def _asked(
    desk: Desk, view: MatterView, aspect: str, now: Mapping[str, Any], typed: dict[str, str]
) -> list[Shown]:
    """Return the fields of the form that an aspect asks for: a new lead's, or the targets of a plan."""
    procedure = view.stands.procedure
    if aspect == "plan":
        terms = desk.page.terms(procedure)
        targets = list(indicator.fields(procedure).values())
        hints = {
            each.path: desk.page.say("filed.stays", value=terms.value(each.path, now[each.path]))
            for each in targets
            if now.get(each.path) is not None
        }
        shown = fields.shown(desk, procedure, targets, {}, typed)
        return [replace(each, hint=hints.get(each.field.path, each.hint)) for each in shown]
    of_lead = [each for each in procedure.form if each.path.startswith("lead.") and not each.personal]
    return fields.shown(desk, procedure, of_lead, {}, typed) if aspect == "lead" else []


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
    section = {"lead": "lead.", "plan": "consortium."}.get(aspect)
    if section is not None:
        sent = form.texts(section).items()
        wanted["fields"] = {f"{section}{name}": text for name, text in sent if text.strip()}
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
