"""What a procedure pack says: frozen models, validated from YAML by Pydantic.

Every rule, stage, deadline, material, date and named value carries where it comes from: either the
``clause`` of a source document with its modality, or ``basis: setting``. Never both, never neither.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from procedure.instant import calendar_day, local_instant

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
FieldPath = Annotated[str, StringConstraints(pattern=r"^(consortium|lead|member)\.[a-z][a-z0-9_]{0,59}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=2000)]

ApplicantRole = Literal["applicant", "member"]
Role = Literal[
    "applicant",
    "member",
    "district_officer",
    "city_officer",
    "city_leader",
    "administrator",
    "expert",
    "operations",
    "duty_officer",
    "system",
]
Holder = Literal["applicant", "district", "bureau", "panel", "public"]
Audience = Literal[
    "applicant",
    "members",
    "district",
    "bureau",
    "leader",
    "panel",
    "late_experts",
    "seated_experts",
    "released_experts",
    "holder",
    "supervisor",
    "acting_member",
    "assignee",
]
Recipient = Literal["holder", "supervisor", "substitute", "duty_officer", "leader", "lead_unit", "districts"]
"""Whom a rung tells: who holds the deadline, their supervisor and substitute, the bureau's duty officer and
leader, the lead unit, every recommending unit of the city."""
UnitKind = Literal[
    "enterprise",
    "university",
    "institute",
    "new_rnd_institution",
    "innovation_body",
    "service_agency",
    "medical_institution",
]
BureauKind = Literal["county", "county_level_city", "district", "functional_zone", "high_tech_zone"]


class StageKind(StrEnum):
    """The kinds of stage the recommendation flow has a named task for."""

    ONLINE_SUBMISSION = "online_submission"
    DISTRICT_ENDORSEMENT = "district_endorsement"
    FORMAL_REVIEW = "formal_review"
    EXPERT_REVIEW = "expert_review"
    SITE_VISIT = "site_visit"
    DEFENCE = "defence"
    SELECTION = "selection"
    PUBLICITY = "publicity"
    FILING = "filing"


class Model(BaseModel):
    """Frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, ignored_types=(cached_property,))


class Words(Model):
    """One wording in Chinese and in English."""

    zh: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=1000)]

    def of(self, language: str) -> str:
        """Return the wording in ``language`` ("zh" or "en"); anything else reads Chinese."""
        return self.en if language == "en" else self.zh


class Clause(Model):
    """A place in a source document and the force its words have there."""

    document: Code
    clause: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    modality: Literal["must", "in_principle", "may", "at_most", "states"]


class Grounded(Model):
    """Something that says where it comes from: a clause, or that it is a setting."""

    clause: Clause | None = None
    basis: Literal["setting"] | None = None
    note: Words | None = None

    @model_validator(mode="after")
    def _one_ground(self) -> Self:
        if (self.clause is None) == (self.basis is None):
            raise ValueError("give exactly one of `clause` and `basis: setting`")
        return self


class SourceDocument(Model):
    """A document of the sources that clauses refer to; ``issued`` is a year where the day is not known."""

    title: Words
    issued_by: Words
    issued: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}-\d{2})?$")]
    source: str


class NamedDate(Grounded):
    """A date that a call must give; ``value`` is what the source states for this call.

    ``instant`` is a local date and time (Asia/Shanghai), ``day`` runs through the end of that day.
    """

    title: Words
    kind: Literal["instant", "day"]
    value: str | None = None

    @model_validator(mode="after")
    def _value_fits_kind(self) -> Self:
        if self.value is not None:
            example = "2024-08-04T18:00" if self.kind == "instant" else "2024-08-13"
            try:
                if self.kind == "day":
                    calendar_day(self.value)
                elif "T" in self.value:
                    local_instant(self.value)
                else:
                    raise ValueError
            except ValueError as error:
                raise ValueError(f"`value` must read like {example}, not {self.value!r}") from error
        return self


class NamedValue(Grounded):
    """A number or text that rules refer to by name, such as a pass mark."""

    title: Words
    value: int | bool | str


class FormField(Grounded):
    """One field of the application form; ``path`` is ``consortium.x``, ``lead.x`` or ``member.x``.

    Money is typed in yuan and kept in integer fen; its ``minimum`` and ``maximum`` are fen too. Only text
    with ``multiline`` may have more than one line. ``person`` says whom of the case the field names, by name
    (text) or by the keyed digest of their ID number (``id_digest``): nobody who may be one of them sits on
    the panel. Fields with the same ``person`` are about the same one.
    """

    path: FieldPath
    title: Words
    type: Literal["text", "integer", "money", "date", "boolean", "choice", "id_digest"]
    required: bool = False
    personal: bool = False
    person: Identifier | None = None
    max_length: Annotated[int, Field(ge=1, le=20000)] = 500
    multiline: bool = False
    choices: dict[Identifier, Words] = {}
    minimum: int | None = None
    maximum: int | None = None

    @model_validator(mode="after")
    def _is_no_known_fact(self) -> Self:
        if self.path in ("lead.kind", "member.kind", "member.core_layer"):
            raise ValueError(f"`{self.path}` is known of every unit and is no field of the form")
        return self

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("`choices` belongs to fields of type `choice`, which need at least one")
        return self

    @model_validator(mode="after")
    def _person_fits(self) -> Self:
        if self.person is not None and self.type not in ("text", "id_digest"):
            raise ValueError("`person` belongs to fields of type `text` and `id_digest`")
        if self.type == "id_digest" and not (self.person and self.personal):
            raise ValueError(
                "a field of type `id_digest` says whose it is in `person`, and is `personal: true`"
            )
        return self

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        if self.type not in ("integer", "money") and (self.minimum, self.maximum) != (None, None):
            raise ValueError("`minimum` and `maximum` belong to fields of type `integer` and `money`")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("`minimum` is greater than `maximum`")
        return self


class Material(Grounded):
    """A document that someone hands in: by whom, for which act, and of what form."""

    id: Identifier
    title: Words
    by: Literal["applicant", "member", "district"]
    needed_for: Identifier | None = None
    formats: tuple[Literal["pdf", "docx", "doc", "xlsx", "jpg", "png"], ...] = ("pdf",)
    max_megabytes: Annotated[int, Field(ge=1, le=200)] = 20
    copies: Annotated[int, Field(ge=0, le=20)] = 0


class Rule(Grounded):
    """An eligibility rule in CEL over the form.

    ``each: member`` asks it of every confirmed member in turn. ``applies`` narrows it. ``stops`` names the
    acts that are refused while the rule is not met; an officer's finding answers what the form cannot, and
    one that is ``waivable`` an officer may waive in one case with a written reason.
    """

    id: Identifier
    title: Words
    met: Expression
    applies: Expression | None = None
    each: Literal["member"] | None = None
    stops: tuple[Identifier, ...] = ()
    waivable: bool = False


STATUS: Final = "consortium.status"
"""The form field of a pack whose city knows several statuses of a consortium: which one is applied for."""


class Naming(Grounded):
    """The official name's pattern, with ``{direction}`` and, where names differ by status, ``{status}``."""

    pattern: Annotated[str, StringConstraints(max_length=100)]

    @model_validator(mode="after")
    def _has_direction(self) -> Self:
        rest = self.pattern.replace("{status}", "", 1)
        if not re.fullmatch(r"[^{}]*\{direction\}[^{}]*", rest):
            raise ValueError(
                "the pattern must contain {direction} once, may contain {status} once, "
                f"and no other braces: {self.pattern!r}"
            )
        return self


class Numbering(Grounded):
    """How numbers are built from a counter: ``{year}`` and ``{n}`` (with a format such as ``{n:03d}``)."""

    pattern: Annotated[str, StringConstraints(max_length=100)]

    @model_validator(mode="after")
    def _is_a_pattern(self) -> Self:
        if not re.fullmatch(r"(?:[^{}]|\{year\}|\{n(?::0[1-9]d)?\})*", self.pattern):
            raise ValueError(f"expected a pattern of {{year}} and {{n}} or {{n:03d}}, not {self.pattern!r}")
        if "{n" not in self.pattern:
            raise ValueError(f"the pattern must contain {{n}}, or numbers would repeat: {self.pattern!r}")
        return self


class Validity(Grounded):
    """How long a filing is valid, in calendar years from the filing document's date."""

    years: Annotated[int, Field(ge=1, le=30)]


class Due(Model):
    """When a deadline falls: a date the call names, or working days after the stage is entered.

    ``working_days`` is a number or the name of a setting. The day of the event is not counted and the
    deadline ends with the last day.
    """

    date: Identifier | None = None
    working_days: Identifier | Annotated[int, Field(ge=1, le=400)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.date is None) == (self.working_days is None):
            raise ValueError("give exactly one of `date` and `working_days`")
        return self


class NoticeText(Model):
    """What people are told in each language.

    ``served`` marks what is served on a person (a decision, a return, a hearing): it is told at once, and
    nobody can choose not to be told.
    """

    served: bool = False
    zh: dict[Literal["subject", "body"], str] = {}
    en: dict[Literal["subject", "body"], str] = {}


class Notify(Model):
    """Which text goes to whom."""

    text: Identifier
    to: tuple[Audience, ...] = Field(min_length=1)


class SendingHours(Grounded):
    """When reminders and escalations go out, in Shanghai time; ``closes`` itself is too late.

    What falls outside waits for the next opening, except what is marked urgent.
    """

    opens: ClockTime = "09:00"
    closes: ClockTime = "18:00"
    days: Literal["working", "all"] = "working"

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"`opens` {self.opens} must lie before `closes` {self.closes}")
        return self


class Offset(Model):
    """How far a rung lies from the due instant: working days, or hours by the clock."""

    working_days: Annotated[int, Field(ge=1, le=200)] | None = None
    hours: Annotated[int, Field(ge=1, le=2000)] | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.working_days is None) == (self.hours is None):
            raise ValueError("give exactly one of `working_days` and `hours`")
        return self


class Rung(Model):
    """One step of a ladder: when it comes, which text goes to whom, and what else it does.

    Without ``before`` and ``after`` it comes on the last working day in time. ``channels`` are tried in their
    order; empty means each recipient's own. ``also`` never decides the case: it raises its priority on the
    desk or opens an incident.
    """

    id: Identifier
    before: Offset | None = None
    after: Offset | None = None
    text: Identifier
    recipients: tuple[Recipient, ...] = Field(min_length=1)
    channels: tuple[Identifier, ...] = ()
    urgent: bool = False
    also: tuple[Literal["raise_priority", "open_incident"], ...] = ()

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        if self.before is not None and self.after is not None:
            raise ValueError("give `before` or `after`, not both; neither is the last working day in time")
        if self.id == "due":
            raise ValueError("`due` is the passing of the deadline itself, name the rung otherwise")
        return self


class Ladder(Grounded):
    """Reminders before a deadline and escalations after it; none of them decides anything."""

    rungs: tuple[Rung, ...] = ()


class Lapse(Grounded):
    """What happens by itself when a deadline has passed: the case moves ``to`` a stage or an outcome."""

    to: Identifier
    notify: tuple[Notify, ...] = ()


class DeadlineRule(Grounded):
    """A deadline of the procedure.

    Without ``lapse`` it only becomes overdue: the case stays where it is and nobody decides by default.
    ``closing`` says whether the instant itself is still in time; ``opens: true`` marks the instant at which
    something begins. ``may`` names what an authorised person can do to it, with a reason. ``ladder`` replaces
    the pack's own.
    """

    id: Identifier
    title: Words
    holder: Holder
    due: Due
    closing: Literal["inclusive", "exclusive"] = "inclusive"
    lapse: Lapse | None = None
    overdue: tuple[Notify, ...] = ()
    may: tuple[Literal["extend", "suspend"], ...] = ()
    ladder: Ladder | None = None


class Branch(Model):
    """One guarded way out of an act; the first whose ``when`` holds is taken, the last is ``else``.

    It leads to a stage or an outcome, or refuses the act under a name; with neither the case stays where
    it is.
    """

    when: Expression | None = None
    otherwise: Annotated[bool, Field(alias="else")] = False
    to: Identifier | None = None
    refuse: Identifier | None = None
    clause: Clause | None = None
    notify: tuple[Notify, ...] = ()

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        if (self.when is None) != self.otherwise:
            raise ValueError("give `when`, or `else: true` for the last branch")
        if self.to is not None and self.refuse is not None:
            raise ValueError("give `to` or `refuse`, not both")
        return self


class ActRule(Model):
    """Who may do an act at a stage, where it leads, and whom it is told to.

    ``to`` is one way out; ``branches`` are guarded ways; neither means the case stays where it is.
    ``may_be_taken_back`` lets whoever did it take it back until somebody else has acted.
    """

    roles: tuple[Role, ...] = Field(min_length=1)
    may_be_taken_back: bool = False
    to: Identifier | None = None
    branches: tuple[Branch, ...] = ()
    notify: tuple[Notify, ...] = ()
    clause: Clause | None = None

    @model_validator(mode="after")
    def _ways_out(self) -> Self:
        if self.to is not None and self.branches:
            raise ValueError("give `to` or `branches`, not both")
        if any(branch.otherwise for branch in self.branches[:-1]):
            raise ValueError("`else: true` stands only at the end of `branches`")
        if self.branches and not self.branches[-1].otherwise:
            raise ValueError("`branches` must end in one `else: true`, and only there")
        return self

    @property
    def targets(self) -> tuple[str, ...]:
        """The stages and outcomes this act can lead to; empty when the case stays where it is."""
        if self.to is not None:
            return (self.to,)
        return tuple(branch.to for branch in self.branches if branch.to is not None)


class Correction(Model):
    """The applicant's side of a return: which stage it returns to and how many rounds that stage has."""

    of: Identifier
    rounds: Identifier | Annotated[int, Field(ge=1, le=20)]


class Stage(Grounded):
    """A stage: its kind, who holds the clock, which deadlines run or are suspended in it, and its acts.

    Entering a stage starts its ``deadlines`` that are not yet running, resumes those that were suspended,
    suspends the running ones named in ``suspends`` and ends all others. The first stage that ``seeds`` fixes,
    for good, the seed from which the case's panel will be drawn.
    """

    id: Identifier
    kind: StageKind
    title: Words
    holder: Holder
    deadlines: tuple[Identifier, ...] = ()
    no_deadline: Words | None = None
    suspends: tuple[Identifier, ...] = ()
    correction: Correction | None = None
    seeds: bool = False
    acts: dict[Identifier, ActRule] = {}
    notify: tuple[Notify, ...] = ()

    @model_validator(mode="after")
    def _has_a_deadline_or_says_why(self) -> Self:
        if self.deadlines and self.no_deadline is not None:
            raise ValueError("has `deadlines`, so `no_deadline` cannot say why it has none")
        if not self.deadlines and self.no_deadline is None:
            raise ValueError("give `deadlines`, or say in `no_deadline` why the stage has none")
        return self


class Outcome(Grounded):
    """A way a case ends."""

    id: Identifier
    title: Words
    notify: tuple[Notify, ...] = ()


class Life(Model):
    """The stages of one kind of subject, in the pack's order, and the ways it ends.

    ``start`` is the first stage, begun by ``start_roles``; an application can start only while its call is
    at the stage ``start_while``. ``everywhere`` holds acts possible at every stage that does not give its
    own rule for them, ``afterwards`` those that are possible still when it has ended.
    """

    start: Identifier
    start_roles: tuple[Role, ...]
    start_while: Identifier | None = None
    everywhere: dict[Identifier, ActRule] = {}
    afterwards: dict[Identifier, ActRule] = {}
    deadlines: tuple[DeadlineRule, ...] = ()
    stages: tuple[Stage, ...] = Field(min_length=1)
    outcomes: tuple[Outcome, ...] = Field(min_length=1)

    def acts(self, stage: str) -> dict[str, ActRule]:
        """Return the acts possible at ``stage``; a stage's own rule replaces the one for everywhere."""
        return self.everywhere | self.stage[stage].acts

    @cached_property
    def stage(self) -> dict[str, Stage]:
        """Stages by id."""
        return {stage.id: stage for stage in self.stages}

    @cached_property
    def outcome(self) -> dict[str, Outcome]:
        """Outcomes by id."""
        return {outcome.id: outcome for outcome in self.outcomes}

    @cached_property
    def deadline(self) -> dict[str, DeadlineRule]:
        """Deadline rules by id."""
        return {rule.id: rule for rule in self.deadlines}


class BureauCard(Model):
    """The city bureau a pack belongs to."""

    code: Code
    name: Words
    city: Words


class Procedure(Model):
    """A whole pack: the rules of one city's call cycle.

    One that ``builds_on`` the common procedure takes from it what it does not say itself. ``ladder`` is
    climbed towards every deadline of an application that somebody holds and that has no ladder of its own; of
    a deadline that lapses, as far as its lapse.
    """

    format: Literal[1]
    builds_on: Literal["common"] | None = None
    code: Code
    title: Words
    bureau: BureauCard
    documents: dict[Code, SourceDocument]
    intake: Literal["batch", "rolling"]
    dates: dict[Identifier, NamedDate]
    settings: dict[Identifier, NamedValue]
    sending_hours: SendingHours = SendingHours(basis="setting")
    ladder: Ladder | None = None
    joint_letter_kinds: tuple[BureauKind, ...] = ()
    form: tuple[FormField, ...]
    materials: tuple[Material, ...]
    rules: tuple[Rule, ...]
    naming: Naming
    case_number: Numbering
    register_number: Numbering
    validity: Validity
    call: Life
    application: Life
    notices: dict[Identifier, NoticeText] = {}

    @cached_property
    def field(self) -> dict[str, FormField]:
        """Form fields by path."""
        return {field.path: field for field in self.form}

    @cached_property
    def rule(self) -> dict[str, Rule]:
        """Rules of eligibility by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def material(self) -> dict[str, Material]:
        """Materials by id."""
        return {material.id: material for material in self.materials}

    @cached_property
    def values(self) -> dict[str, int | bool | str]:
        """The settings' values by name, as CEL sees them under ``settings``."""
        return {name: setting.value for name, setting in self.settings.items()}

    @cached_property
    def texts(self) -> dict[str, dict[Literal["zh", "en"], dict[Literal["subject", "body"], str]]]:
        """What people are told, by text, language and part."""
        return {name: {"zh": text.zh, "en": text.en} for name, text in self.notices.items()}

    def life(self, kind: str) -> Life:
        """Return the life of ``kind`` ("call" or "application"); any other raises KeyError."""
        return {"call": self.call, "application": self.application}[kind]

    def number(self, named: str | int) -> int:
        """Return a number that a rule gives itself or through the name of a setting."""
        return named if isinstance(named, int) else int(self.settings[named].value)

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        problems = tuple(_references(self))
        if problems:
            raise DanglingReferences(problems)
        return self


URGED: Final = "urged"
"""The text that tells a holder that somebody urges them."""

RETURN: Final = "return_for_correction"
"""The act that hands an application back to be corrected."""

SETTING_OF_ACT: Final = {
    "name_panel": "panel_size",
    "draw_panel": "panel_size",
    "close_scoring": "scores_needed",
    "schedule_visit": "visit_team",
    "record_defence": "defence_quorum",
}
"""The setting that an act of the machine reads, so that a pack with the act must have it."""


class DanglingReferences(ValueError):
    """A pack names things it does not contain; ``problems`` pairs each place with what is wrong there."""

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{path}: {message}" for path, message in problems))
        self.problems = problems


Problems = Iterator[tuple[str, str]]


def _references(procedure: Procedure) -> Problems:
    for path, thing in grounds(procedure):
        if thing.clause is not None:
            yield from _known(
                thing.clause.document, procedure.documents, f"{path}.clause.document", "document"
            )
    for name, text in procedure.notices.items():
        for language, parts in (("zh", text.zh), ("en", text.en)):
            for part in ("subject", "body"):
                if not parts.get(part):
                    yield f"notices.{name}.{language}.{part}", "is missing or empty"
    yield from _unique((f"form.{i}.path", field.path) for i, field in enumerate(procedure.form))
    yield from _unique((f"materials.{i}.id", material.id) for i, material in enumerate(procedure.materials))
    yield from _unique((f"rules.{i}.id", rule.id) for i, rule in enumerate(procedure.rules))
    status = procedure.field.get(STATUS)
    if "{status}" in procedure.naming.pattern and (status is None or not status.choices):
        yield "naming.pattern", f"{{status}} needs a field `{STATUS}` of type `choice` in the form"
    acts = {
        *procedure.application.everywhere,
        *(act for stage in procedure.application.stages for act in stage.acts),
    }
    for i, material in enumerate(procedure.materials):
        if material.needed_for is not None:
            yield from _known(
                material.needed_for, acts, f"materials.{i}.needed_for", "act of the application"
            )
    for i, rule in enumerate(procedure.rules):
        for j, act in enumerate(rule.stops):
            yield from _known(act, acts, f"rules.{i}.stops.{j}", "act of the application")
    for kind in ("call", "application"):
        yield from _references_of_life(procedure, procedure.life(kind), kind)
    yield from _panel(procedure, acts)
    if procedure.ladder is not None:
        yield from _rungs(procedure, procedure.ladder, "ladder")


def _rungs(procedure: Procedure, ladder: Ladder, where: str) -> Problems:
    yield from _unique((f"{where}.rungs.{i}.id", rung.id) for i, rung in enumerate(ladder.rungs))
    for i, rung in enumerate(ladder.rungs):
        yield from _known(rung.text, procedure.notices, f"{where}.rungs.{i}.text", "notice text")


def _panel(procedure: Procedure, acts: set[str]) -> Problems:
    life, settings = procedure.application, procedure.values
    for i, stage in enumerate(life.stages):
        if "draw_panel" in life.acts(stage.id) and not stage.seeds:
            yield f"application.stages.{i}", "draws a panel, so it must fix the seed: give `seeds: true`"
    for i, stage in enumerate(procedure.call.stages):
        if stage.seeds:
            yield f"call.stages.{i}.seeds", "only a stage of the application fixes a seed"
    if (field := settings.get("panel_field")) is not None:
        yield from _known(str(field), procedure.field, "settings.panel_field.value", "form field")
    trim = settings.get("trim", 0)
    if type(trim) is not int or trim < 0:
        yield "settings.trim.value", f"setting `trim` must be a whole number of at least 0, not {trim!r}"
        return
    size, needed = settings.get("panel_size"), settings.get("scores_needed")
    if type(size) is int and size % 2 == 0 and {"name_panel", "draw_panel"} & acts:
        yield "settings.panel_size.value", f"a panel has an odd number of experts, not {size}"
    for name in ("panel_size", "defence_quorum"):
        most = settings.get(name)
        if type(most) is int and type(needed) is int and most - 2 * trim < needed:
            yield (
                f"settings.{name}.value",
                f"{most} experts leave {most - 2 * trim} scores after `trim`, `scores_needed` is {needed}",
            )


def _references_of_life(procedure: Procedure, life: Life, kind: str) -> Problems:
    places = [*life.stage, *life.outcome]
    yield from _unique((f"{kind}.deadlines.{i}.id", rule.id) for i, rule in enumerate(life.deadlines))
    stages = [(f"{kind}.stages.{i}.id", stage.id) for i, stage in enumerate(life.stages)]
    outcomes = [(f"{kind}.outcomes.{i}.id", outcome.id) for i, outcome in enumerate(life.outcomes)]
    yield from _unique([*stages, *outcomes])
    yield from _known(life.start, life.stage, f"{kind}.start", "stage")
    if life.start_while is not None:
        yield from _known(life.start_while, procedure.call.stage, f"{kind}.start_while", "stage of the call")
    for i, rule in enumerate(life.deadlines):
        where = f"{kind}.deadlines.{i}"
        if rule.due.date is not None:
            yield from _known(rule.due.date, procedure.dates, f"{where}.due.date", "date")
        if rule.due.working_days is not None:
            yield from _number(procedure, rule.due.working_days, f"{where}.due.working_days")
        if rule.lapse is not None:
            yield from _known(rule.lapse.to, places, f"{where}.lapse.to", "stage or outcome")
            yield from _told(procedure, rule.lapse.notify, f"{where}.lapse.notify")
        yield from _told(procedure, rule.overdue, f"{where}.overdue")
        if rule.ladder is not None:
            yield from _rungs(procedure, rule.ladder, f"{where}.ladder")
    for i, outcome in enumerate(life.outcomes):
        yield from _told(procedure, outcome.notify, f"{kind}.outcomes.{i}.notify")
    yield from _references_of_stages(procedure, life, kind)
    for where, act_rule in act_rules(life, kind):
        yield from _references_of_act(procedure, act_rule, places, where)
        if (setting := SETTING_OF_ACT.get(where.rpartition(".")[2])) is not None:
            yield from _number(procedure, setting, where)


def _references_of_stages(procedure: Procedure, life: Life, kind: str) -> Problems:
    for i, stage in enumerate(life.stages):
        where = f"{kind}.stages.{i}"
        yield from _told(procedure, stage.notify, f"{where}.notify")
        for j, name in enumerate(stage.deadlines):
            yield from _known(name, life.deadline, f"{where}.deadlines.{j}", "deadline")
        for j, name in enumerate(stage.suspends):
            yield from _known(name, life.deadline, f"{where}.suspends.{j}", "deadline")
        if stage.correction is not None:
            yield from _known(stage.correction.of, life.stage, f"{where}.correction.of", "stage")
            yield from _number(procedure, stage.correction.rounds, f"{where}.correction.rounds")
        back = stage.acts.get(RETURN)
        corrections = [each.id for each in life.stages if each.correction and each.correction.of == stage.id]
        if back is not None and (back.to is None or corrections != [back.to]):
            yield f"{where}.acts.{RETURN}", f"must lead to the one stage that corrects `{stage.id}`"


def _references_of_act(procedure: Procedure, act_rule: ActRule, places: list[str], where: str) -> Problems:
    if act_rule.to is not None:
        yield from _known(act_rule.to, places, f"{where}.to", "stage or outcome")
    yield from _told(procedure, act_rule.notify, f"{where}.notify")
    for j, branch in enumerate(act_rule.branches):
        if branch.to is not None:
            yield from _known(branch.to, places, f"{where}.branches.{j}.to", "stage or outcome")
        yield from _told(procedure, branch.notify, f"{where}.branches.{j}.notify")


def _known(name: str, names: Collection[str], path: str, what: str) -> Problems:
    if name not in names:
        yield (
            path,
            f"unknown {what} `{name}`, expected one of {', '.join(sorted(names)) or '(there are none)'}",
        )


def _number(procedure: Procedure, named: str | int, path: str) -> Problems:
    if isinstance(named, str):
        yield from _known(named, procedure.settings, path, "setting")
        if named in procedure.settings:
            value = procedure.settings[named].value
            if type(value) is not int or value < 1:
                yield path, f"setting `{named}` must be a whole number of at least 1, not {value!r}"


def _told(procedure: Procedure, notify: tuple[Notify, ...], path: str) -> Problems:
    for i, notice in enumerate(notify):
        yield from _known(notice.text, procedure.notices, f"{path}.{i}.text", "notice text")


def _unique(named: Iterable[tuple[str, str]]) -> Problems:
    taken: set[str] = set()
    for path, name in named:
        if name in taken:
            yield path, f"`{name}` stands twice"
        taken.add(name)


def act_rules(life: Life, kind: str) -> Iterator[tuple[str, ActRule]]:
    """Yield every act rule of a life with its path in the pack."""
    for act, rule in life.everywhere.items():
        yield f"{kind}.everywhere.{act}", rule
    for act, rule in life.afterwards.items():
        yield f"{kind}.afterwards.{act}", rule
    for i, stage in enumerate(life.stages):
        for act, rule in stage.acts.items():
            yield f"{kind}.stages.{i}.acts.{act}", rule


def grounds(model: Model, path: str = "") -> Iterator[tuple[str, Grounded | ActRule | Branch]]:
    """Yield everything under ``model`` that can carry a clause, with its path in the pack."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        items: Iterable[tuple[object, object]]
        if isinstance(value, dict):
            items = value.items()
        elif isinstance(value, tuple):
            items = enumerate(value)
        else:
            items = [(None, value)]
        for key, item in items:
            if isinstance(item, Model):
                where = ".".join(str(part) for part in (path, name, key) if part not in ("", None))
                if isinstance(item, (Grounded, ActRule, Branch)):
                    yield where, item
                yield from grounds(item, where)
