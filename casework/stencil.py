"""What many subjects share, with marks where each has something of its own.

A round opens a hundred thousand evaluations that differ in whose they are and in nothing else: one is
decided with the marks in place of its particulars, and what was decided is filled in for each.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from operator import attrgetter, itemgetter
from typing import Any, Final, Self

import orjson

from procedure.entry import OfEntry
from procedure.subject import Record

NUMBER: Final = "number"
"""The name under which a subject's own number goes; its other own texts have their names in ``OfEntry``."""

RECIPIENT: Final = "recipient"
"""The name under which goes the name of whoever a text is written to: no subject's own, but each notice's."""

_OF_ENTRY: Final = tuple(each.name for each in fields(OfEntry))
# Chance, in each process its own: nobody can have written them into anything.
MARKS: Final = {name: secrets.token_hex(16) for name in (NUMBER, *_OF_ENTRY, RECIPIENT)}
"""What stands for each text of a subject's own, by its name."""

_OWN: Final = tuple(MARKS[name] for name in (NUMBER, *_OF_ENTRY))
_texts: Final[Callable[[Any], tuple[str, ...]]] = attrgetter(*_OF_ENTRY)
_BETWEEN: Final = secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Own:
    """What is one subject's own: its id, and the texts that take the places of the marks, by mark.

    ``written`` are the same texts as they stand between the quotation marks of JSON.
    """

    id: int
    texts: Mapping[str, str]
    written: Mapping[str, str]

    @classmethod
    def of(cls, subject_id: int, number: str, record: Record) -> Self:
        """Return what is the own of a subject with this number and these particulars."""
        texts = (number, *_texts(record)) if isinstance(record, OfEntry) else (number,)
        # Written together: the call costs more than the writing.
        each = as_written(_BETWEEN.join(texts)).split(_BETWEEN)
        return cls(subject_id, dict(zip(_OWN, texts, strict=False)), dict(zip(_OWN, each, strict=False)))


def as_written(text: str) -> str:
    """Return ``text`` as it stands between the quotation marks of JSON."""
    return orjson.dumps(text)[1:-1].decode()


def marked(record: Record) -> Record:
    """Return particulars with the marks in the places of what is one entry's own."""
    if not isinstance(record, OfEntry):
        return record
    own: dict[str, Any] = {name: MARKS[name] for name in _OF_ENTRY}
    return replace(record, **own)


class Stencil:
    """A text with gaps where it had marks."""

    def __init__(self, text: str) -> None:
        found = sorted((at, mark) for mark in MARKS.values() for at in _places(text, mark))
        self._gaps = tuple(mark for _, mark in found)
        text = text.replace("%", "%%")
        for mark in self._gaps:
            text = text.replace(mark, "%s")
        self._text = text
        self._pick: Callable[[Mapping[str, str]], Any] = itemgetter(*self._gaps) if found else lambda _: ()

    def fill(self, texts: Mapping[str, str]) -> str:
        """Return the text with ``texts`` in the gaps, by mark."""
        return self._text % self._pick(texts)


def _places(text: str, mark: str) -> Iterable[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)
