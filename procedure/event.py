"""What happened: events carry every computed result, so replaying them needs no rule and no calendar."""

from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from procedure.instant import Instant, instant

SCHEMA = 1
"""The version of the event format that this code writes."""

ClockKind = Literal[
    "started",
    "suspended",
    "resumed",
    "extended",
    "met",
    "lapsed",
    "overdue",
    "cancelled",
    "recalculated",
    "restored",
]


@dataclass(frozen=True, slots=True)
class ClockEntry:
    """One line of a deadline's ledger: what happened to it, and its due instant before and after.

    ``remaining`` is what is left from ``at`` on: working days, or microseconds for a fixed instant.
    """

    deadline: str
    occurrence: int
    kind: ClockKind
    at: Instant
    due_before: Instant | None = None
    due_after: Instant | None = None
    base_at: Instant | None = None
    counted_from: Instant | None = None
    holder: str | None = None
    remaining: int | None = None
    reason: str | None = None
    calendar: str | None = None
    provisional: bool = False


REVISION: Final = "revision_changed"
"""The reason of a ledger line that a move to another revision has written."""

TAKEN_BACK: Final = "act_taken_back"
"""The reason of a ledger line after which a deadline is suspended, or overdue, as it was before an act."""


DATES: Final = "dates"
"""Where the data of an event says that it moves named dates of its subject."""


@dataclass(frozen=True, slots=True)
class Told:
    """Which text goes to which audiences because of the event."""

    text: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a subject, with all that follows from it.

    ``personal`` holds the personal form fields apart from ``data``, and ``digests`` their salted digests, so
    that they can be erased without breaking the chain. ``stage`` or ``outcome`` is set where it moved.
    """

    seq: int
    kind: str
    effective_at: Instant
    data: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, str] = field(default_factory=dict)
    stage: str | None = None
    outcome: str | None = None
    clock: tuple[ClockEntry, ...] = ()
    told: tuple[Told, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)
    schema: int = SCHEMA


_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def moved_dates(data: dict[str, Any]) -> dict[str, Instant]:
    """Return the named dates that an event with these data sets."""
    return {name: instant(at) for name, at in data[DATES].items()}


def dump(event: Event) -> str:
    """Return the event as JSON text without its personal fields."""
    return _EVENT.dump_json(event, exclude_defaults=True, exclude={"personal"}).decode()


def load(text: str, personal: dict[str, str] | None = None) -> Event:
    """Return the event that ``dump`` wrote, with its personal fields put back where they still exist."""
    event = _EVENT.validate_json(text)
    return replace(event, personal=personal) if personal else event
