"""Eligibility: every rule of a pack answered met, not met or cannot tell, with its clause and its facts."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from procedure.definition import Clause, Procedure, Rule
from procedure.dialect import FUNCTIONS, references
from procedure.expression import holds
from procedure.instant import day_of
from procedure.subject import Application, Member

Answer = Literal["met", "not_met", "cannot_tell", "not_applicable", "waived"]

STOPPING: Final = frozenset({"not_met", "cannot_tell"})
"""The answers that stop an act."""

WITHHELD: Final = "***"
"""Stands for the value of a personal field among the facts of an assessment."""


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that a rule needs and nobody has given; ``member`` is the USCC of the unit it is about."""

    path: str
    member: str | None = None


@dataclass(frozen=True, slots=True)
class MemberAnswer:
    """A rule's answer about one member unit."""

    uscc: str
    name: str
    answer: Answer
    missing: tuple[MissingFact, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assessment:
    """A rule's answer: its ground, the facts used, the facts missing, and each member's own answer.

    Without ``clause`` the rule is a setting. ``found`` says that an officer's finding decided what the facts
    could not.
    """

    rule: str
    answer: Answer
    clause: Clause | None
    missing: tuple[MissingFact, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[MemberAnswer, ...] = ()
    found: bool = False

    def as_facts(self) -> dict[str, Any]:
        """Return the assessment as plain data, for refusals and events."""
        return {
            "rule": self.rule,
            "answer": self.answer,
            "clause": None if self.clause is None else self.clause.clause,
            "document": None if self.clause is None else self.clause.document,
            "modality": "setting" if self.clause is None else self.clause.modality,
            "missing": [
                each.path if each.member is None else f"{each.path} ({each.member})" for each in self.missing
            ],
            "facts": dict(self.facts),
            "members": {member.uscc: member.answer for member in self.members},
        }


def assess(
    procedure: Procedure,
    form: Mapping[str, Any],
    members: Sequence[Member],
    on: datetime.date,
    findings: Mapping[str, str] | None = None,
    waived: Collection[str] = (),
) -> tuple[Assessment, ...]:
    """Answer every rule of the procedure, as of ``on``; only confirmed members count.

    A missing fact makes a rule ``cannot_tell`` unless the answer is the same either way. A finding
    (``met`` or ``not_met``) by rule answers one that cannot be told, and never overrides a computed answer.
    A rule of ``waived`` that is not met or cannot be told is answered ``waived``.
    """
    case = _Case(procedure, form, [member for member in members if member.status == "confirmed"], on)
    found = (_found(case.assess(rule), (findings or {}).get(rule.id)) for rule in procedure.rules)
    return tuple(
        replace(one, answer="waived") if one.rule in waived and one.answer in STOPPING else one
        for one in found
    )


def of_application(
    procedure: Procedure,
    application: Application,
    today: datetime.date,
    findings: Mapping[str, str] | None = None,
) -> tuple[Assessment, ...]:
    """Answer every rule for an application: as of its submission, before it as of ``today``.

    The findings recorded in it count beside those given, and the waivers that stand.
    """
    submitted = application.submitted_at
    return assess(
        procedure,
        {**application.form, "lead.kind": application.lead_kind},
        application.members,
        today if submitted is None else day_of(submitted),
        {**application.findings, **(findings or {})},
        {waiver.rule for waiver in application.waivers},
    )


def stopping(assessments: Sequence[Assessment], procedure: Procedure, act: str) -> tuple[Assessment, ...]:
    """Return the assessments because of which ``act`` is refused: not met, or not to be told."""
    stops = {rule.id for rule in procedure.rules if act in rule.stops}
    return tuple(one for one in assessments if one.rule in stops and one.answer in STOPPING)


def fold(answers: Iterable[Answer]) -> Answer:
    """Return the answer of a rule about all members from its answers about each.

    One ``not_met`` decides; otherwise one ``cannot_tell`` leaves it open. Members whom the rule does not
    concern do not count, and a rule that concerns no member is not applicable.
    """
    given = set(answers)
    order: tuple[Answer, ...] = ("not_met", "cannot_tell", "met")
    return next((answer for answer in order if answer in given), "not_applicable")


def _found(one: Assessment, finding: str | None) -> Assessment:
    if one.answer == "cannot_tell" and finding is not None:
        return replace(one, answer="met" if finding == "met" else "not_met", found=True)
    return one


class _Case:
    """The facts of one application, laid out as CEL and the lists of facts need them."""

    def __init__(
        self, procedure: Procedure, form: Mapping[str, Any], members: Sequence[Member], on: datetime.date
    ) -> None:
        self.procedure = procedure
        self.members = members
        self.of_member = [
            {**_section(member.form, "member"), "kind": member.kind, "core_layer": member.core_layer}
            for member in members
        ]
        self.facts: dict[str, Any] = {
            "lead": _section(form, "lead"),
            "consortium": _section(form, "consortium"),
            "settings": procedure.values,
            "today": on.isoformat(),
            "members": [{"kind": member.kind, "core_layer": member.core_layer} for member in members],
        }

    def assess(self, rule: Rule) -> Assessment:
        if rule.each is None:
            answer, missing, facts = self._ask(rule, self.facts, None)
            return Assessment(rule.id, answer, rule.clause, missing, facts)
        each: list[MemberAnswer] = []
        for member, known in zip(self.members, self.of_member, strict=True):
            own = {"member": known, "kind": member.kind, "core_layer": member.core_layer}
            answer, missing, facts = self._ask(rule, {**self.facts, **own}, member.uscc)
            each.append(MemberAnswer(member.uscc, member.name, answer, missing, facts))
        folded = fold(member.answer for member in each)
        missing = tuple(fact for member in each for fact in member.missing)
        return Assessment(rule.id, folded, rule.clause, missing, members=tuple(each))

    def _ask(
        self, rule: Rule, facts: Mapping[str, Any], member: str | None
    ) -> tuple[Answer, tuple[MissingFact, ...], dict[str, Any]]:
        sources = (rule.met,) if rule.applies is None else (rule.applies, rule.met)
        used = {path: value for source in sources for path, value in self._used(source, facts)}
        source = sources[0]
        try:
            if rule.applies is not None and not _holds(rule.applies, facts):
                return "not_applicable", (), used
            source = rule.met
            return "met" if _holds(rule.met, facts) else "not_met", (), used
        except KeyError:
            return "cannot_tell", tuple(self._missing(source, facts, member)), used

    def _used(self, source: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for path in references(source).paths:
            root, _, name = path.partition(".")
            if root == "members":
                yield root, len(self.members)
            elif not name:
                yield path, facts[root]
            elif name in facts[root]:
                asked = self.procedure.field.get(path)
                yield path, WITHHELD if asked is not None and asked.personal else facts[root][name]

    def _missing(self, source: str, facts: Mapping[str, Any], member: str | None) -> Iterator[MissingFact]:
        for path in references(source).paths:
            root, _, name = path.partition(".")
            if name and name not in facts[root]:
                yield MissingFact(path, member if root == "member" else None)


def _holds(source: str, facts: Mapping[str, Any]) -> bool:
    # CEL copies all it is given, so it is given what it reads.
    read = references(source).names
    return holds(
        source, {name: value for name, value in (*facts.items(), *FUNCTIONS.items()) if name in read}
    )


def _section(form: Mapping[str, Any], section: str) -> dict[str, Any]:
    prefix = f"{section}."
    return {
        path.removeprefix(prefix): value
        for path, value in form.items()
        if value is not None and path.startswith(prefix)
    }
