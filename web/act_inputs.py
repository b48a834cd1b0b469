"""What an act asks for on a page: its inputs as they are shown, and as they are read back from the form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from procedure import written
from procedure.instant import calendar_day, local_instant
from web.visitor import Form

Kind = Literal[
    "line",
    "text",
    "lines",
    "number",
    "day",
    "moment",
    "check",
    "radio",
    "pick",
    "many",
    "each",
    "remarks",
    "verdicts",
    "places",
    "struck",
    "corrected",
    "texts",
    "amounts",
    "indicators",
    "files",
    "answer",
    "hidden",
]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the things to choose from, with what helps to choose."""

    value: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """One particular of an act.

    ``lines`` is a text whose lines are a list; ``each`` a text for every option, of which the blank ones are
    left out; ``remarks`` chosen options with a text each; ``verdicts`` met or not met for every option.
    ``places`` gives a place to each option, ``struck`` takes some away with a reason, ``corrected`` says
    anew what some are about. ``texts`` is a long text for every option, ``amounts`` a number or an amount;
    ``indicators`` a line each, of title, target and what was reached; ``files`` what was uploaded and stored,
    by its digest; ``answer`` is yes or no. ``given`` is what stands there at first, of ``many`` the values
    that are chosen, with spaces between; what is ``optional`` is left out where it is blank; a ``line`` is
    drawn after so many options.
    """

    name: str
    kind: Kind
    label: str
    options: tuple[Option, ...] = ()
    hint: str = ""
    given: str = ""
    optional: bool = False
    line: int | None = None

    def read(self, form: Form) -> Any:
        """Return what the form says; None where it is left out."""
        text = form.text(self.name).replace("\r\n", "\n")
        match self.kind:
            case "check":
                return text == "true"
            case "number":
                number = form.number(self.name)
                return number if number is not None or self.optional else 0
            case "lines":
                return [line.strip() for line in text.splitlines() if line.strip()]
            case "many":
                return form.chosen(self.name) or (None if self.optional else [])
            case "places":
                places = form.texts(f"{self.name}:").items()
                numbers = [(int(at), name) for name, at in places if re.fullmatch(r"[0-9]{1,6}", at.strip())]
                return [name for _, name in sorted(numbers)]
            case "struck":
                said = form.texts(f"{self.name}:")
                return [{"case": name, "reason": why} for name, why in said.items() if why.strip()]
            case "corrected":
                said = form.texts(f"{self.name}:")
                return {name: {"direction": now} for name, now in said.items() if now.strip()}
            case "texts" | "amounts" | "each":
                said = form.texts(f"{self.name}:")
                return {name: told for name, told in said.items() if told.strip()}
            case "indicators":
                return [_indicator(line) for line in text.splitlines() if line.strip()]
            case "files":
                stored = form.texts(f"{self.name}:")
                return [{"title": name, "digest": digest} for digest, name in stored.items()]
            case "answer":
                return {"true": True, "false": False}.get(text, text)
            case "remarks":
                remarks = form.texts("remark:")
                return [{"item": item, "remark": remarks.get(item, "")} for item in form.chosen("item")]
            case "verdicts":
                said = form.texts(f"{self.name}:")
                return {name: answer for name, answer in said.items() if answer}
            case _:
                return None if self.optional and not text.strip() else text


def _indicator(line: str) -> dict[str, str]:
    """Read ``title | target | reached``; what is missing is refused by the act itself."""
    parts = [part.strip() for part in line.replace("｜", "|").split("|", 2)]
    return dict(zip(("title", "target", "reached"), [*parts, "", ""][:3], strict=True))


@dataclass(frozen=True, slots=True)
class ActForm:
    """An act as a page offers it, done in ``role``; what is ``final`` is asked for twice."""

    act: str
    role: str
    inputs: tuple[Input, ...] = field(default=())
    final: bool = False
    quiet: bool = False

    @property
    def brings_files(self) -> bool:
        """Whether files come with it."""
        return any(each.kind == "files" for each in self.inputs)

    @property
    def can_be_given(self) -> bool:
        """Whether there is something to choose wherever something must be chosen."""
        return all(each.options for each in self.inputs if each.kind in ("radio", "pick", "answer"))

    def payload(self, form: Form) -> dict[str, Any]:
        """Return the act's particulars from what was sent."""
        read = ((each.name, each.read(form)) for each in self.inputs)
        return {name: value for name, value in read if value is not None}


def sent(form: Form) -> Mapping[str, list[str]]:
    """Return everything that a form sent beside its tokens, to be shown or sent once more."""
    kept = [name for name in form.texts() if name not in ("csrf", "key", "version", "preview", "confirmed")]
    return {name: form.chosen(name) for name in kept}


def said(offer: ActForm, payload: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Return the particulars as a page repeats them before they are confirmed: label and words."""
    told = [(each, payload.get(each.name)) for each in offer.inputs if each.kind != "hidden"]
    return [
        (each.label, _in_words(each, value, language))
        for each, value in told
        if value not in (None, "", [], {})
    ]


def _in_words(each: Input, value: Any, language: str) -> str:
    titles = {option.value: option.title for option in each.options}
    match value:
        case str() if each.kind == "moment":
            return written.when(local_instant(value), language)
        case str() if each.kind == "day":
            return written.day(calendar_day(value), language)
        case bool():
            return "✓" if value else "✗"
        case dict():
            lines = [
                f"{titles.get(name, name)}：{told['direction'] if isinstance(told, dict) else told}"
                for name, told in value.items()
            ]
            return "\n".join(lines)
        case list() if each.kind in ("indicators", "files"):
            shown = ("title", "target", "reached") if each.kind == "indicators" else ("title",)
            return "\n".join("｜".join(one[name] for name in shown) for one in value)
        case list() if each.kind in ("remarks", "struck"):
            pairs = [list(one.values()) for one in value]
            return "\n".join(f"{titles.get(name, name)}：{told}" for name, told in pairs)
        case list() if each.kind == "places":
            return "\n".join(f"{n}. {titles.get(str(one), one)}" for n, one in enumerate(value, 1))
        case list():
            return "\n".join(titles.get(str(one), str(one)) for one in value)
        case _:
            return titles.get(str(value), str(value))
