"""What was measured: a line for each promise, as a table for people and a file for programs."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised of a line: its `ratio`, or `ours` in the line's unit, is at most `limit`."""

    of: Literal["ratio", "ours"]
    limit: float


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement: ours and the baseline in `unit`; without a target it is told for information."""

    name: str
    engine: str
    ours: float
    baseline: float
    unit: str
    target: Target | None = None
    note: str = field(default="", compare=False)

    @property
    def ratio(self) -> float:
        """Ours in terms of the baseline."""
        return self.ours / self.baseline

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return (self.ratio if self.target.of == "ratio" else self.ours) <= self.target.limit


def show(lines: Iterable[Line], circumstances: str) -> None:
    """Print the lines as a table that marks each target and whether it is met, with notes below."""
    table = Table(title="性能：与同一数据库上的裸基线之比 · speed as a ratio to a bare baseline")
    for heading in ("项目\nname", "数据库\nengine"):
        table.add_column(heading, no_wrap=True)
    for heading in ("本程序\nours", "基线\nbaseline", "倍数\nratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("目标\ntarget", "达标\nmet"):
        table.add_column(heading, no_wrap=True)
    notes: list[str] = []
    for line in lines:
        target = line.target
        promise = "" if target is None else f"{target.of} ≤ {target.limit:g}"
        met = {None: "", True: "[green]是 yes[/]", False: "[red]否 no[/]"}[line.met]
        figures = (f"{line.ours:.4g} {line.unit}", f"{line.baseline:.4g} {line.unit}", f"{line.ratio:.2f}")
        table.add_row(line.name, line.engine, *figures, promise, met, style=None if target else "dim")
        if line.note:
            notes.append(f"{line.name} ({line.engine}): {line.note}")
    console = Console()
    console.width = max(console.width, 110)
    console.print(table)
    for note in notes:
        console.print(note, highlight=False)
    console.print(circumstances, highlight=False)


def save(lines: Iterable[Line], path: Path) -> None:
    """Write the lines to `path` as a JSON list of name, engine, ours, baseline, ratio and unit.

    What the file tells of other names and engines stays in it.
    """
    kept = ("name", "engine", "ours", "baseline", "unit")
    found = [{**{name: asdict(line)[name] for name in kept}, "ratio": line.ratio} for line in lines]
    anew = {(each["name"], each["engine"]) for each in found}
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    found = [each for each in before if (each["name"], each["engine"]) not in anew] + found
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
