"""The acts on a case as a desk offers them: which inputs each has, filled from the case and its people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from casework import case_view, desks, panels, roster
from casework.case_view import CaseView
from models.database import reading
from procedure import written
from procedure.act import Expert
from procedure.acts.rectifiable import FILING, PAPERS, VISIT
from procedure.definition import act_rules
from procedure.instant import instant
from procedure.panel import Exclusion
from procedure.subject import Application, Rectification
from web.act_inputs import ActForm, Input, Option
from web.visitor import Desk

FINAL: Final = frozenset(
    {
        "decline",
        "refuse_papers",
        "pass_review",
        "reject",
        "draw_panel",
        "name_panel",
        "replace_expert",
        "close_scoring",
        "record_visit",
        "record_defence",
        "decide_objection",
        "file",
        "confirm_rectification",
    }
)
"""The acts that cannot be undone: unless the pack lets them be taken back, they are asked for twice."""

QUIET: Final = frozenset(
    {
        "revoke_return",
        "revoke_waiver",
        "reassign",
        "take_back",
        "extend_deadline",
        "suspend_deadline",
        "resume_deadline",
        "propose_rectification",
        "lodge_objection",
        "replace_expert",
    }
)
"""The acts that are seldom needed: a page keeps them folded."""


@dataclass(frozen=True)
class _Case:
    """A case and the people around it, looked up as far as an act needs them."""

    desk: Desk
    view: CaseView

    @property
    def a(self) -> Application:
        return self.view.application

    def label(self, name: str) -> str:
        return self.desk.page.terms().term("fields", name)

    def say(self, key: str, **facts: object) -> str:
        return self.desk.page.say(key, **facts)

    @cached_property
    def panel(self) -> tuple[Option, ...]:
        with reading(self.desk.page.portal.engine) as connection:
            names = roster.names(connection, self.a.panel)
        return tuple(Option(names[each].handle, names[each].name) for each in self.a.panel)

    @cached_property
    def candidates(self) -> list[tuple[Expert, Exclusion | None]]:
        with reading(self.desk.page.portal.engine) as connection:
            return panels.candidates(connection, self.view.stands.loaded)

    @property
    def proposed(self) -> Rectification | None:
        return next((each for each in self.a.rectifications if each.state == "proposed"), None)

    def cleared(self) -> Input:
        """Return the input for experts who only bear the name of somebody of the case."""
        unclear = [each for each, why in self.candidates if why is not None and why.ground == "same_name"]
        options = tuple(Option(each.handle, each.name) for each in unclear)
        hint = self.say("act.cleared_hint")
        return Input("cleared", "each", self.label("cleared"), options, hint)

    def text(self, name: str, key: str = "", *, given: str = "", optional: bool = False) -> Input:
        hint = self.say(key) if key else ""
        return Input(name, "text", self.label(name), hint=hint, given=given, optional=optional)

    def line(self, name: str, key: str = "", *, given: str = "", optional: bool = False) -> Input:
        hint = self.say(key) if key else ""
        return Input(name, "line", self.label(name), hint=hint, given=given, optional=optional)


def forms(desk: Desk, view: CaseView, wanted: Sequence[str], may: Mapping[str, str]) -> list[ActForm]:
    """Return the acts of ``wanted`` that can be done now, in that order; ``may`` gives each one's role."""
    case = _Case(desk, view)
    found = [_form(case, act, may) for act in wanted if act in may and _makes_sense(case, act, may)]
    return [each for each in found if each.can_be_given]


def form_of(desk: Desk, view: CaseView, act: str, may: Mapping[str, str]) -> ActForm:
    """Return the form of an act, whether it can be done now or not: what was sent must still be read."""
    return _form(_Case(desk, view), act, may)


def _form(case: _Case, act: str, may: Mapping[str, str]) -> ActForm:
    rule = case.view.may_anybody.get(act)
    final = act in FINAL and not (rule is not None and rule.may_be_taken_back)
    inputs = _INPUTS[act](case) if act in _INPUTS else []
    return ActForm(act, may.get(act, case.desk.claim.role), tuple(inputs), final, act in QUIET)


def _makes_sense(case: _Case, act: str, may: Mapping[str, str]) -> bool:
    """Return whether an act is worth offering: what it acts on is there, and is not done already."""
    a, stage = case.a, case.view.stands.stage
    match act:
        case "accept_online" | "endorse" if "accept_online" in may:
            return (a.accepted_at is not None) == (act == "endorse")
        case "draw_panel":
            return not a.panel or bool(a.order)
        case "record_visit":
            return a.visit is not None
        case "record_defence":
            return a.defence is not None and a.defence.attended is None
        case "lodge_objection":
            return a.publicity is not None
        case "confirm_rectification" | "decline_rectification":
            return case.proposed is not None
        case "close_scoring":
            return stage.id not in a.means
        case "propose_rectification":
            return a.submitted_at is not None and case.proposed is None
        case "take_back":
            return _may_be_taken_back(case)
        case _:
            return True


def _may_be_taken_back(case: _Case) -> bool:
    with reading(case.desk.page.portal.engine) as connection:
        person, act = case_view.last_act(connection, case.view.id)
    rules = act_rules(case.view.stands.procedure.application, "application")
    may = any(rule.may_be_taken_back for where, rule in rules if where.endswith(f".{act}"))
    return may and person == case.desk.claim.person


def _items(case: _Case) -> list[Input]:
    procedure, terms = case.view.stands.procedure, case.desk.page.terms(case.view.stands.procedure)
    before = [each for each in case.a.returns if each.stage == case.view.stands.stage.id]
    if before:
        items = [remark.item for remark in before[0].items]
    else:
        items = [field.path for field in procedure.form if not field.path.startswith("member.")]
        items += [f"document:{each.id}" for each in procedure.materials if each.by != "district"]
        items += [f"member:{member.uscc}" for member in case.a.members]
    options = tuple(Option(item, terms.item(item)) for item in items)
    return [Input("items", "remarks", case.label("items"), options)]


def _papers(case: _Case) -> list[Input]:
    procedure = case.view.stands.procedure
    copies = {material.id: material.copies for material in procedure.materials}
    inputs = [Input("letter", "check", case.label("letter"))]
    if case.a.district_kind in procedure.joint_letter_kinds:
        inputs.append(Input("finance_signed", "check", case.label("finance_signed")))
    for name, material in (("application_copies", "application_form"), ("summary_copies", "summary_table")):
        label = case.say("act.copies", title=case.label(name), n=copies.get(material, 0))
        inputs.append(Input(name, "number", label))
    return inputs


def _review(case: _Case) -> list[Input]:
    terms = case.desk.page.terms(case.view.stands.procedure)
    unclear = [each for each in case.view.stands.eligibility() if each.answer == "cannot_tell"]
    options = tuple(Option(each.rule, terms.rule(each.rule), terms.ground(each.rule)) for each in unclear)
    findings = Input("findings", "verdicts", case.label("findings"), options)
    return [findings, case.text("note", optional=True)]


def _rules(case: _Case, *answers: str) -> tuple[Option, ...]:
    terms = case.desk.page.terms(case.view.stands.procedure)
    return tuple(
        Option(each.rule, terms.rule(each.rule), terms.ground(each.rule))
        for each in case.view.stands.eligibility()
        if each.answer in answers
    )


def _rejection(case: _Case) -> list[Input]:
    rules = Input("rules", "many", case.say("act.rules_failed"), _rules(case, "not_met", "cannot_tell"))
    return [case.text("reason"), rules]


def _waiver(case: _Case) -> list[Input]:
    waivable = {rule.id for rule in case.view.stands.procedure.rules if rule.waivable}
    options = tuple(each for each in _rules(case, "not_met", "cannot_tell") if each.value in waivable)
    return [Input("rule", "radio", case.label("rule"), options), case.text("reason")]


def _waived(case: _Case) -> list[Input]:
    terms = case.desk.page.terms(case.view.stands.procedure)
    unused = [each for each in case.a.waivers if each.used_at is None]
    options = tuple(Option(each.rule, terms.rule(each.rule), each.reason) for each in unused)
    return [Input("rule", "radio", case.label("rule"), options), case.text("reason")]


def _naming(case: _Case) -> list[Input]:
    found = case.candidates
    terms = case.desk.page.terms()
    options = tuple(
        Option(
            each.handle,
            each.name,
            terms.term("grounds", why.ground) if why else terms.listed(each.fields) if each.fields else "",
        )
        for each, why in found
    )
    n = case.view.stands.procedure.number("panel_size")
    return [
        Input("experts", "many", case.label("experts"), options, case.say("act.panel_size", n=n)),
        case.cleared(),
    ]


def _visit(case: _Case) -> list[Input]:
    visit = case.a.visit
    needed = case.view.stands.procedure.number("visit_team")
    at = "" if visit is None else f"{instant(visit.scheduled_for):YYYY-MM-DDTHH:mm}"
    team = "" if visit is None else "\n".join(visit.team)
    return [
        Input("at", "moment", case.label("at"), given=at),
        Input("team", "lines", case.label("team"), hint=case.say("act.team_hint", n=needed), given=team),
    ]


def _visited(case: _Case) -> list[Input]:
    results = tuple(Option(each, case.say(f"act.{each}")) for each in ("passed", "failed"))
    return [
        Input("on", "day", case.label("on")),
        Input("result", "radio", case.label("result"), results),
        Input("findings", "text", case.say("act.found")),
    ]


def _defence(case: _Case) -> list[Input]:
    defence = case.a.defence
    at = "" if defence is None else f"{instant(defence.scheduled_for):YYYY-MM-DDTHH:mm}"
    return [
        Input("at", "moment", case.say("act.defence_at"), given=at),
        case.line("place", given="" if defence is None else defence.place),
        Input(
            "position",
            "number",
            case.label("position"),
            hint=case.say("act.position_hint"),
            given="" if defence is None else str(defence.position),
        ),
    ]


def _defended(case: _Case) -> list[Input]:
    return [
        Input("attended", "check", case.label("attended")),
        Input("present", "many", case.label("present"), case.panel),
        case.text("note", optional=True),
    ]


def _replacement(case: _Case) -> list[Input]:
    return [Input("expert", "radio", case.label("expert"), case.panel), case.text("reason", "act.tried")]


def _objection(case: _Case) -> list[Input]:
    return [
        case.text("text"),
        case.line("objector", "act.objector_hint", optional=True),
        case.line("contact", optional=True),
        Input(
            "received_at",
            "moment",
            case.label("received_at"),
            hint=case.say("act.received_hint"),
            optional=True,
        ),
    ]


def _decision(case: _Case) -> list[Input]:
    terms = case.desk.page.terms()
    waiting = [each for each in case.a.objections if each.result is None]
    options = tuple(
        Option(
            str(each.number),
            case.say("act.objection", n=each.number),
            terms.moment(each.lodged_at.isoformat()),
        )
        for each in waiting
    )
    results = tuple(Option(each, terms.term("states", each)) for each in ("upheld", "dismissed"))
    return [
        Input(
            "objection", "radio", case.label("objection"), options, given=options[0].value if options else ""
        ),
        Input("result", "radio", case.say("act.decision"), results),
        case.text("reason", "act.answer_hint"),
    ]


def _filing(case: _Case) -> list[Input]:
    return [
        case.line("document_number"),
        Input("document_date", "day", case.label("document_date")),
        case.line("direction", "act.direction_hint", optional=True),
        Input(
            "valid_to",
            "day",
            case.label("valid_to"),
            hint=case.say("act.valid_to_hint", n=case.view.stands.procedure.validity.years),
            optional=True,
        ),
        case.text("validity_reason", optional=True),
    ]


def _clock(*states: str, until: bool = False) -> Callable[[_Case], list[Input]]:
    def inputs(case: _Case) -> list[Input]:
        procedure, subject = case.view.stands.procedure, case.view.stands.subject
        may = {"suspended": "suspend"}.get(states[0], "extend" if until else "suspend")
        rules = procedure.life(subject.kind).deadline
        language = case.desk.page.language
        options = tuple(
            Option(each.name, rules[each.name].title.of(language), written.when(each.due_at, language))
            for each in subject.deadlines
            if each.state in states
            and may in rules[each.name].may
            and each.name not in case.view.stands.stage.suspends
        )
        day = [Input("until", "day", case.label("until"), hint=case.say("act.until_hint"))] if until else []
        given = options[0].value if options else ""
        return [
            Input("deadline", "radio", case.label("deadline"), options, given=given),
            *day,
            case.text("reason"),
        ]

    return inputs


def _colleagues(case: _Case) -> list[Input]:
    stage, a = case.view.stands.stage, case.a
    unit = a.district if stage.holder == "district" else case.view.bureau
    role = {"district": "district_officer", "bureau": "city_officer"}.get(stage.holder)
    with reading(case.desk.page.portal.engine) as connection:
        found = desks.officers(connection, case.view.stands.loaded)
    options = tuple(
        Option(each.handle, each.name, case.say("act.away", name=each.substitute) if each.substitute else "")
        for each in found
        if (each.role, each.unit) == (role, unit) and each.person != a.desk
    )
    return [Input("officer", "pick", case.label("officer"), options), case.text("reason")]


def _correction(case: _Case) -> list[Input]:
    a, terms = case.a, case.desk.page.terms(case.view.stands.procedure)
    known: list[tuple[str, str]] = [(path, terms.value(path, value)) for path, value in a.form.items()]
    if a.visit is not None and a.visit.result is not None:
        said = (f"{a.visit.visited_on}", a.visit.result, a.visit.findings or "")
        known += list(zip(VISIT, said, strict=True))
    if a.papers is not None:
        known += [(item, str(getattr(a.papers, item.partition(".")[2])).lower()) for item in PAPERS]
    if a.filing is not None:
        said = (a.filing.document_number, a.filing.valid_from.isoformat(), a.filing.direction)
        known += list(zip(FILING, said, strict=True))
    options = tuple(Option(item, terms.item(item), said) for item, said in known)
    return [
        Input("items", "each", case.say("act.corrections"), options, case.say("act.corrections_hint")),
        case.text("reason"),
    ]


def _proposal(case: _Case) -> Input:
    number = "" if case.proposed is None else str(case.proposed.number)
    return Input("rectification", "hidden", "", given=number)


_INPUTS: Final[dict[str, Callable[[_Case], list[Input]]]] = {
    "endorse": lambda case: [
        case.text("opinion"),
        Input("position", "number", case.label("position"), hint=case.say("act.place_hint"), optional=True),
    ],
    "decline": lambda case: [case.text("reason")],
    "return_for_correction": _items,
    "deliver_papers": _papers,
    "accept_late_papers": lambda case: [case.text("reason")],
    "refuse_papers": lambda case: [case.text("reason")],
    "pass_review": _review,
    "reject": _rejection,
    "waive_rule": _waiver,
    "revoke_waiver": _waived,
    "name_panel": _naming,
    "draw_panel": lambda case: [case.cleared()],
    "replace_expert": _replacement,
    "schedule_visit": _visit,
    "record_visit": _visited,
    "schedule_defence": _defence,
    "record_defence": _defended,
    "lodge_objection": _objection,
    "decide_objection": _decision,
    "file": _filing,
    "extend_deadline": _clock("running", "overdue", until=True),
    "suspend_deadline": _clock("running"),
    "resume_deadline": _clock("suspended"),
    "reassign": _colleagues,
    "take_back": lambda case: [case.text("reason")],
    "propose_rectification": _correction,
    "confirm_rectification": lambda case: [_proposal(case)],
    "decline_rectification": lambda case: [_proposal(case), case.text("reason")],
}
