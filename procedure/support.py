"""What a city supports consortia with: measures as data, read from YAML and validated as packs are."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from procedure.definition import (
    Code,
    DanglingReferences,
    Grounded,
    Identifier,
    Model,
    SourceDocument,
    Words,
)
from procedure.fault import Fault, unknown
from procedure.pack import CATALOG, content_hash
from procedure.sheet import codes, content, shipped, unknown_documents

SUPPORT: Final = CATALOG / "support"

Fen = Annotated[int, Field(ge=1, le=10**13)]


class InForce(Grounded):
    """From when, and how long, measures hold: from a day or, where only it is known, a month.

    Without ``years`` no end is stated. Of the month in which a term began nobody knows the day, so it ends
    in a month too.
    """

    since: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]
    years: Annotated[int, Field(ge=1, le=30)] | None = None


class Fact(Model):
    """Something that decides about a claim: whether it is so (boolean), or an amount in fen (money).

    What the register itself knows (``of_register``) is asked of nobody: ``excellent`` is whether an
    evaluation has marked the entry.
    """

    title: Words
    type: Literal["boolean", "money"]
    of_register: Literal["excellent"] | None = None

    @model_validator(mode="after")
    def _the_register_says_yes_or_no(self) -> Self:
        if self.of_register is not None and self.type != "boolean":
            raise ValueError(Fault("register_says_yes_or_no"))
        return self


class Amount(Model):
    """What a measure gives, in fen: exactly ``fixed``, at most ``up_to``, or a share of a sum.

    ``percent`` of the fact ``of`` is matched, to the whole fen below, at most ``up_to``. With ``least`` the
    document states a range. Nothing of all this: the document states no amount.
    """

    fixed: Fen | None = None
    up_to: Fen | None = None
    least: Fen | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    of: Identifier | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.fixed is not None and any((self.up_to, self.least, self.percent, self.of)):
            raise ValueError(Fault("fixed_alone"))
        if (self.percent is None) != (self.of is None):
            raise ValueError(Fault("percent_and_of"))
        if self.percent is not None and self.up_to is None:
            raise ValueError(Fault("share_without_limit"))
        if self.least is not None and (self.up_to is None or self.least > self.up_to):
            raise ValueError(Fault("least_above_limit"))
        return self

    @property
    def most(self) -> int | None:
        """The most that is ever given within one scope; None where no amount is stated."""
        return self.fixed if self.fixed is not None else self.up_to


class Measure(Grounded):
    """One measure: who gets what, under which conditions, and within what it is counted.

    The amount is counted ``per`` what and ``every`` year or once for good. Of the measures of one
    ``higher_of`` only the higher is given: what was granted under another of them is taken off.
    ``beside`` names measures about which the document does not say whether both are given: an officer
    decides. ``nominated`` needs the consortium's recorded nomination, ``status`` a status of the entry.
    """

    id: Identifier
    title: Words
    to: Literal["lead", "unit", "enterprise", "anyone"]
    per: Literal["consortium", "firm", "object"]
    every: Literal["once", "year"] = "once"
    amount: Amount = Amount()
    co_funding: bool = False
    higher_of: Identifier | None = None
    beside: tuple[Identifier, ...] = ()
    status: Identifier | None = None
    nominated: bool = False
    requires: tuple[Identifier, ...] = ()
    in_force: Identifier = "always"


class Support(Model):
    """The measures of one city, with the documents that state them."""

    format: Literal[1]
    code: Code
    bureau: Code
    title: Words
    documents: dict[Code, SourceDocument]
    note: Words | None = None
    terms: dict[Identifier, InForce]
    facts: dict[Identifier, Fact]
    measures: tuple[Measure, ...]

    @cached_property
    def measure(self) -> dict[str, Measure]:
        """Measures by id."""
        return {measure.id: measure for measure in self.measures}

    def sharing(self, measure: Measure) -> tuple[Measure, ...]:
        """Return the measures of which only the higher is given, the measure among them."""
        if measure.higher_of is None:
            return (measure,)
        return tuple(each for each in self.measures if each.higher_of == measure.higher_of)

    def beside(self, measure: Measure) -> tuple[Measure, ...]:
        """Return the measures beside which an officer decides whether this one is given, either way named."""
        return tuple(each for each in self.measures if each.id in measure.beside or measure.id in each.beside)

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        problems = tuple(_references(self))
        if problems:
            raise DanglingReferences(problems)
        return self


def _references(support: Support) -> Iterator[tuple[str, Fault]]:
    yield from unknown_documents(support, support.documents)
    taken: set[str] = set()
    for i, measure in enumerate(support.measures):
        where = f"measures.{i}"
        if measure.id in taken:
            yield f"{where}.id", Fault("stands_twice", name=measure.id)
        taken.add(measure.id)
        if measure.in_force not in support.terms:
            yield f"{where}.in_force", unknown("term", measure.in_force, support.terms)
        for j, name in enumerate(measure.beside):
            if name not in support.measure or name == measure.id:
                yield f"{where}.beside.{j}", unknown("other_measure", name, support.measure)
        for j, name in enumerate(measure.requires):
            yield from _fact(support, name, "boolean", f"{where}.requires.{j}")
        if measure.amount.of is not None:
            yield from _fact(support, measure.amount.of, "money", f"{where}.amount.of")
        shared = [(each.per, each.every) for each in support.sharing(measure)]
        if len(set(shared)) > 1:
            yield f"{where}.higher_of", Fault("counted_alike")
        if measure.higher_of is not None and measure.amount.most is None:
            yield f"{where}.higher_of", Fault("no_amount_to_compare")


def _fact(support: Support, name: str, kind: str, where: str) -> Iterator[tuple[str, Fault]]:
    if name not in support.facts:
        yield where, unknown("fact", name, support.facts)
    elif support.facts[name].type != kind:
        yield where, Fault("fact_of_type", name=name, given=support.facts[name].type, type=kind)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The measures of a city with the text they were read from, under its hash."""

    support: Support
    text: str
    content_hash: str


def read(name: str, text: str) -> Sheet:
    """Return the measures that ``text`` states; raises PackError with all that is wrong, by line."""
    return Sheet(content(name, text, Support), text, content_hash({name: text}))


@cache
def shipped_support(code: str) -> Sheet:
    """Return the measures that ship under ``code``, read once; PackError when there are none."""
    return read(*shipped(SUPPORT, code, "measures"))


def support_codes() -> tuple[str, ...]:
    """Return the codes of the measures that ship with the program."""
    return codes(SUPPORT)
