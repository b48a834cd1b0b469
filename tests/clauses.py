"""Which tests and elements of packs stand for which clause: `python -m tests.clauses` writes docs/clauses.md.

A test names its clause with ``@pytest.mark.clause(document, clause)`` or, where a clause holds several rules,
``@pytest.mark.clause(document, clause, part)``. The marks are read from the source; no test runs for it.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from procedure import located
from procedure.definition import Model, grounds
from procedure.pack import shipped, shipped_codes
from procedure.support import shipped_support, support_codes

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "docs" / "clauses.md"
MARK = "pytest.mark.clause"

UP_TO_FILING = re.compile(
    "(dates|settings|form|materials|rules|naming|validity|case_number|register_number|call|application)"
)
"""Where a pack tells the course up to filing."""

Named = tuple[str, str, str | None]
"""A document, a clause of it and, of a clause with several rules, which."""


class Row(BaseModel):
    """One rule of a clause, which elements carry it, and why no pack carries it where none can."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    clause: str
    part: str | None = None
    phase: Literal["filing", "after"]
    says: str
    by: str = ""
    unless: str | None = None


@dataclass(frozen=True)
class Marked:
    """A test that names a clause: where it stands, and how it is called within its file."""

    file: str
    name: str


@cache
def rows() -> dict[str, list[Row]]:
    """The rules of every document, in its order."""
    data = located.read((HERE / "clauses.yaml").read_text(encoding="utf-8"))
    assert not data.complaints, data.complaints
    return TypeAdapter(dict[str, list[Row]]).validate_json(json.dumps(data.data))


def named() -> dict[Named, Row]:
    """Every rule by its name."""
    return {(code, row.clause, row.part): row for code, listed in rows().items() for row in listed}


@cache
def marks() -> dict[Named, list[Marked]]:
    """Every clause that a test names, with the tests in the order of their files."""
    found: dict[Named, list[Marked]] = {}
    for path in sorted(HERE.rglob("test_*.py")):
        file = path.relative_to(HERE.parent).as_posix()
        for name, decorators in _tests(ast.parse(path.read_text(encoding="utf-8")).body):
            for clause in _clauses(decorators):
                found.setdefault(clause, []).append(Marked(file, name))
    return found


def _tests(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, list[ast.expr]]]:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            for name, decorators in _tests(node.body, f"{node.name}."):
                yield name, [*node.decorator_list, *decorators]
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"{within}{node.name}", node.decorator_list


def _clauses(decorators: list[ast.expr]) -> Iterator[Named]:
    """The marks among these decorators, those of single parameters too."""
    for decorator in decorators:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == MARK:
                document, clause, *part = (ast.literal_eval(each) for each in node.args)
                yield document, clause, part[0] if part else None


@cache
def elements() -> dict[tuple[str, str], list[str]]:
    """Every element of a shipped pack or measure that rests on a clause, by document and clause."""
    found: dict[tuple[str, str], list[str]] = {}
    packs = [("", shipped(code).procedure) for code in shipped_codes()]
    for within, whole in (*packs, *(("support.", shipped_support(code).support) for code in support_codes())):
        for path, thing in grounds(whole):
            if thing.clause is not None:
                place = (thing.clause.document, thing.clause.clause)
                found.setdefault(place, []).append(within + _by_id(whole, path))
    return found


def _by_id(whole: Model, path: str) -> str:
    """A path with ids in the place of numbers: application.stages.filing.acts.file."""
    thing: Any = whole
    names: list[str] = []
    for part in path.split("."):
        if isinstance(thing, tuple):
            thing = thing[int(part)]
            names.append(str(getattr(thing, "id", None) or getattr(thing, "path", None) or part))
        else:
            thing = thing[part] if isinstance(thing, dict) else getattr(thing, part)
            names.append(part)
    return ".".join(names)


def carriers(code: str, row: Row) -> list[str]:
    """The elements that carry a rule: of the course up to filing, or of the life after it."""
    listed = dict.fromkeys(elements().get((code, row.clause), []))
    before = row.phase == "filing"
    return [each for each in listed if bool(UP_TO_FILING.match(each)) is before and re.search(row.by, each)]


def untested() -> list[Named]:
    """Every rule up to filing that no test names."""
    return [name for name, row in named().items() if row.phase == "filing" and name not in marks()]


def document() -> str:
    """The text of docs/clauses.md."""
    lines = [
        "# Clauses 条款对照",
        "",
        "Written by `python -m tests.clauses`; the test command fails when it is stale, or when a rule that",
        "holds up to filing has no test. Which elements rest on a clause is read from the packs, which tests",
        "show it from the tests' marks. What the documents do not state is a setting: see *silent*.",
        "",
    ]
    packs = [shipped(code).procedure for code in shipped_codes()]
    titles = {code: each.title for pack in packs for code, each in pack.documents.items()}
    for code, listed in rows().items():
        lines += [f"## {titles[code].zh} · {titles[code].en}", "", f"`{code}`", ""]
        for phase, heading in (("filing", "Up to filing 备案之前"), ("after", "After filing 备案之后")):
            of_phase = [row for row in listed if row.phase == phase]
            if of_phase:
                lines += [
                    f"### {heading}",
                    "",
                    "| clause | rule | carried by | shown by |",
                    "|---|---|---|---|",
                ]
                lines += [_line(code, row) for row in of_phase]
                lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _line(code: str, row: Row) -> str:
    carried = [f"`{each}`" for each in carriers(code, row)]
    shown = [f"[{each.name}](../{each.file})" for each in marks().get((code, row.clause, row.part), [])]
    clause = row.clause if row.part is None else f"{row.clause} {row.part}"
    cells = (
        clause,
        row.says,
        "<br>".join(carried) or row.unless or "not yet carried",
        "<br>".join(shown) or "not yet shown",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write docs/clauses.md anew."""
    DOCUMENT.write_text(document(), encoding="utf-8")
    sys.stdout.write(
        f"{DOCUMENT.name}: {len(named())} rules, {len(untested())} up to filing without a test\n"
    )


if __name__ == "__main__":
    main()
