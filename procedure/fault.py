"""What is wrong with something that was written, as a code with facts; its words stand in `locale`.

Packs, stories, party files, sheets, calendars, addresses and anchors are told about in these words, in
Chinese ("zh") and in English ("en"). The parsers' own reasons are facts and stay as they are.
"""

from collections.abc import Iterable, Mapping
from functools import cache, reduce
from pathlib import Path
from typing import Any, Final, Self

from procedure.quick_yaml import quick

_FOLDER: Final = Path(__file__).with_name("locale")


class Fault(str):
    """What is wrong: as text in English, and in either language by ``of``.

    A fact may be a fault itself, or a list; ``what`` is one of the catalogue's nouns.
    """

    __slots__ = ("code", "facts")

    code: str
    facts: Mapping[str, Any]

    def __new__(cls, code: str, /, **facts: Any) -> Self:
        """Return the fault; KeyError for a code or noun without words."""
        fault = super().__new__(cls, _worded(code, facts, "en"))
        fault.code, fault.facts = code, facts
        return fault

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Return what a copy is made of."""
        return (self.code,), dict(self.facts)

    def of(self, language: str) -> str:
        """Return what is wrong in ``language`` ("zh" or "en"); anything else reads Chinese."""
        return _worded(self.code, self.facts, language)


def either(things: Iterable[str]) -> str:
    """Return things as alternatives, each told once."""
    return reduce(lambda one, other: Fault("or", one=one, other=other), dict.fromkeys(things))


def unknown(what: str, name: str, known: Iterable[str]) -> Fault:
    """Return the fault that ``name`` is none of those known; ``what`` is a noun of the catalogue."""
    return Fault("unknown", what=what, name=name, known=sorted(known) or Fault("there_are_none"))


def fault_of(error: BaseException) -> Fault:
    """Return the fault that an error was raised with; of any other error, its own words."""
    return as_fault(error.args[0] if error.args and isinstance(error.args[0], Fault) else str(error))


def as_fault(text: str) -> Fault:
    """Return a text that may be a fault as one; other words stand as they are, in either language."""
    return text if isinstance(text, Fault) else Fault("as_it_is", says=text)


def of_pydantic(detail: Mapping[str, Any]) -> Fault:
    """Return what Pydantic says in its own words; of types that the catalogue lacks, in its English."""
    code = f"pydantic_{detail['type']}"
    if code not in catalogue("en")["faults"]:
        return as_fault(detail["msg"])
    return Fault(code, **detail.get("ctx", {}))


@cache
def catalogue(language: str) -> dict[str, dict[str, str]]:
    """Return the words of a language: of the faults, and the nouns."""
    name = "en" if language == "en" else "zh"
    table: dict[str, dict[str, str]] = quick().load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return table


def _worded(code: str, facts: Mapping[str, Any], language: str) -> str:
    words = catalogue(language)["faults"][code]
    return words.format_map({name: _said(name, fact, language) for name, fact in facts.items()})


def _said(name: str, fact: Any, language: str) -> Any:
    if name == "what":
        return catalogue(language)["nouns"][fact]
    if isinstance(fact, (list, tuple)):
        return (", " if language == "en" else "、").join(str(_said("", each, language)) for each in fact)
    return fact.of(language) if hasattr(fact, "of") else fact
