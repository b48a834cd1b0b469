"""What a command answers: for people as text in their language, for programs as JSON on standard output."""

import dataclasses
import datetime
import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from rich import box
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.failure import Failure

UNBOUNDED: Final = 10_000
"""The width of output that is no terminal: lines are never broken for a program that reads them."""


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
            self.out.print(_line(each) if isinstance(each, str) else each, soft_wrap=not self.out.is_terminal)

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
        self.err.print(Text(failure.says, style="bold red"))
        for line in failure.details:
            self.err.print(_line(f"  · {line}"))
        if failure.clause is not None:
            self.err.print(_line(self.say(f"  依据：{failure.clause}", f"  Ground: {failure.clause}")))
        if failure.next_step:
            self.err.print(Text(failure.next_step))
        if failure.possible:
            self.err.print(Text(self.say("当前可以办理：", "Possible now:")))
            self.err.print(self.table((), [(f"  {act}", *rest) for act, *rest in failure.possible]))

    def table(self, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
        """Return a table of literal texts; wide characters count two columns, long cells are folded."""
        titles = list(heads)
        table = Table(box=box.SIMPLE_HEAD if titles else None, show_header=bool(titles), pad_edge=False)
        lines = [[_cell(value) for value in row] for row in rows]
        for title in titles or [""] * max((len(line) for line in lines), default=0):
            table.add_column(title, overflow="fold")
        for line in lines:
            table.add_row(*line)
        return table

    def pairs(self, rows: Iterable[tuple[str, Any]]) -> Table:
        """Return titles with their values, one pair a line; pairs without a value are left out."""
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for title, value in rows:
            if value not in (None, ""):
                table.add_row(title, _cell(value))
        return table


def _console(stream: Any) -> Console:
    # A pipe is not 80 columns wide: only a terminal folds lines.
    return Console(file=stream, highlight=False, width=None if stream.isatty() else UNBOUNDED)


def _line(text: str) -> RenderableType:
    """Return a line whose continuation, where it is folded, is indented like its beginning."""
    indent = len(text) - len(text.lstrip(" "))
    return Padding(Text(text[indent:]), (0, 0, 0, indent), expand=False) if indent else Text(text)


def _cell(value: Any) -> RenderableType:
    return value if isinstance(value, Text) else Text("" if value is None else str(value))


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
