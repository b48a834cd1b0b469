"""A flaw of a pack: what is wrong, on which path, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from procedure.sentence import Sentence


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
