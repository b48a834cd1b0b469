"""Tables as XLSX: texts stay texts, whatever they begin with, and numbers stay numbers."""

import datetime
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter

WIDEST: Final = 48
"""The most columns of characters that a column of a sheet is made wide."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title of at most 31 characters, its heads, and rows as long as these."""

    title: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]


def content(*sheets: Sheet) -> bytes:
    """Return the same as ``write`` writes, for a page that gives it away."""
    held = io.BytesIO()
    _book(held, sheets)
    return held.getvalue()


def write(path: Path, *sheets: Sheet) -> None:
    """Write a workbook of these sheets; a folder that is missing is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _book(str(path), sheets)


def _book(target: Any, sheets: Iterable[Sheet]) -> None:
    # A cell that begins with = or looks like a link must never become a formula or a link.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        exact = book.add_format({"num_format": "#,##0.00"})
        for each in sheets:
            _fill(book.add_worksheet(each.title), each, bold, exact)


def _fill(page: Any, sheet: Sheet, bold: Any, exact: Any) -> None:
    widths = [len(head) * 2 + 2 for head in sheet.heads]
    for column, head in enumerate(sheet.heads):
        page.write_string(0, column, head, bold)
    for at, row in enumerate(sheet.rows, 1):
        for column, value in enumerate(row):
            match value:
                case bool() | None:
                    page.write_string(at, column, "" if value is None else str(value))
                case int():
                    page.write_number(at, column, value)
                case Decimal():
                    page.write_number(at, column, value, exact)
                case datetime.date():
                    page.write_string(at, column, value.isoformat())
                case _:
                    page.write_string(at, column, str(value))
            widths[column] = max(widths[column], min(WIDEST, 2 + 2 * len(str(value))))
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(1, page.dim_rowmax or 0), len(sheet.heads) - 1)
