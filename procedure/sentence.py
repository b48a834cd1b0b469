"""Sentences in Chinese and English that the program makes, where a pack's own words do not reach."""

from dataclasses import dataclass

from procedure.definition import Words


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement in Chinese and in English, as long as it has to be."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """Return the statement in ``language`` ("zh" or "en"); anything else reads Chinese."""
        return self.en if language == "en" else self.zh


def called(title: Words, name: str, noun: Words | None = None) -> Sentence:
    """Return how a titled thing of the pack is referred to: what it is (if said), its title and its id."""
    zh, en = ("", "") if noun is None else (noun.zh, f"the {noun.en} ")
    return Sentence(f"{zh}“{title.zh}”（{name}）", f'{en}"{title.en}" ({name})')
