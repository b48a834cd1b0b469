"""An entry of the register after its filing: who it belongs to, until when it is valid, what was noted of it.

Whether it is valid, expired, revoked or dissolved is the stage or outcome that its subject stands at.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from procedure.instant import Day


@dataclass(frozen=True, slots=True)
class OfEntry:
    """What concerns a filed consortium: its register number and name, its lead and its recommending unit.

    Every subject that comes after filing has these first: who may act on it and who is told follows from
    them. ``lead`` is a USCC, ``district`` a bureau's code.
    """

    entry: str
    name: str
    lead: str
    lead_name: str
    district: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A look at progress between evaluations: until when it is planned, and once held what it found."""

    number: int
    topic: str
    planned_for: Day
    held_on: Day | None = None
    findings: str | None = None
    difficulties: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a filed consortium, with what rules ask of it; of the lead nothing is the core layer."""

    uscc: str
    name: str
    kind: str
    core_layer: bool = False
    form: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """A project that the consortium carries, from its approval to its end; ``number`` counts from 1."""

    number: int
    title: str
    document: str
    begun_on: Day
    ended_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Nominated:
    """What the consortium nominated for support, and on which day."""

    object: str
    on: Day


@dataclass(frozen=True, slots=True)
class Entry(OfEntry):
    """The entry itself. ``marks`` are the evaluations that marked it as excellent.

    ``members``, ``direction``, ``chief_expert`` and ``plan`` are as they were filed where they are None;
    ``form`` has what was told since of the lead and the consortium.
    """

    application: str
    valid_from: Day
    valid_to: Day
    follow_ups: tuple[FollowUp, ...] = ()
    marks: tuple[str, ...] = ()
    members: tuple[Unit, ...] | None = None
    direction: str | None = None
    chief_expert: str | None = None
    plan: str | None = None
    form: dict[str, Any] = field(default_factory=dict)
    projects: tuple[Project, ...] = ()
    nominations: tuple[Nominated, ...] = ()

    @property
    def running(self) -> tuple[Project, ...]:
        """The projects that are not ended."""
        return tuple(each for each in self.projects if each.ended_on is None)


STATES: Final = ("valid", "expired", "revoked", "dissolved")
"""What the register says of an entry; at any instant it says exactly one of them."""
