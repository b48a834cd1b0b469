"""Terms in words, in Chinese ("zh") and in English ("en"): acts, roles, stages, fields, values.

They stand in one YAML table a language (`casework/locale`): sentences need no plural forms, and a table is
read as it is written, with no catalogue to compile. What only the portal says stands in a file of its own
beside it, as the table's section `portal`.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

from procedure import written
from procedure.definition import Clause, FormField, Procedure
from procedure.instant import calendar_day, instant
from procedure.quick_yaml import quick

LANGUAGES: Final = ("zh", "en")
_FOLDER = Path(__file__).with_name("locale")


@cache
def catalogue(language: str) -> dict[str, Any]:
    """Return the table of a language; anything but "en" reads Chinese."""
    name = "en" if language == "en" else "zh"
    table: dict[str, Any] = _read(f"{name}.yaml")
    return table | {"portal": _read(f"portal-{name}.yaml")}


def _read(name: str) -> Any:
    return quick().load((_FOLDER / name).read_text(encoding="utf-8"))


def term(section: str, name: str | None, language: str) -> str:
    """Return the title of a term, such as the act ``submit`` or the role ``expert``; the name itself if none.

    ``section`` is one of ``acts``, ``events``, ``roles``, ``organisations``, ``bureaus``, ``states``.
    """
    return str(catalogue(language)[section].get(name, name or ""))


class Terms:
    """The terms of one language; with a procedure, its stages, fields and materials by their titles."""

    def __init__(self, language: str, procedure: Procedure | None = None) -> None:
        self.language = "en" if language == "en" else "zh"
        self.table = catalogue(self.language)
        self.procedure = procedure

    def say(self, phrase: str, /, **facts: Any) -> str:
        """Return a phrase of the table's ``details`` with its facts put in."""
        return str(self.table["details"][phrase]).format_map(facts)

    def listed(self, things: Any) -> str:
        """Return things as a list within a sentence, or that there are none."""
        return written.listed(things, self.language) or self.say("none")

    def term(self, section: str, name: Any) -> str:
        """Return the title of a term of a section; the name itself if it has none."""
        return term(section, str(name), self.language)

    def place(self, name: Any) -> str:
        """Return the title of a stage or an outcome."""
        if self.procedure is not None:
            for life in (self.procedure.application, self.procedure.call):
                place = life.stage.get(name) or life.outcome.get(name)
                if place is not None:
                    return place.title.of(self.language)
        return str(name)

    def deadline(self, name: Any) -> str:
        """Return the title of a deadline."""
        if self.procedure is not None:
            for life in (self.procedure.application, self.procedure.call):
                if name in life.deadline:
                    return life.deadline[name].title.of(self.language)
        return str(name)

    def material(self, name: Any) -> str:
        """Return the title of a material."""
        known = None if self.procedure is None else self.procedure.material.get(name)
        return str(name) if known is None else known.title.of(self.language)

    def field(self, path: Any) -> str:
        """Return the title of a form field."""
        known = None if self.procedure is None else self.procedure.field.get(path)
        return str(path) if known is None else known.title.of(self.language)

    def particular(self, path: Any) -> str:
        """Return the title of an act's particular, such as ``items.0.remark``."""
        return " ".join(
            part if part.isdecimal() else self.term("fields", part) for part in str(path).split(".")
        )

    def rule(self, name: Any) -> str:
        """Return the title of an eligibility rule."""
        known = None if self.procedure is None else {rule.id: rule for rule in self.procedure.rules}.get(name)
        return str(name) if known is None else known.title.of(self.language)

    def item(self, name: Any) -> str:
        """Return what a listed item or a missing part is: a field, a material or something of a member."""
        if name in self.table["items"]:
            return self.term("items", name)
        kind, _, rest = str(name).partition(":")
        inner, _, last = rest.partition(":")
        match kind:
            case "score" if last:
                return self.say("score_by", stage=self.place(inner), expert=last)
            case "document" if last:
                return self.say("material_of", material=self.material(inner), uscc=last)
            case "document":
                return self.material(rest)
            case "member" if last == "answer":
                return self.say("member_answer", uscc=inner)
            case "member" if last:
                return self.say("member_field", uscc=inner, field=self.field(last))
            case "member":
                return self.say("member", uscc=rest)
            case uscc if rest:
                return self.say("member_field", uscc=uscc, field=self.field(rest))
            case path:
                return self.field(path)

    def moment(self, value: Any) -> str:
        """Return an instant or a day as people write it; anything else as it is."""
        text = str(value)
        try:
            if "T" in text:
                return written.when(instant(text), self.language)
            return written.day(calendar_day(text), self.language)
        except ValueError:
            return text

    def value(self, path: str, value: Any) -> str:
        """Return what a form field holds, as people write it."""
        field = None if self.procedure is None else self.procedure.field.get(path)
        if isinstance(value, bool):
            return self.say("is_true" if value else "is_false")
        return str(value) if field is None else self._typed(field, value)

    def _typed(self, field: FormField, value: Any) -> str:
        match field.type:
            case "money" if isinstance(value, int):
                return written.money(value)
            case "date":
                return self.moment(value)
            case "choice" if value in field.choices:
                return field.choices[value].of(self.language)
            case _:
                return str(value)

    def clause(self, clause: Clause) -> str:
        """Return a clause with its document and force."""
        if self.procedure is None:
            return clause.clause
        return written.clause(self.procedure, clause, self.language)

    def ground(self, name: Any) -> str:
        """Return where an eligibility rule comes from."""
        known = None if self.procedure is None else {rule.id: rule for rule in self.procedure.rules}.get(name)
        if self.procedure is None or known is None:
            return str(name)
        return written.ground(self.procedure, known, self.language)
