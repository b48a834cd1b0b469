"""What a city's documents aim at and what they report: figures as data, each with its source and year.

A target is an aim, never a quota: nothing decides a case by it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from procedure.definition import (
    Clause,
    Code,
    DanglingReferences,
    Grounded,
    Identifier,
    Model,
    SourceDocument,
    Words,
)
from procedure.fault import Fault, fault_of, unknown
from procedure.pack import CATALOG
from procedure.sheet import codes, content, shipped, unknown_documents

TARGETS: Final = CATALOG / "targets"

Year = Annotated[int, Field(ge=2000, le=2100)]
Number = Annotated[int, Field(ge=1, le=10**9)]


class Target(Grounded):
    """An aim: so many of something by the end of a year; ``about`` where the document says so.

    Consortia (``counts: filings``) are counted from the register, everything else from the achievements that
    are recorded under the target's ``id``.
    """

    id: Identifier
    title: Words
    number: Number
    by: Year
    about: bool = False
    counts: Literal["filings", "achievements"] = "achievements"


class Figure(Model):
    """What a document reports of a year: a number, of which it may give the ``percent`` of a whole.

    With ``whole_of`` no document states it: it is derived, the only whole of which the numbers named are
    their percentages.
    """

    id: Identifier
    title: Words
    year: Year
    number: Number | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    whole_of: tuple[Identifier, ...] = ()
    clause: Clause | None = None
    note: Words | None = None

    @model_validator(mode="after")
    def _stated_or_derived(self) -> Self:
        stated = (self.number is not None, self.clause is not None, not self.whole_of)
        if len(set(stated)) > 1:
            raise ValueError(Fault("stated_or_derived"))
        return self


class Targets(Model):
    """The targets of one city and what is reported of it, with the documents that state them."""

    format: Literal[1]
    code: Code
    bureau: Code
    title: Words
    documents: dict[Code, SourceDocument]
    note: Words | None = None
    targets: tuple[Target, ...] = ()
    figures: tuple[Figure, ...] = ()

    @cached_property
    def target(self) -> dict[str, Target]:
        """Targets by id."""
        return {target.id: target for target in self.targets}

    @cached_property
    def reported(self) -> tuple["Reported", ...]:
        """What is reported, with what follows from it worked out."""
        by_id = {figure.id: figure for figure in self.figures}
        return tuple(
            Reported(figure, figure.number if figure.number is not None else whole(_parts(figure, by_id)))
            for figure in self.figures
        )

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        problems = tuple(_references(self))
        if problems:
            raise DanglingReferences(problems)
        return self


@dataclass(frozen=True, slots=True)
class Reported:
    """A figure with its number."""

    figure: Figure
    number: int

    @property
    def derived(self) -> bool:
        """Whether it follows from others and is stated nowhere."""
        return self.figure.number is None


def whole(parts: Iterable[tuple[int, int]]) -> int:
    """Return the only whole of which every part (a number and its percentage) is that, rounded to the whole
    per cent; raises ValueError where several or none would do.
    """
    given = tuple(parts)
    if not given:
        raise ValueError(Fault("no_percentages"))
    least = max(number for number, _ in given)
    fits = [
        of
        for of in range(least, 200 * least + 1)
        if all((200 * number + of) // (2 * of) == percent for number, percent in given)
    ]
    if len(fits) != 1:
        raise ValueError(Fault("wholes", n=len(fits)))
    return fits[0]


def _parts(figure: Figure, by_id: Mapping[str, Figure]) -> Iterator[tuple[int, int]]:
    for name in figure.whole_of:
        part = by_id[name]
        if part.number is not None and part.percent is not None:
            yield part.number, part.percent


def _references(sheet: Targets) -> Iterator[tuple[str, Fault]]:
    yield from unknown_documents(sheet, sheet.documents)
    by_id = {figure.id: figure for figure in sheet.figures}
    for group, named in (("targets", sheet.targets), ("figures", sheet.figures)):
        names = [each.id for each in named]
        for i, name in enumerate(names):
            if name in names[:i]:
                yield f"{group}.{i}.id", Fault("stands_twice", name=name)
    for i, figure in enumerate(sheet.figures):
        if figure.clause is not None and figure.clause.document not in sheet.documents:
            yield f"figures.{i}.clause.document", unknown("document", figure.clause.document, sheet.documents)
        lost = [name for name in figure.whole_of if name not in by_id or by_id[name].percent is None]
        for name in lost:
            yield f"figures.{i}.whole_of", unknown("figure_with_percentage", name, by_id)
        if figure.whole_of and not lost:
            try:
                whole(_parts(figure, by_id))
            except ValueError as error:
                yield f"figures.{i}.whole_of", fault_of(error)


def read(name: str, text: str) -> Targets:
    """Return the targets that ``text`` states; raises PackError with all that is wrong, by line."""
    return content(name, text, Targets)


@cache
def shipped_targets(code: str) -> Targets:
    """Return the targets that ship under ``code``, read once; PackError when there are none."""
    return read(*shipped(TARGETS, code, "targets"))


def targets_codes() -> tuple[str, ...]:
    """Return the codes of the targets that ship with the program."""
    return codes(TARGETS)
