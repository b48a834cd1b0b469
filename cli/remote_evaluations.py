"""`beian --server URL evaluation …`: rounds, evaluations and revocations of a portal elsewhere."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli.acting import KeyOption, VersionOption
from cli.asking import do_act, pages
from cli.command import Group, both, command
from cli.evaluations import DayOption
from cli.remote_matters import EntryOption, OpenOption, SearchOption, begun, common, listed
from cli.reply import Reply

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on rounds, evaluations and revocations of a portal elsewhere."""


@command(
    app,
    "list",
    "列出令牌可见的评价和取消备案；给出轮次时只列其中的。",
    "List the evaluations and revocations that the token sees; with a round those in it.",
    """
    beian --server https://beian.example.gov.cn evaluation list --open
    beian --server https://beian.example.gov.cn evaluation list PJ2025
    """,
)
def list_evaluations(
    reply: Reply,
    code: Annotated[str | None, typer.Argument(metavar="CODE", help=both("轮次。", "The round."))] = None,
    entry: EntryOption = None,
    search: SearchOption = "",
    is_open: OpenOption = None,
) -> None:
    """List evaluations and revocations, page after page."""
    listed(reply, ("evaluation", "revocation"), round=code, entry=entry, search=search, open=is_open)


@command(
    app,
    "rounds",
    "列出本局的各轮评价。",
    "List the rounds of the token's bureau.",
    "beian --server https://beian.example.gov.cn evaluation rounds",
)
def list_rounds(reply: Reply) -> None:
    """List rounds, the latest first."""
    found = pages(reply, "/rounds", "rounds", {})
    heads = (
        reply.say("轮次", "Round"),
        reply.say("状态", "State"),
        reply.say("各环节", "Where they stand"),
    )
    rows = [
        (
            each["code"],
            each["outcome"] or each["stage"],
            ", ".join(f"{k} {n}" for k, n in each["places"].items()),
        )
        for each in found
    ]
    reply.give(found, reply.table(heads, rows))


@command(
    app,
    "open",
    "布置一轮评价：到期的条目各得一项自评任务。",
    "Announce a round: every entry that is due gets its self-report to file.",
    "beian --server https://beian.example.gov.cn evaluation open yueyang PJ2025 --period 2025",
)
def open_round(
    reply: Reply,
    bureau: Annotated[str, typer.Argument(metavar="BUREAU", help=both("市局代码。", "The city bureau."))],
    code: Annotated[str, typer.Argument(metavar="CODE", help=both("轮次编号。", "The round's code."))],
    period: Annotated[
        str, typer.Option(help=both("评价的期间，如 2025。", "What it looks at, such as 2025."))
    ],
    purpose: Annotated[
        str, typer.Option(help=both("evaluation 为评价，acceptance 为验收。", "evaluation, or acceptance."))
    ] = "evaluation",
    filed_until: DayOption = None,
    self_report: DayOption = None,
    last_report: DayOption = None,
    key: KeyOption = None,
) -> None:
    """Announce one round."""
    days = {"filed_until": filed_until, "self_report": self_report, "last_report": last_report}
    given = {name: day for name, day in days.items() if day is not None}
    told = {"code": code, "period": period, "purpose": purpose, **given}
    begun(reply, f"/rounds/{quote(bureau, safe='')}", told, key)


@command(
    app,
    "close",
    "办结一轮评价。",
    "Close a round.",
    "beian --server https://beian.example.gov.cn evaluation close yueyang PJ2025",
)
def close_round(
    reply: Reply,
    bureau: Annotated[str, typer.Argument(metavar="BUREAU", help=both("市局代码。", "The city bureau."))],
    code: Annotated[str, typer.Argument(metavar="CODE", help=both("轮次编号。", "The round's code."))],
    key: KeyOption = None,
    version: VersionOption = None,
) -> None:
    """Close one round."""
    path = f"/rounds/{quote(bureau, safe='')}/{quote(code, safe='')}"
    do_act(reply, path, "complete_round", None, key, version)


common(app, "evaluation", "PJ2025/YYLHT-2024-001", "postpone_evaluation --data reason=厂房搬迁")
