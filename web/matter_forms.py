"""The acts after filing as a page offers them: which inputs each has, filled from what it is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from casework import grants, indicators, matter_list
from casework.matter_list import MatterView
from models.database import reading
from procedure import written
from procedure.acts.change import RUNNING_PROJECT
from procedure.change import Change
from procedure.claim import SupportClaim
from procedure.definition import ActRule
from procedure.entry import Entry
from procedure.evaluation import Evaluation
from procedure.form import yuan
from procedure.instant import day_of
from web.act_inputs import ActForm, Input, Option
from web.visitor import Desk

FINAL: Final = frozenset(
    {
        "hand_in_change",
        "consent_to_change",
        "refuse_change",
        "decide_change",
        "grade",
        "decide_grade_appeal",
        "accept_rectification",
        "recover_funds",
        "postpone_evaluation",
        "waive_evaluation",
        "give_notice",
        "decide_revocation",
        "decide_revocation_appeal",
        "notify_findings",
        "decide_disqualification",
        "serve_disqualification",
        "decide_disqualification_appeal",
        "approve_claim",
        "reject_claim",
        "pay_claim",
        "recover_claim",
        "nominate",
    }
)
"""The acts that cannot be undone: they are asked for twice."""

QUIET: Final = frozenset(
    {
        "withdraw_change",
        "exempt_change",
        "postpone_evaluation",
        "waive_evaluation",
        "extend_deadline",
        "withdraw_claim",
        "decide_question",
        "recover_claim",
        "begin_project",
        "end_project",
        "plan_follow_up",
        "record_follow_up",
        "nominate",
    }
)
"""The acts that are seldom needed: a page keeps them folded."""

APART: Final = frozenset({"attach_material"})
"""The acts that have a form of their own on the page."""


@dataclass(frozen=True)
class _At:
    """A matter, or an entry, with its viewer's language."""

    desk: Desk
    view: MatterView

    def say(self, name: str) -> str:
        return self.desk.page.say(f"matters.{name}")

    @property
    def language(self) -> str:
        return self.desk.page.language

    @property
    def today(self) -> str:
        return day_of(self.view.stands.loaded.now).isoformat()

    def text(self, name: str, *, hint: str = "", optional: bool = False) -> Input:
        return Input(name, "text", self.say(name), hint=hint, optional=optional)

    def line(self, name: str, *, given: str = "", hint: str = "", optional: bool = False) -> Input:
        return Input(name, "line", self.say(name), hint=hint, given=given, optional=optional)

    def day(self, name: str = "on", *, given: str | None = None) -> Input:
        return Input(name, "day", self.say(name), given=self.today if given is None else given)

    def one_of(self, name: str, *values: str) -> Input:
        return Input(name, "radio", self.say(name), tuple(Option(each, self.say(each)) for each in values))

    def yes(self, name: str) -> Input:
        page = self.desk.page
        options = (Option("true", page.say("form.yes")), Option("false", page.say("form.no")))
        return Input(name, "answer", self.say(name), options)


def forms(desk: Desk, view: MatterView) -> list[ActForm]:
    """Return the acts that the visitor can do now to a matter, or to an entry, each in its role."""
    found = [_form(desk, view, act, rule) for act, rule in _open(view).items() if act not in APART]
    return [each for each in found if each.role and each.can_be_given and _makes_sense(desk, view, each.act)]


def form_of(desk: Desk, view: MatterView, act: str) -> ActForm | None:
    """Return the form of an act that is open to the visitor; None for any other."""
    rule = _open(view).get(act)
    form = None if rule is None else _form(desk, view, act, rule)
    return form if form is not None and form.role else None


def _open(view: MatterView) -> Mapping[str, ActRule]:
    subject = view.stands.subject
    life = view.stands.procedure.life(subject.kind)
    return life.acts(subject.stage) if subject.outcome is None else life.afterwards


def _form(desk: Desk, view: MatterView, act: str, rule: ActRule) -> ActForm:
    role = next((each for each in rule.roles if each in view.roles), "")
    inputs = _INPUTS[act](_At(desk, view)) if act in _INPUTS else []
    return ActForm(act, role, tuple(inputs), act in FINAL, act in QUIET)


def _makes_sense(desk: Desk, view: MatterView, act: str) -> bool:
    """Return whether an act is worth offering: it is this visitor's turn, and there is what it acts on."""
    record = view.stands.subject.record
    if isinstance(record, Change) and act in ("consent_to_change", "refuse_change"):
        with reading(desk.page.portal.engine) as connection:
            own = matter_list.units(connection, view.claims)
        return not record.unanswered.isdisjoint(own)
    match record:
        case SupportClaim() if act == "recover_claim":
            return record.paid > record.recovered
        case Evaluation() if act == "grade":
            return bool(record.reviews)
        case Evaluation() if act == "appoint_reviewers":
            return not record.reviews
        case Evaluation() if act == "review_report" and "expert" not in view.roles:
            return record.third_party is not None
        case Entry() if act in ("plan_follow_up", "record_follow_up"):
            planned = any(each.held_on is None for each in record.follow_ups)
            return planned == (act == "record_follow_up")
        case _:
            return True


def _report(at: _At) -> list[Input]:
    procedure = at.view.stands.procedure
    asked = procedure.evaluation
    options = tuple(
        Option(each.id, each.title.of(at.language), written.ground(procedure, each, at.language))
        for each in (() if asked is None else asked.contents)
    )
    with reading(at.desk.page.portal.engine) as connection:
        targets = indicators.lines(connection, at.view.stands.loaded, at.language)
    asked_of = tuple(Option(each.field, each.title, _target(at, each)) for each in targets)
    return [
        Input("contents", "texts", at.say("contents"), options),
        Input("reached", "amounts", at.say("reached"), asked_of),
        Input("indicators", "indicators", at.say("indicators"), hint=at.say("indicators_how"), optional=True),
        Input("evidence", "files", at.say("evidence"), hint=at.say("evidence_how")),
    ]


def _target(at: _At, each: indicators.Line) -> str:
    said = "matters.target_is" if each.by is None else "matters.target_is_by"
    return at.desk.page.say(said, target=each.target, by=each.by)


def _extension(at: _At) -> list[Input]:
    stands = at.view.stands
    rules = stands.procedure.life(stands.subject.kind).deadline
    options = tuple(
        Option(each.name, rules[each.name].title.of(at.language), written.when(each.due_at, at.language))
        for each in stands.subject.deadlines
        if each.state in ("running", "overdue") and "extend" in rules[each.name].may
    )
    given = options[0].value if options else ""
    return [
        Input("deadline", "radio", at.say("deadline"), options, given=given),
        at.day("until", given=""),
        at.text("reason"),
    ]


def _exemption(at: _At) -> list[Input]:
    rules = [each for each in at.view.stands.procedure.rules if each.stops]
    options = (
        Option(RUNNING_PROJECT, at.say(RUNNING_PROJECT)),
        *(Option(each.id, each.title.of(at.language)) for each in rules),
    )
    return [Input("rule", "pick", at.say("rule"), options), at.text("reason")]


def _approval(at: _At) -> list[Input]:
    record = at.view.stands.subject.record
    asked = record.asked if isinstance(record, SupportClaim) else None
    return [at.line("amount", given="" if asked is None else yuan(asked)), at.line("document")]


def _payment(at: _At) -> list[Input]:
    record = at.view.stands.subject.record
    left = (record.granted or 0) - record.paid if isinstance(record, SupportClaim) else 0
    return [at.line("amount", given=yuan(left) if left else ""), at.day(), at.line("document")]


def _recovery(at: _At) -> list[Input]:
    with reading(at.desk.page.portal.engine) as connection:
        grounds = grants.grounds(connection, at.view.id)
    cause = Input("cause", "pick", at.say("cause"), tuple(Option(each, each) for each in grounds))
    return [at.line("amount"), at.day(), at.line("document"), cause]


def _running(at: _At) -> list[Input]:
    record = at.view.stands.subject.record
    running = record.running if isinstance(record, Entry) else ()
    options = tuple(Option(str(each.number), each.title) for each in running)
    return [Input("number", "pick", at.say("project"), options), at.day()]


def _reviewers(at: _At) -> list[Input]:
    experts = Input("experts", "lines", at.say("experts"), hint=at.say("experts_how"), optional=True)
    return [experts, at.line("third_party", optional=True)]


def _decision(at: _At, *results: str) -> list[Input]:
    return [at.one_of("result", *results), at.text("answer"), at.line("document_number", optional=True)]


def _why(at: _At) -> list[Input]:
    return [at.text("reason")]


def _appeal(at: _At) -> list[Input]:
    return [at.one_of("result", "upheld", "reversed"), at.text("answer")]


_INPUTS: Final[Mapping[str, Callable[[_At], list[Input]]]] = {
    "submit_report": _report,
    "comment_report": lambda at: [at.text("comment")],
    "appoint_reviewers": _reviewers,
    "review_report": lambda at: [at.line("score", hint=at.say("score_how")), at.text("opinion")],
    "appeal_grade": _why,
    "decide_grade_appeal": lambda at: [
        at.one_of("result", "upheld", "reversed"),
        Input(
            "grade",
            "pick",
            at.say("other_grade"),
            (Option("", "—"), *(Option(each, at.say(each)) for each in ("excellent", "qualified", "failed"))),
            optional=True,
        ),
        at.text("answer"),
    ],
    "accept_rectification": _why,
    "recover_funds": _why,
    "postpone_evaluation": _why,
    "waive_evaluation": _why,
    "give_notice": lambda at: [at.text("facts", hint=at.say("facts_how"), optional=True)],
    "make_statement": lambda at: [at.text("text")],
    "decide_revocation": lambda at: _decision(at, "revoked", "kept"),
    "appeal_revocation": _why,
    "decide_revocation_appeal": _appeal,
    "answer_findings": lambda at: [at.text("text")],
    "decide_disqualification": lambda at: _decision(at, "disqualified", "kept"),
    "serve_disqualification": lambda at: [at.day()],
    "appeal_disqualification": _why,
    "decide_disqualification_appeal": _appeal,
    "refuse_change": _why,
    "withdraw_change": _why,
    "exempt_change": _exemption,
    "decide_change": lambda at: _decision(at, "approved", "declined"),
    "decide_question": lambda at: [at.one_of("question", "term", "beside"), at.yes("yes"), at.text("reason")],
    "approve_claim": _approval,
    "reject_claim": _why,
    "withdraw_claim": _why,
    "pay_claim": _payment,
    "recover_claim": _recovery,
    "extend_deadline": _extension,
    "nominate": lambda at: [at.line("object")],
    "begin_project": lambda at: [at.line("title"), at.line("document"), at.day()],
    "end_project": _running,
    "plan_follow_up": lambda at: [at.line("topic"), at.day(given="")],
    "record_follow_up": lambda at: [at.day(), at.text("findings"), at.text("difficulties", optional=True)],
}
