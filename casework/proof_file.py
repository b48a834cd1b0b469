"""The proof of service of a case as a file: XLSX or CSV for people, JSON for programs."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import orjson

from casework import spreadsheet
from casework.proof import Service
from casework.spreadsheet import Sheet
from procedure.instant import iso

_HEADS: Final = (
    *("notice", "case", "cause", "text", "person", "name", "channel", "state", "owed_at", "sent_at"),
    *("possibly_twice", "instead_of", "attempt", "at", "ok", "answer", "ms", "content_hash", "hash"),
)


def _rows(services: Iterable[Service]) -> Iterator[tuple[object, ...]]:
    """One line an attempt, and one a notice that was never tried."""
    for each in services:
        sent = "" if each.sent_at is None else iso(each.sent_at)
        common = (
            *(each.id, each.case, each.cause, each.text, each.handle, each.name, each.channel),
            *(each.state, iso(each.owed_at), sent, each.possibly_twice, each.instead_of),
        )
        for tried in each.attempts:
            yield (
                *common,
                *(tried.number, iso(tried.at), tried.ok, tried.answer, tried.duration_ms),
                *(tried.content_hash, tried.hash),
            )
        if not each.attempts:
            yield (*common, *(None,) * (len(_HEADS) - len(common)))


def _csv(path: Path, services: Iterable[Service]) -> None:
    # The mark by which spreadsheets know that the file is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(_HEADS)
        table.writerows([_plain(cell) for cell in row] for row in _rows(services))


def _xlsx(path: Path, services: Iterable[Service]) -> None:
    spreadsheet.write(path, Sheet("送达记录", _HEADS, _rows(services)))


def _json(path: Path, services: Iterable[Service]) -> None:
    path.write_bytes(orjson.dumps(list(services), iso, orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


WRITERS: Final[Mapping[str, Callable[[Path, Iterable[Service]], None]]] = {
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".json": _json,
}
"""How the proof of service is written, by the ending of the file's name."""


def _plain(cell: object) -> object:
    """What a server said must not become a formula in a spreadsheet."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
