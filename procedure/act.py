"""What goes into a decision and what comes out: actors, acts, facts, decisions and refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procedure.change import Known
from procedure.definition import Clause
from procedure.disqualification import Bar
from procedure.event import Event
from procedure.subject import Subject
from procedure.working_days import WorkingCalendar

if TYPE_CHECKING:
    from procedure.entitled import Entitled


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the person, the role acted in, and the unit or bureau the role belongs to."""

    role: str
    person: int | None = None
    organisation: str | None = None
    bureau: str | None = None
    on_behalf_of: int | None = None


SYSTEM = Actor("system")
"""The actor of everything that no person does."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act as it is asked for: its name, its particulars (not yet validated) and who asks."""

    name: str
    actor: Actor
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A known organisation."""

    uscc: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Expert:
    """An expert of the bureau's pool.

    ``employer`` is a USCC; ``ties`` are what the expert declared: USCCs of units and digests of people's ID
    numbers. ``load`` counts the seats on panels of the same call.
    """

    person: int
    name: str
    active: bool
    employer: str | None = None
    handle: str = ""
    id_digest: str | None = None
    fields: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    load: int = 0


@dataclass(frozen=True, slots=True)
class PartyPerson:
    """A person who acts for a unit of the case; ``unit`` is its USCC."""

    person: int
    name: str
    unit: str
    id_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Officer:
    """Who holds a role of the bureau (code) ``unit`` today; ``substitute`` names who stands in for them."""

    person: int
    handle: str
    name: str
    role: str
    unit: str
    substitute: str | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """Where an application of a call stands; ``mean`` is its frozen score in hundredths, if it has one."""

    stage: str
    outcome: str | None
    lead_name: str = ""
    direction: str = ""
    mean: int | None = None


@dataclass(frozen=True, slots=True)
class LastAct:
    """The last thing that happened to a subject, if it was a person's act, and the subject before it."""

    act: str
    person: int
    before: Subject


@dataclass(frozen=True, slots=True)
class Facts:
    """What casework loaded for the decision; an act names the facts it needs in its ``facts``.

    ``entropy`` is fresh chance, from which a seed is taken; ``seated`` are the experts of the case's panel,
    without their load; ``defences`` are the cases that have a place in the order of the day asked for.
    ``last`` is the last act, while nothing has happened since; ``recommended`` counts what the case's first
    authority has recommended in its call, where there is a quota. ``plan`` is what the application, or a
    change since, says of the targets of the construction plan, by field; ``units`` are those of the
    consortium as it is now, by USCC.
    """

    calendar: WorkingCalendar
    call: Subject | None = None
    other_open_case: str | None = None
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    entropy: str | None = None
    experts: Mapping[str, Expert] = field(default_factory=dict)
    pool: tuple[Expert, ...] = ()
    seated: tuple[Expert, ...] = ()
    party_people: tuple[PartyPerson, ...] = ()
    officers: tuple[Officer, ...] = ()
    defences: Mapping[int, str] = field(default_factory=dict)
    children: Mapping[str, Child] = field(default_factory=dict)
    counter: int | None = None
    names_taken: frozenset[str] = frozenset()
    stored_files: Mapping[str, int] | None = None
    last: LastAct | None = None
    open_evaluations: int = 0
    recommended: int = 0
    bars: tuple[Bar, ...] = ()
    consortium: Known | None = None
    plan: Mapping[str, Any] = field(default_factory=dict)
    units: frozenset[str] = frozenset()
    entitled: "Entitled | None" = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What must still hold in the transaction that writes the decision: the subject's version before it."""

    ref: str
    version: int


@dataclass(frozen=True, slots=True)
class Consequence:
    """An act on another subject that belongs to the same transaction."""

    ref: str
    act: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an act does: the subject as it becomes, the events to record, and what must be checked."""

    before: Subject
    subject: Subject
    events: tuple[Event, ...]
    guard: Guard
    consequences: tuple[Consequence, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A named no with its facts; the wording belongs to those who show it."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    clause: Clause | None = None
