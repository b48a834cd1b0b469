"""A pack's texts: checked when the pack is published, filled in when a notice is sent."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateAssertionError,
    TemplateSyntaxError,
    meta,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from procedure.fault import Fault

Language: TypeAlias = Literal["zh", "en"]
Part: TypeAlias = Literal["subject", "body"]
Texts: TypeAlias = Mapping[str, Mapping[Language, Mapping[Part, str]]]
"""Text id -> language -> part -> template, as in a pack's `notices.yaml`."""

LANGUAGES: tuple[Language, ...] = ("zh", "en")
PARTS: tuple[Part, ...] = ("subject", "body")

_HERE = ZoneInfo("Asia/Shanghai")
# By name, Babel would search for the locale anew for each date.
_LOCALE = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en_GB")}
_WHEN = {"zh": "y年M月d日 HH:mm", "en": "d MMMM y, HH:mm"}
_DAY = {"zh": "y年M月d日", "en": "d MMMM y"}
_YUAN = {"zh": "{}元", "en": "CNY {}"}
_CASE = {"zh": "案件编号：{}", "en": "Case number: {}"}
_DIGEST = {"zh": "备案通知汇总（{}条）", "en": "{} notices on filing"}
_SENDER = {
    "zh": "本邮件由科技局备案系统自动发送，请勿直接回复。",
    "en": "This mail was sent by the bureau's filing system. Please do not reply to it.",
}


class TextError(ValueError):
    """A text that the pack lacks, or that cannot be filled in with this context."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text filled in: one line of subject, the words as a letter (plain and HTML) and by themselves."""

    subject: str
    plain: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a text, and where."""

    text: str
    language: Language
    part: Part
    line: int
    column: int | None
    problem: Fault

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"text {self.text!r} ({self.language}), {self.part}, line {self.line}{column}: {self.problem}"


def render(
    texts: Texts, text: str, language: Language, context: Mapping[str, object], case: str | None
) -> Rendered:
    """Fill in `text` for someone who reads `language`; `case` is the number shown below it, if there is one.

    Raises TextError, naming the text, when the pack lacks it or the context lacks a variable.
    """
    subject, body = (_fill(texts, text, language, part, context) for part in PARTS)
    # A line break in a subject would be a header of the context's making.
    subject, body = " ".join(subject.split()), body.strip()
    footer = [_CASE[language].format(case)] if case else []
    footer.append(_SENDER[language])
    paragraphs = [paragraph.splitlines() for paragraph in re.split(r"\n\s*\n", body)]
    html = _layout().render(language=language, subject=subject, paragraphs=paragraphs, footer=footer)
    # The line "-- " tells mail programs where the signature begins.
    return Rendered(subject, "\n".join([body, "", "-- ", *footer, ""]), html, body)


def bundled(written: Sequence[Rendered], language: Language) -> Rendered:
    """Return several messages to one person as one, in their order."""
    if len(written) == 1:
        return written[0]
    subject = _DIGEST[language].format(len(written))
    paragraphs = [[each.subject, *each.text.splitlines()] for each in written]
    footer = [_SENDER[language]]
    html = _layout().render(language=language, subject=subject, paragraphs=paragraphs, footer=footer)
    text = "\n\n".join("\n".join(lines) for lines in paragraphs)
    return Rendered(subject, "\n".join([text, "", "-- ", *footer, ""]), html, text)


def check(texts: Texts, variables: Collection[str]) -> list[Flaw]:
    """Every reason why a text could not be filled in from a flat context that has just these `variables`."""
    return [
        Flaw(text, language, part, line, column, problem)
        for text, languages in texts.items()
        for language in LANGUAGES
        for part in PARTS
        for line, column, problem in _flaws(languages.get(language, {}).get(part), language, variables)
    ]


def _fill(texts: Texts, text: str, language: Language, part: Part, context: Mapping[str, object]) -> str:
    try:
        template = texts[text][language][part]
    except KeyError as missing:
        raise TextError(f"text {text!r} ({language}), {part}: the pack has no {missing}") from missing
    try:
        return _compiled(language, template).render(context)
    except Exception as error:  # the template decides what is called, so anything may be raised
        raise TextError(f"text {text!r} ({language}), {part}: {error}") from error


def _flaws(
    template: str | None, language: Language, variables: Collection[str]
) -> Iterator[tuple[int, int | None, Fault]]:
    if template is None:
        yield 1, None, Fault("text_missing")
        return
    environment = _environment(language)
    try:
        tree = environment.parse(template)
    except TemplateSyntaxError as error:
        yield error.lineno, None, Fault("no_template", says=error.message or "cannot be read")
        return
    unknown: set[str] = set()
    # An unknown filter or test ends Jinja's search for variables; below it is found with its place.
    with suppress(TemplateAssertionError):
        unknown = meta.find_undeclared_variables(tree) - set(variables)
    lines = template.splitlines()
    found: set[tuple[int, int | None, Fault]] = set()
    for node in tree.find_all(nodes.Node):
        match node:
            case nodes.Name(name=name) if name in unknown:
                problem = Fault("unknown_variable", name=name)
            case nodes.Filter(name=name) if name not in environment.filters:
                problem = Fault("unknown_filter", name=name)
            case nodes.Test(name=name) if name not in environment.tests:
                problem = Fault("unknown_test", name=name)
            case nodes.Getattr(node=nodes.Name(name="loop")):
                continue
            case nodes.Getattr(attr=name):
                problem = Fault("no_part", name=name)
            case nodes.Include() | nodes.Extends() | nodes.Import() | nodes.FromImport():
                name, problem = "", Fault("text_stands_alone")
            case _:
                continue
        at = re.search(rf"\b{re.escape(name)}\b", lines[node.lineno - 1]) if name else None
        found.add((node.lineno, at.start() + 1 if at else None, problem))
    yield from sorted(found, key=lambda flaw: (flaw[0], flaw[1] or 0))


@lru_cache(maxsize=1_000)
def _compiled(language: Language, template: str) -> Template:
    return _environment(language).from_string(template)


@cache
def _environment(language: Language) -> Environment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    # A text needs none of Jinja's functions; without them a misspelt variable cannot happen to be one.
    environment.globals.clear()
    environment.filters |= {
        "when": partial(_when, language),
        "day": partial(_day, language),
        "yuan": partial(_yuan, language),
    }
    return environment


@cache
def _layout() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=folder, undefined=StrictUndefined, autoescape=True).get_template("layout.html")


def _when(language: Language, instant: str) -> str:
    """2024年8月4日 18:00, in the bureau's time whatever the offset given."""
    return format_datetime(_instant(instant), _WHEN[language], tzinfo=_HERE, locale=_LOCALE[language])


def _day(language: Language, moment: str) -> str:
    """2024年8月4日, from a date or from an instant."""
    day = _instant(moment).astimezone(_HERE).date() if "T" in moment else date.fromisoformat(moment)
    return format_date(day, _DAY[language], locale=_LOCALE[language])


def _instant(moment: str) -> datetime:
    instant = datetime.fromisoformat(moment)
    if instant.tzinfo is None:
        raise ValueError(f"{moment!r} has no offset from UTC")
    return instant


def _yuan(language: Language, fen: int) -> str:
    """1,234.50元, from an integer number of fen."""
    if not isinstance(fen, int) or isinstance(fen, bool):
        raise TypeError(f"{fen!r} is not a whole number of fen")
    amount = format_decimal(Decimal(fen) / 100, "#,##0.00", locale=_LOCALE[language])
    return _YUAN[language].format(amount)
