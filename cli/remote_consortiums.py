"""`beian --server URL consortium …`: how filed consortia change and end, on a portal elsewhere."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli.acting import DataOption, KeyOption, particulars
from cli.asking import ask
from cli.command import Group, both, command
from cli.consortiums import BureauOption, NumberArgument
from cli.remote_matters import EntryOption, OpenOption, SearchOption, begun, common, listed, path_of
from cli.reply import Reply
from procedure import written

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on filed consortia of a portal elsewhere: changes, claims, renewals, disqualifications."""

KINDS = ("change", "claim", "disqualification")
"""What is listed of consortia without asking for a kind; evaluations have a group of their own."""


@command(
    app,
    "list",
    "列出令牌可见的变更、支持申请和资格取消；--kind entry 列出条目本身。",
    "List the changes, claims and disqualifications that the token sees; --kind entry lists the entries.",
    """
    beian --server https://beian.example.gov.cn consortium list --open
    beian --server https://beian.example.gov.cn consortium list --kind entry
    """,
)
def list_matters(
    reply: Reply,
    kind: Annotated[
        str | None, typer.Option(help=both("entry、change、claim、disqualification。", "Only this kind."))
    ] = None,
    entry: EntryOption = None,
    search: SearchOption = "",
    is_open: OpenOption = None,
) -> None:
    """List matters of consortia, page after page."""
    listed(reply, KINDS if kind is None else (kind,), entry=entry, search=search, open=is_open)


@command(
    app,
    "begin",
    "就一个条目提出变更（change）、申请支持（claim）或提出取消牵头资格（disqualification）。",
    "Begin a change, a claim or a disqualification of an entry.",
    """
    beian --server https://beian.example.gov.cn consortium begin YYLHT-2024-001 change \\
        --data aspect=direction --data value=氢能 --data reason=技术路线调整
    """,
)
def begin(
    reply: Reply,
    number: NumberArgument,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help=both("change、claim 或 disqualification。", "change, claim, disqualification."),
        ),
    ],
    data: DataOption = None,
    key: KeyOption = None,
    bureau: BureauOption = None,
) -> None:
    """Begin one matter."""
    path = f"{path_of(reply, number, bureau)}/begin/{quote(kind, safe='')}"
    begun(reply, path, particulars(reply, f"propose_{kind}", data or []), key)


@command(
    app,
    "renew",
    "期满前后续备：在申报中的批次建立新的申报，沿用仍然属实的内容。",
    "Renew an entry: begin an application in an open call, carrying over what is still true.",
    "beian --server https://beian.example.gov.cn consortium renew YYLHT-2024-001 --call 2027",
)
def renew(
    reply: Reply,
    number: NumberArgument,
    call: Annotated[str, typer.Option(metavar="CALL", help=both("批次编号。", "The call's code."))],
    bureau: BureauOption = None,
) -> None:
    """Begin a renewal."""
    path = f"{path_of(reply, number, bureau)}/renewal"
    told = ask(reply, "POST", path, json={"call": call}).json()
    ref, missing = told["case"]["number"], written.listed(told["to_give"], reply.language)
    reply.give(
        told,
        reply.say(f"已建立续备申报 {ref}。", f"Begun: {ref}."),
        reply.say(f"还须补充：{missing}", f"Still to give: {missing}"),
    )


common(app, "consortium", "YYLHT-2024-001/C1", "consent_to_change")
