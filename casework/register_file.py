"""The register and a call's summary table as official files: XLSX, CSV, JSON, and a list as PDF.

They are papers of a Chinese office, and in Chinese whoever asks for them; JSON has English keys.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pendulum
from sqlalchemy import Connection

from casework import clock, register, register_past, spreadsheet
from casework.register import Entry, RectifiedEntry, SummaryLine
from casework.spreadsheet import Sheet
from casework.terms import Terms, term
from procedure import written
from procedure.definition import Procedure
from procedure.instant import end_of, instant, iso

TITLE: Final = "备案名册"
HEADS: Final = (
    "备案编号",
    "名称",
    "牵头单位",
    "统一社会信用代码",
    "方向/领域",
    "有效期起",
    "有效期止",
    "备案文号",
    "状态",
    "更正",
)


@dataclass(frozen=True, slots=True)
class Extract:
    """What of the register is written: its entries, what of them was rectified, and as of when."""

    entries: Sequence[Entry]
    rectified: Sequence[RectifiedEntry]
    at: pendulum.DateTime


def extract(
    connection: Connection, bureau: str | None = None, query: str = "", *, on: pendulum.Date | None = None
) -> Extract:
    """Return the register of one bureau or all, narrowed by ``query``, as it is or as it stood on a day.

    ``on`` counts to its end: of today, and of a day still to come, it says what it says now.
    """
    now = clock.now(connection)
    if on is None or end_of(on) >= now:
        at, entries = now, register.entries(connection, bureau, query)
    else:
        at = end_of(on)
        entries = register_past.said(connection, at, bureau, query)
    shown = {(entry.bureau, entry.number) for entry in entries}
    rectified = [
        each
        for each in register.rectifications(connection, bureau)
        if (each.bureau, each.number) in shown and each.at <= at
    ]
    return Extract(entries, rectified, at)


def write(path: Path, extract: Extract) -> None:
    """Write an extract in the format that the file's name ends in; KeyError for another than FORMATS."""
    path.parent.mkdir(parents=True, exist_ok=True)
    FORMATS[path.suffix.lower()](path, extract)


def _xlsx(path: Path, extract: Extract) -> None:
    spreadsheet.write(path, Sheet(TITLE, HEADS, _rows(extract)))


def _csv(path: Path, extract: Extract) -> None:
    # With the mark at its beginning, spreadsheets read the file as UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADS)
        lines.writerows([inert(cell) for cell in row] for row in _rows(extract))


def inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that could be bears an apostrophe."""
    return (
        f"'{text}"
        if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
        else text
    )


def _json(path: Path, extract: Extract) -> None:
    told = {
        "title": TITLE,
        "as_of": iso(extract.at),
        "entries": [
            {
                "bureau": entry.bureau,
                "number": entry.number,
                "name": entry.name,
                "lead": {"name": entry.lead, "uscc": entry.uscc},
                "direction": entry.direction,
                "valid_from": entry.valid_from.isoformat(),
                "valid_to": None if entry.valid_to is None else entry.valid_to.isoformat(),
                "document_number": entry.document_number,
                "state": entry.state,
                "rectifications": [
                    {
                        "at": iso(instant(each.at)),
                        "reason": each.reason,
                        "before": each.before,
                        "after": each.after,
                    }
                    for each in extract.rectified
                    if (each.bureau, each.number) == (entry.bureau, entry.number)
                ],
            }
            for entry in extract.entries
        ],
    }
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _pdf(path: Path, extract: Extract) -> None:
    # Imported here: the fonts' library takes half a second to load.
    from casework import paper  # noqa: PLC0415

    heads = ("备案编号", "名称", "牵头单位\n统一社会信用代码", "方向/领域", "有效期", "备案文号", "状态")
    rows = [
        (
            entry.number,
            entry.name,
            f"{entry.lead}\n{entry.uscc}",
            entry.direction,
            f"{entry.valid_from.isoformat()}\n{entry.valid_to.isoformat() if entry.valid_to else ''}",
            entry.document_number,
            term("states", entry.state, "zh"),
        )
        for entry in extract.entries
    ]
    notes = [f"{each.number}：{_in_words(each)}" for each in extract.rectified]
    until = f"截至{written.when(extract.at, 'zh')}，共{len(rows)}条"
    paper.write_list(path, TITLE, until, heads, (24, 52, 52, 30, 24, 36, 14), rows, notes)


FORMATS: Final[Mapping[str, Callable[[Path, Extract], None]]] = {
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".json": _json,
    ".pdf": _pdf,
}
"""How the register is written, by the ending of the file's name."""


def _rows(extract: Extract) -> Iterator[tuple[str, ...]]:
    corrected: dict[tuple[str, str], list[str]] = {}
    for each in extract.rectified:
        corrected.setdefault((each.bureau, each.number), []).append(_in_words(each))
    for entry in extract.entries:
        yield (
            entry.number,
            entry.name,
            entry.lead,
            entry.uscc,
            entry.direction,
            entry.valid_from.isoformat(),
            entry.valid_to.isoformat() if entry.valid_to else "",
            entry.document_number,
            term("states", entry.state, "zh"),
            "\n".join(corrected.get((entry.bureau, entry.number), ())),
        )


def _in_words(rectified: RectifiedEntry) -> str:
    terms = Terms("zh")
    changes = "；".join(
        f"{terms.item(item)}：{was} → {rectified.after[item]}" for item, was in rectified.before.items()
    )
    return f"{written.when(instant(rectified.at), 'zh')}更正：{changes}。理由：{rectified.reason}"


def write_summary(path: Path, lines: Iterable[SummaryLine], procedure: Procedure) -> None:
    """Write the summary table (信息汇总表) of a call under ``procedure`` as XLSX."""
    terms = Terms("zh", procedure)
    heads = (
        "办件编号",
        "方向/领域",
        "牵头单位",
        "统一社会信用代码",
        "推荐单位",
        "成员单位数",
        "提交时间",
        "环节",
        "结果",
    )
    rows: Iterator[tuple[Any, ...]] = (
        (
            line.case,
            line.direction,
            line.lead,
            line.uscc,
            line.district,
            line.members,
            instant(line.submitted_at).format("YYYY-MM-DD HH:mm:ss") if line.submitted_at else "",
            terms.place(line.stage),
            terms.place(line.outcome) if line.outcome else "",
        )
        for line in lines
    )
    spreadsheet.write(path, Sheet("信息汇总表", heads, rows))
