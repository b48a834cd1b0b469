"""`beian --server URL … show | act | urge`: what is alike for all that comes after filing elsewhere."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

import typer

from cli.acting import ActArgument, DataOption, KeyOption, VersionOption
from cli.asking import ask, content_of, do_act, pages, when
from cli.command import both, command
from cli.consortiums import BureauOption
from cli.reply import Reply
from procedure import written

NumberArgument = Annotated[
    str,
    typer.Argument(
        metavar="NUMBER",
        help=both("条目、变更、申请、评价、取消等的编号。", "Of an entry, a change, an evaluation …"),
    ),
]
EntryOption = Annotated[str | None, typer.Option(metavar="NUMBER", help=both("备案编号。", "Of this entry."))]
OpenOption = Annotated[
    bool | None, typer.Option("--open/--closed", help=both("在办的／已办结的。", "Open, or ended."))
]
SearchOption = Annotated[str, typer.Option(metavar="TEXT", help=both("文字。", "Text to look for."))]


def common(group: typer.Typer, name: str, number: str, done: str) -> None:
    """Give a group of commands those that are alike for everything after filing.

    ``number`` and ``done`` are examples of a matter and of an act on it.
    """
    start = f"beian --server https://beian.example.gov.cn {name}"

    @command(group, "show", "查看一件。", "Show one of them.", f"{start} show {number}")
    def show(reply: Reply, number: NumberArgument, bureau: BureauOption = None) -> None:
        """Show one matter."""
        matter = ask(reply, "GET", path_of(reply, number, bureau)).json()
        rows = [
            (reply.say("编号", "Number"), matter["number"]),
            (reply.say("条目", "Entry"), f"{matter['entry']} {matter['name']}"),
            (reply.say("现在", "Now"), matter["place"][reply.language]),
            *((each["title"][reply.language], when(reply, each["at"])) for each in matter["deadlines"]),
            (
                reply.say("可以办理", "Possible now"),
                written.listed(
                    (f"{act} ({title[reply.language]})" for act, title in matter["may"].items()),
                    reply.language,
                ),
            ),
        ]
        reply.give(matter, reply.pairs(rows))

    @command(
        group,
        "send",
        "上传一份文件，给出摘要；办理时以摘要指明。",
        "Send a file, and tell the digest by which an act names it.",
        f"{start} send {number} 协议.pdf",
    )
    def send(
        reply: Reply,
        number: NumberArgument,
        file: Annotated[Path, typer.Argument(metavar="PATH", help=both("文件。", "The file."))],
        bureau: BureauOption = None,
    ) -> None:
        """Send one file."""
        content = content_of(reply, file)
        path = f"{path_of(reply, number, bureau)}/files"
        stored = ask(reply, "POST", path, files={"file": (file.name, content)}).json()
        reply.give(stored, f"{stored['name']} {stored['digest']}")

    @command(
        group,
        "act",
        "办理一个事项；材料以摘要指明。",
        "Do an act; a file is named by its digest.",
        f"{start} act {number} {done}",
    )
    def act(
        reply: Reply,
        number: NumberArgument,
        name: ActArgument,
        data: DataOption = None,
        key: KeyOption = None,
        version: VersionOption = None,
        bureau: BureauOption = None,
    ) -> None:
        """Do one act."""
        do_act(reply, path_of(reply, number, bureau), name, data, key, version)

    @command(group, "urge", "催办：提醒当前承办方。", "Urge the present holder.", f"{start} urge {number}")
    def urge(
        reply: Reply,
        number: NumberArgument,
        remark: Annotated[
            str, typer.Option(metavar="TEXT", help=both("留言，可不填。", "What to say; may be left out."))
        ] = "",
        bureau: BureauOption = None,
    ) -> None:
        """Urge once."""
        told = ask(reply, "POST", f"{path_of(reply, number, bureau)}/urge", json={"remark": remark}).json()
        again = when(reply, told["again_at"])
        reply.give(
            told,
            reply.say(
                f"已催办（第{told['number']}次）：通知{told['people']}人。{again}以后可再催。",
                f"Urged (no. {told['number']}): told {told['people']}. It can be urged again "
                f"from {again} on.",
            ),
        )


def listed(reply: Reply, kinds: tuple[str, ...], **wanted: Any) -> None:
    """Show the matters of these kinds, page after page."""
    found = [each for kind in kinds for each in pages(reply, "/matters", "matters", {"kind": kind, **wanted})]
    rows = [
        (
            each["number"],
            each["name"],
            each["place"][reply.language],
            "" if each["due_at"] is None else when(reply, each["due_at"]),
        )
        for each in found
    ]
    heads = (
        reply.say("编号", "Number"),
        reply.say("名称", "Name"),
        reply.say("环节", "Stage"),
        reply.say("截止", "Due"),
    )
    reply.give(found, reply.table(heads, rows))


def begun(reply: Reply, path: str, told: dict[str, Any], key: str | None) -> None:
    """Begin what ``told`` says at ``path``, and show its receipt."""
    headers = {"Idempotency-Key": key or uuid4().hex}
    receipt = ask(reply, "POST", path, json=told, headers=headers).json()
    ref, at = receipt["number"], when(reply, receipt["at"])
    reply.give(receipt, reply.say(f"已建立 {ref}（{at}）。", f"Begun: {ref} ({at})."))


def path_of(reply: Reply, number: str, bureau: str | None) -> str:
    """Return where a matter or an entry is; without a bureau the first that has it answers."""
    if bureau is None:
        bureau = _bureau_of(reply, number)
    return f"/matters/{quote(bureau, safe='')}/{quote(number, safe='')}"


def _bureau_of(reply: Reply, number: str) -> str:
    """Return the bureau of a matter that the token sees: one part of its number is that of its entry."""
    kind = None if "/" in number else "entry"
    for part in number.split("/"):
        for each in pages(reply, "/matters", "matters", {"kind": kind, "entry": part}):
            if each["number"] == number:
                return str(each["bureau"])
    # Of none the server says that there is none.
    return "-"
