"""`beian procedure check | diff | draw`: packs proved before use, told apart, and drawn."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from casework.terms import term
from cli.audits import replacing
from cli.command import both, command
from cli.pack_flaws import placed
from cli.procedures import PackArgument, app, pack_of, procedure_of
from cli.reply import Reply
from cli.session import DatabaseOption
from procedure.acts import ACTS
from procedure.definition import Words
from procedure.diagram import diagram
from procedure.difference import Difference, differences
from procedure.difference_words import SECTIONS

__all__ = ["app"]

UNSOUND: Final = 1
"""The exit code of a check that found a flaw."""

RevisionArgument = Annotated[
    str,
    typer.Argument(
        help=both(
            "自带程序包的代码、已发布版本（代码或哈希前6位以上）、程序包的文件夹。",
            "The code of a pack that ships, a published revision (code, or 6 or more characters of its "
            "hash), or a pack's folder.",
        ),
    ),
]


@command(
    app,
    "check",
    "使用前证明程序包无误：环节可达、有出路、有人办、有期限；有缺陷时退出码为1。",
    "Prove a pack before use: stages are reached, left, held, timed. Exit code 1 where there is a flaw.",
    """
    beian procedure check yueyang-2024
    beian procedure check ./my-pack --language en
    beian procedure check ./my-pack/procedure.yaml --json
    """,
)
def check(reply: Reply, name: PackArgument) -> None:
    """Answer with every flaw and remark, each with its file and line."""
    pack = pack_of(reply, name)
    found = placed(pack)
    flaws = [each.flaw for each in found if each.flaw.severity == "flaw"]
    code = pack.procedure.code
    told: list[dict[str, Any]] = []
    lines: list[Text] = []
    for each in found:
        text = each.flaw.text(reply.language)
        told.append({**asdict(each.flaw), "file": each.file, "line": each.line, "text": text})
        kind = reply.say("缺陷", "flaw") if each.flaw.severity == "flaw" else reply.say("提示", "remark")
        colour = "bold red" if each.flaw.severity == "flaw" else "yellow"
        lines.append(Text.assemble((f"{kind} ", colour), each.text(reply.language)))
    remarks = len(found) - len(flaws)
    if flaws:
        lines.append(
            Text(reply.say(f"{code}：{len(flaws)}处缺陷。", f"{code}: {_count(len(flaws), 'flaw')}."))
        )
    else:
        also = reply.say(f"，{remarks}处提示", f", {_count(remarks, 'remark')}") if remarks else ""
        lines.append(Text(reply.say(f"{code}：未发现缺陷{also}。", f"{code}: no flaw{also}.")))
    reply.give({"code": code, "hash": pack.content_hash, "sound": not flaws, "found": told}, *lines)
    if flaws:
        raise typer.Exit(UNSOUND)


@command(
    app,
    "diff",
    "用文字说明两个版本有何不同：环节、期限、条件、设定、文本。",
    "Tell two revisions apart in words: stages, deadlines, rules, settings, texts.",
    """
    beian procedure diff yueyang-2024 ./my-pack
    beian procedure diff 3f9a1c07 yueyang-2024 --json
    """,
)
def diff(
    reply: Reply,
    old: RevisionArgument,
    new: RevisionArgument,
    database: DatabaseOption = None,
) -> None:
    """Answer with every difference, by section."""
    (before, was), (after, now) = procedure_of(reply, old, database), procedure_of(reply, new, database)
    found = differences(was, now, term)
    data = {"old": {"code": was.code, "hash": before}, "new": {"code": now.code, "hash": after}}
    same = reply.say("两个版本没有不同。", "The two revisions do not differ.")
    shown = list(_by_section(found, reply)) or [Text(same)]
    reply.give({**data, "differences": found}, *shown)


@command(
    app,
    "draw",
    "把程序包画成 BPMN 2.0 流程图，可用常见建模工具打开。",
    "Draw a pack as a BPMN 2.0 diagram that common modelling tools open.",
    """
    beian procedure draw yueyang-2024 --out yueyang.bpmn
    beian procedure draw ./my-pack > my-pack.bpmn
    """,
)
def draw(
    reply: Reply,
    name: PackArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=both("要写的文件；不指定则写到标准输出。", "The file to write; else standard output."),
        ),
    ] = None,
) -> None:
    """Write the diagram whole to a file, or to standard output."""
    pack = pack_of(reply, name)
    acts = {act: Words(zh=term("acts", act, "zh"), en=term("acts", act, "en")) for act in ACTS}
    text = diagram(pack.procedure, acts)
    if out is not None:
        with replacing(reply, out) as draft:
            draft.write_text(text, encoding="utf-8")
        code = pack.procedure.code
        said = reply.say(f"已将{code}的流程图写入 {out}。", f"Wrote the diagram of {code} to {out}.")
        reply.give({"code": code, "file": str(out)}, said)
    elif reply.as_json:
        reply.write_json({"code": pack.procedure.code, "bpmn": text})
    else:
        sys.stdout.write(text)


def _by_section(found: tuple[Difference, ...], reply: Reply) -> Iterator[Text]:
    for section, listed in groupby(found, lambda difference: difference.section):
        yield Text(SECTIONS[section].of(reply.language), style="bold")
        for difference in listed:
            yield Text(f"  · {difference.said.of(reply.language)}")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
