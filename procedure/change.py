"""A change of a filed consortium: what is to change, who must agree, and what the consortium becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from procedure import register
from procedure.definition import Aspect, Procedure
from procedure.entry import Entry, OfEntry, Project, Unit
from procedure.evaluation import Evidence
from procedure.instant import Instant

Answer = Literal["consented", "refused"]

CONSENT: Final = "consent"
"""The stage at which the units of a consortium answer."""


@dataclass(frozen=True, slots=True)
class Party:
    """A unit whose consent a change needs, and its answer."""

    uscc: str
    name: str
    answer: Answer | None = None
    answered_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """What an officer lets a change do although a rule stands against it, and why."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change(OfEntry):
    """One change from its draft to its decision.

    ``joins`` come in and ``leaves`` (USCCs) go; ``new_lead`` is a member until then; ``value`` is the new
    direction, name, chief expert or what changes in the plan; ``form`` has what is told of a new lead, or
    the targets that the plan sets anew.
    """

    aspect: Aspect
    why: str
    parties: tuple[Party, ...] = ()
    joins: tuple[Unit, ...] = ()
    leaves: tuple[str, ...] = ()
    new_lead: str | None = None
    value: str | None = None
    form: dict[str, Any] = field(default_factory=dict)
    materials: dict[str, Evidence] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    refused_by: str | None = None
    decision: Literal["approved", "declined"] | None = None
    answer: str | None = None
    document_number: str | None = None

    def party(self, uscc: str | None) -> Party | None:
        """Return the unit with this USCC, if its consent is needed."""
        return next((each for each in self.parties if each.uscc == uscc), None)

    @property
    def unanswered(self) -> frozenset[str]:
        """The units whose consent is needed and has not been answered yet."""
        return frozenset(each.uscc for each in self.parties if each.answer is None)

    def exempt(self, rule: str) -> bool:
        """Return whether an officer exempted the change from a rule."""
        return any(each.rule == rule for each in self.exemptions)

    def agreed_but_for(self, uscc: str | None) -> bool:
        """Return whether every other unit than this one has consented."""
        return all(each.answer == "consented" for each in self.parties if each.uscc != uscc)


@dataclass(frozen=True, slots=True)
class Composition:
    """A consortium as it is: lead, members, and what the form says of lead and consortium."""

    lead: Unit
    members: tuple[Unit, ...]
    form: Mapping[str, Any]

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units, the lead first."""
        return (self.lead, *self.members)

    def member(self, uscc: str | None) -> Unit | None:
        """Return the member unit with this USCC, if it is one."""
        return next((each for each in self.members if each.uscc == uscc), None)

    def after(self, change: Change) -> "Composition":
        """Return what the consortium becomes; a former lead that does not leave becomes a member."""
        lead = self.member(change.new_lead) or self.lead
        before = (*(() if lead is self.lead else (self.lead,)), *self.members)
        kept = tuple(each for each in before if each.uscc not in (lead.uscc, *change.leaves))
        told = self.form if lead is self.lead else {**without_lead(self.form), **change.form}
        return replace(self, lead=lead, members=(*kept, *change.joins), form=told)


@dataclass(frozen=True, slots=True)
class Tied:
    """A reviewer of an open evaluation who is tied to a unit that is to join."""

    evaluation: str
    expert: str
    name: str
    uscc: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a change is judged by: the consortium as it is, and what else stands on record."""

    entry: Entry
    composition: Composition
    tied: tuple[Tied, ...] = ()
    open_matters: tuple[str, ...] = ()
    names_taken: frozenset[str] = frozenset()

    @property
    def running(self) -> tuple[Project, ...]:
        """The projects that the consortium carries."""
        return self.entry.running


def without_lead(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form says of the consortium, without what it says of its lead."""
    return {path: value for path, value in form.items() if not path.startswith("lead.")}


def new_name(procedure: Procedure, known: Known, change: Change) -> str | None:
    """Return the official name that a change brings; None where the name stays."""
    if change.aspect == "name":
        return change.value
    if change.aspect == "direction" and change.value is not None:
        return register.official_name(procedure, change.value, known.composition.form)
    return None
