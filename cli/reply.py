"""What a command answers: for people as text in their language, for programs as JSON on standard output."""

import dataclasses
import datetime
import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.failure import Failure
from cli.fold import folded

UNBOUNDED: Final = 10_000
"""The width of output that is no terminal: lines are never broken for a program that reads them."""


GAP: Final = 2
"""The columns between two columns of a table."""


class Reply:
    """The answer of one command: JSON alone on standard output with ``as_json``, else text.

    Notes, progress and errors go to standard error; errors as JSON go to standard output like any answer.
    """

    def __init__(self, language: str, *, as_json: bool) -> None:
        self.language = language
        self.as_json = as_json
        self.out = _console(sys.stdout)
        self.err = _console(sys.stderr)

    def say(self, zh: str, en: str) -> str:
        """Return the wording in the language of the command."""
        return en if self.language == "en" else zh

    def give(self, data: Any, *shown: RenderableType) -> None:
        """Answer with ``data`` as JSON, or with what is ``shown`` for people; texts in it are literal."""
        if self.as_json:
            self.write_json(data)
            return
        for each in shown:
            self._print(self.out, each)

    def write_json(self, data: Any) -> None:
        """Write ``data`` as JSON to standard output."""
        text = json.dumps(data, ensure_ascii=False, indent=2, default=_plain)
        sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")
        sys.stdout.flush()

    def note(self, zh: str, en: str) -> None:
        """Tell people something by the way."""
        self.err.print(Text(self.say(zh, en)), style="dim")

    def working(self, zh: str, en: str) -> AbstractContextManager[object]:
        """Show on a terminal that something is going on, as long as the block runs."""
        return self.err.status(escape(self.say(zh, en)))

    def fail(self, failure: Failure) -> None:
        """Answer that the command was not carried out."""
        if self.as_json:
            self.write_json(failure.as_data())
            return
        self._print(self.err, failure.says, style="bold red")
        for line in failure.details:
            self._print(self.err, f"  · {line}")
        if failure.clause is not None:
            self._print(self.err, self.say(f"  依据：{failure.clause}", f"  Ground: {failure.clause}"))
        if failure.next_step:
            self._print(self.err, failure.next_step)
        if failure.possible:
            self._print(self.err, self.say("当前可以办理：", "Possible now:"))
            self._print(self.err, self.table((), [(f"  {act}", *rest) for act, *rest in failure.possible]))

    def _print(self, console: Console, shown: RenderableType, style: str = "") -> None:
        if isinstance(shown, str) and console.is_terminal:
            for line in folded(shown, console.width):
                console.print(Text(line, style=style))
        else:
            console.print(
                Text(shown, style=style) if isinstance(shown, str) else shown,
                soft_wrap=not console.is_terminal,
            )

    def table(self, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> RenderableType:
        """Return a table of literal texts; wide characters count two columns.

        Where a terminal is too narrow the last column is folded if it is the long one; otherwise every row
        becomes a block of titles and values.
        """
        titles = list(heads)
        lines = [[_cell(value) for value in row] for row in rows]
        named = [[_cell(title) for title in titles]] if titles else []
        widths = [max(map(_columns, column)) for column in zip(*named, *lines, strict=True)]
        room = self.out.width if self.out.is_terminal else UNBOUNDED
        before_last = sum(width + GAP for width in widths[:-1])
        if titles and before_last + sum(widths[-1:]) > room and before_last > room // 2:
            blocks = [self.pairs(zip(titles, line, strict=True)) for line in lines]
            return Group(*(part for block in blocks for part in (block, Text(""))))
        # A program that reads lines gets no rules and no empty lines among them.
        ruled = box.SIMPLE_HEAD if titles and self.out.is_terminal else None
        table = Table(box=ruled, show_header=bool(titles), pad_edge=False, padding=(0, GAP, 0, 0))
        for at, width in enumerate(widths):
            last = at == len(widths) - 1
            table.add_column(titles[at] if titles else "", overflow="fold", min_width=None if last else width)
        for line in lines:
            table.add_row(*line)
        return table

    def pairs(self, rows: Iterable[tuple[str, Any]]) -> Table:
        """Return titles with their values, one pair a line; pairs without a value are left out."""
        told = [(title, _cell(value)) for title, value in rows if str("" if value is None else value)]
        room = self.out.width if self.out.is_terminal else UNBOUNDED
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, GAP, 0, 0))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for title, value in told:
            table.add_row(Text("\n".join(folded(title, room // 2))), value)
        return table


def _console(stream: Any) -> Console:
    # A pipe is not 80 columns wide: only a terminal folds lines.
    return Console(file=stream, highlight=False, width=None if stream.isatty() else UNBOUNDED)


def _cell(value: Any) -> Text:
    return value if isinstance(value, Text) else Text("" if value is None else str(value))


def _columns(cell: Text) -> int:
    return max(map(cell_len, cell.plain.split("\n")))


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
