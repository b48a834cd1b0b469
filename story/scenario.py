"""The format of a scenario file; docs/scenarios.md says what everything means."""

from typing import Annotated, Any, Literal

import pendulum
from pydantic import AfterValidator, Field, PlainValidator, StringConstraints, model_validator

from procedure.definition import BureauKind, Identifier, Model, UnitKind, Words
from procedure.fault import Fault, either
from procedure.instant import calendar_day, end_of, local_instant
from procedure.working_days import Arrangement

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


def _moment(value: Any) -> pendulum.DateTime:
    try:
        if isinstance(value, str) and "T" in value:
            return local_instant(value)
    except ValueError:
        pass
    raise ValueError(Fault("expected_moment", value=value))


def _day(value: Any) -> pendulum.Date:
    try:
        if isinstance(value, str):
            return calendar_day(value)
    except ValueError:
        pass
    raise ValueError(Fault("expected_day", value=f"`{value}`"))


def _due(value: Any) -> pendulum.DateTime:
    return end_of(_day(value)) if isinstance(value, str) and len(value) == 10 else _moment(value)


Moment = Annotated[pendulum.DateTime, PlainValidator(_moment)]
"""A local date and time of Shanghai, to the microsecond; an offset is respected."""

Day = Annotated[pendulum.Date, PlainValidator(_day)]

DueAt = Annotated[pendulum.DateTime, PlainValidator(_due)]
"""A moment, or a day through its end."""

Fields = dict[str, Any]

PersonRole = Literal[
    "applicant",
    "member",
    "district_officer",
    "city_officer",
    "city_leader",
    "administrator",
    "expert",
    "operations",
    "duty_officer",
]


def _short(words: Words) -> Words:
    if max(len(words.zh), len(words.en)) > 200:
        raise ValueError(Fault("long_title"))
    return words


Titled = Annotated[Words, AfterValidator(_short)]


class District(Model):
    """A recommending unit of the city."""

    name: Titled
    kind: BureauKind


class Organisation(Model):
    """A unit; ``person`` enters someone of that name who may act as its applicant and as its member."""

    uscc: Text
    name: Text
    kind: UnitKind
    district: Identifier | None = None
    person: Name | None = None


class Held(Model):
    """A role, where it is held, and from when to when (both days included).

    An expert has an employer, ``fields``, and ``ties``: organisations, people, or digests of ID numbers.
    """

    role: PersonRole
    of: Identifier | None = None
    district: Identifier | None = None
    employer: Identifier | None = None
    fields: tuple[Text, ...] = ()
    ties: tuple[Text, ...] = ()
    valid_from: Day | None = None
    valid_to: Day | None = None

    @model_validator(mode="after")
    def _is_held_somewhere(self) -> "Held":
        for key, given, roles in (
            ("of", self.of, ("applicant", "member")),
            ("district", self.district, ("district_officer",)),
        ):
            if self.role in roles and given is None:
                raise ValueError(Fault("role_needs", role=self.role, key=key))
            if self.role not in roles and given is not None:
                raise ValueError(Fault("belongs_to_role", key=key, roles=either(roles), role=self.role))
        for key, value in (("employer", self.employer), ("fields", self.fields), ("ties", self.ties)):
            if value and self.role != "expert":
                raise ValueError(Fault("belongs_to_role", key=key, roles="expert", role=self.role))
        return self


class Person(Model):
    """Someone who acts; one role is written directly, several as a list under ``roles``.

    ``id_digest`` stands for an ID number, which is never written: 64 digits of 0-9 and a-f.
    """

    name: Name
    email: Text | None = None
    language: Literal["zh", "en"] = "zh"
    id_digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    role: PersonRole | None = None
    of: Identifier | None = None
    district: Identifier | None = None
    employer: Identifier | None = None
    fields: tuple[Text, ...] = ()
    ties: tuple[Text, ...] = ()
    roles: tuple[Held, ...] = ()

    @model_validator(mode="after")
    def _has_roles_one_way(self) -> "Person":
        if (self.role is None) == (not self.roles):
            raise ValueError(Fault("role_or_roles"))
        if self.role is None and any((self.of, self.district, self.employer, self.fields, self.ties)):
            raise ValueError(Fault("with_their_role"))
        self.held  # noqa: B018 - one role written directly keeps the same rules
        return self

    @property
    def held(self) -> tuple[Held, ...]:
        """The person's roles, however they were written."""
        if self.role is None:
            return self.roles
        return (
            Held(
                role=self.role,
                of=self.of,
                district=self.district,
                employer=self.employer,
                fields=self.fields,
                ties=self.ties,
            ),
        )


class Refused(Model):
    """A refusal that must come: its code, its clause where it matters, and the facts it must name."""

    refusal: Identifier
    clause: Text | None = None
    facts: dict[str, Any] = Field(default_factory=dict[str, Any])


class Act(Model):
    """One act of one person at one moment; ``particulars`` stand under the key ``with``."""

    at: Moment
    act: Identifier
    by: Identifier | None = None
    role: PersonRole | None = None
    case: Identifier | None = None
    particulars: Fields = Field(default_factory=dict[str, Any], alias="with")
    expect: Identifier | Refused | None = None
    note: Text | None = None

    @property
    def refusal(self) -> Refused | None:
        """The refusal that must come, if one must."""
        return Refused(refusal=self.expect) if isinstance(self.expect, str) else self.expect


class Clock(Model):
    """What a deadline must be: only what is given is compared."""

    state: Literal["running", "suspended", "overdue", "met", "lapsed", "cancelled"] | None = None
    due: DueAt | None = None
    holder: Literal["applicant", "district", "bureau", "panel", "public"] | None = None
    provisional: bool | None = None
    ledger: tuple[Text, ...] | None = None
    ladder: dict[Identifier, Literal["pending", "fired", "skipped", "cancelled"]] | None = None


class Entry(Model):
    """What a register entry must be: only what is given is compared."""

    number: Text | None = None
    name: Text | None = None
    direction: Text | None = None
    document_number: Text | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class Because(Model):
    """What must have led to the present stage or outcome: only what is given is compared."""

    event: Text | None = None
    at: Moment | None = None
    act: Text | None = None
    by: Identifier | None = None
    deadline: Text | None = None


class Expected(Model):
    """What a case or the call must be: only what is given is compared; ``null`` says there is none."""

    stage: Identifier | None = None
    outcome: Identifier | None = None
    reason: str | None = None
    clause: Text | None = None
    because: Because | None = None
    deadlines: dict[str, Clock] = Field(default_factory=dict[str, Clock])
    events: tuple[Text, ...] | None = None
    members: dict[Identifier, Literal["invited", "confirmed", "declined", "removed"]] | None = None
    eligibility: dict[Identifier, Literal["met", "not_met", "cannot_tell", "not_applicable", "waived"]] = (
        Field(default_factory=dict[str, Any])
    )
    mean: Text | None = None
    notices: dict[Identifier, tuple[Identifier, ...]] = Field(
        default_factory=dict[Identifier, tuple[Identifier, ...]]
    )
    entry: Entry | None = Field(default=None, alias="register")


class Check(Expected):
    """What a case or the call must be at one moment, after everything that happened up to it."""

    at: Moment


class Call(Model):
    """The call: who announces it and when (when the story begins, if not said), and its own dates."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    by: Identifier
    at: Moment | None = None
    title: Titled | None = None
    dates: dict[str, str] = Field(default_factory=dict[str, str])
    checks: tuple[Check, ...] = ()
    expect: Expected | None = None


class CalendarChange(Model):
    """A holiday arrangement that comes into force, by which every open deadline is counted anew.

    Without ``arrangement`` it is what the program ships and what has been issued by then.
    """

    at: Moment
    arrangement: Arrangement | None = None


class Outage(Model):
    """A time in which nothing is done by itself; what fell due in it is done at its end."""

    begins: Annotated[Moment, Field(alias="from")]
    ends: Annotated[Moment, Field(alias="to")]

    @model_validator(mode="after")
    def _has_a_length(self) -> "Outage":
        if self.ends <= self.begins:
            raise ValueError(Fault("to_after_from"))
        return self


class Paper(Model):
    """A document to attach: a text, or a file beside the scenario file, under its own name or another."""

    text: Annotated[str, StringConstraints(min_length=1)] | None = None
    file: Text | None = None
    name: Text | None = None

    @model_validator(mode="after")
    def _has_one_content(self) -> "Paper":
        if (self.text is None) == (self.file is None):
            raise ValueError(Fault("text_or_file"))
        return self


Documents = dict[Identifier, Annotated[str, StringConstraints(min_length=1)] | Paper]
"""Documents by material; a mere text is the content of one."""


class Template(Model):
    """What applications have in common: fields, fields about members by their kind, documents."""

    fields: Fields = Field(default_factory=dict[str, Any])
    member_fields: dict[UnitKind, Fields] = Field(default_factory=dict[UnitKind, Fields])
    documents: Documents = Field(default_factory=dict[str, Any])


class Application(Model):
    """One consortium's application, and its own part of the story."""

    note: Words | None = None
    lead: Identifier
    district: Identifier
    template: Identifier | None = None
    members: tuple[Identifier, ...] = ()
    fields: Fields = Field(default_factory=dict[str, Any])
    member_fields: dict[Identifier, Fields] = Field(default_factory=dict[Identifier, Fields])
    documents: Documents = Field(default_factory=dict[str, Any])
    acts: tuple[Act, ...] = ()
    checks: tuple[Check, ...] = ()
    expect: Expected | None = None


class Scenario(Model):
    """A whole story."""

    format: Literal[1]
    title: Words
    pack: Text
    begins: Moment
    ends: Moment | None = None
    call: Call
    districts: dict[Identifier, District] = Field(min_length=1)
    organisations: dict[Identifier, Organisation] = Field(min_length=1)
    people: dict[Identifier, Person] = Field(min_length=1)
    templates: dict[Identifier, Template] = Field(default_factory=dict[Identifier, Template])
    applications: dict[Identifier, Application] = Field(default_factory=dict[Identifier, Application])
    calendars: tuple[CalendarChange, ...] = ()
    outages: tuple[Outage, ...] = ()
    acts: tuple[Act, ...] = ()
