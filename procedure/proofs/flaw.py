"""A flaw of a pack: what is wrong, on which path, and what to do; and sentences in two languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from procedure.definition import Words


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement in Chinese and in English, as long as it has to be."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """Return the statement in ``language`` ("zh" or "en"); anything else reads Chinese."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with a pack that its form alone does not show.

    ``where`` is its place in the pack, ``way`` the path through the procedure that meets it (stages, acts
    and ``lapse:DEADLINE`` in turn). A ``remark`` harms no case; a pack with a ``flaw`` must not be used.
    """

    code: str
    where: str
    found: Sentence
    remedy: Sentence
    way: tuple[str, ...] = ()
    severity: Literal["flaw", "remark"] = "flaw"

    def text(self, language: str) -> str:
        """Return place, finding, path and remedy as one line in ``language`` ("zh" or "en")."""
        path = " → ".join(self.way)
        if language == "en":
            way = f" Path: {path}." if path else ""
            return f"{self.where}: {self.found.en}.{way} {self.remedy.en}."
        way = f"路径：{path}。" if path else ""
        return f"{self.where}：{self.found.zh}。{way}{self.remedy.zh}。"


Flaws = Iterator[Flaw]


def called(title: Words, name: str) -> Sentence:
    """Return how a titled thing of the pack is referred to: its title and its id."""
    return Sentence(f"“{title.zh}”（{name}）", f'"{title.en}" ({name})')
