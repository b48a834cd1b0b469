"""What an act is made of: particulars, facts needed, what it decides, and how the record takes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pendulum
from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from procedure.act import Actor, Consequence, Facts, Refusal
from procedure.definition import ActRule, Procedure, Stage
from procedure.event import ClockEntry
from procedure.subject import Application, Record, Subject
from procedure.text import InvisibleCharacter, cleaned, shown

PROSE: Final = frozenset({"reason", "opinion", "findings", "comment", "note", "remark", "text"})
"""The particulars that may have several lines."""


class Payload(BaseModel):
    """An act's particulars: frozen, closed to what it does not know, without characters nobody can see."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        hide_input_in_errors=False,
        defer_build=True,  # few of them are asked for in a process's life, and most processes are short
    )

    @field_validator("*")
    @classmethod
    def _readable(cls, value: Any, info: ValidationInfo) -> Any:
        try:
            if isinstance(value, str):
                return cleaned(value, multiline=info.field_name in PROSE)
            if isinstance(value, tuple):
                return tuple(
                    cleaned(each, multiline=False) if isinstance(each, str) else each for each in value
                )
            if isinstance(value, dict) and info.field_name != "fields":  # the form judges its own values
                return {
                    key: cleaned(each, multiline=True) if isinstance(each, str) else each
                    for key, each in value.items()
                }
        except InvisibleCharacter as error:
            raise PydanticCustomError(
                "invisible_character",
                "invisible or control character {character} at position {position}",
                {"character": error.character, "position": error.position},
            ) from None
        return value


def parsed(act_name: str, kind: type[Payload], given: Mapping[str, Any]) -> Any:
    """Return what was given as the particulars of an act, or the refusal that names all that is wrong."""
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        problems = [
            {
                "field": ".".join(str(part) for part in problem["loc"]),
                "value": shown(problem.get("input")),
                "rule": problem["msg"],
                "code": problem["type"],
                "facts": {name: str(value) for name, value in problem.get("ctx", {}).items()},
            }
            for problem in error.errors(include_url=False)
        ]
        return Refusal("bad_particulars", {"act": act_name, "problems": problems})


class Nothing(Payload):
    """An act without particulars."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an act decides upon."""

    procedure: Procedure
    subject: Subject
    stage: Stage
    rule: ActRule
    facts: Facts
    actor: Actor
    now: pendulum.DateTime

    @property
    def application(self) -> Application:
        """The application's particulars."""
        return self.subject.application


@dataclass(frozen=True, slots=True)
class Happening:
    """What an act amounts to before the machine moves the subject.

    ``seen`` is what the branches' guards may look at beside the settings and the district. ``back_to`` is a
    stage whose clocks ``clock`` has set already, ``goes_to`` a stage or outcome that is entered as any other;
    both take the place of the way out that the pack gives.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)
    clock: tuple[ClockEntry, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    back_to: str | None = None
    goes_to: str | None = None


Decide = Callable[[Context, Any], Happening | Refusal]
Evolve = Callable[[Any, dict[str, Any], pendulum.DateTime], Any]


@dataclass(frozen=True, slots=True)
class ActType:
    """One act of the vocabulary: ``name`` asks for it, ``event`` records it."""

    name: str
    event: str
    payload: type[Payload]
    facts: frozenset[str]
    decide: Decide


ACTS: Final[dict[str, ActType]] = {}
"""Every act of the vocabulary by name."""

EVOLVE: Final[dict[str, Evolve]] = {}
"""How the particulars take each kind of event."""


def act(name: str, event: str, payload: type[Payload] = Nothing, *facts: str) -> Callable[[Decide], Decide]:
    """Enter the decorated function into the vocabulary as what ``name`` decides."""

    def enter(decide: Decide) -> Decide:
        ACTS[name] = ActType(name, event, payload, frozenset(facts), decide)
        return decide

    return enter


def evolves(event: str) -> Callable[[Evolve], Evolve]:
    """Enter the decorated function as how the particulars take ``event``."""

    def enter(evolve: Evolve) -> Evolve:
        EVOLVE[event] = evolve
        return evolve

    return enter


def take(record: Record, kind: str, data: dict[str, Any], at: pendulum.DateTime) -> Any:
    """Return the particulars after an event; kinds that concern only stage and clock change nothing."""
    evolve = EVOLVE.get(kind)
    return record if evolve is None else evolve(record, data, at)
