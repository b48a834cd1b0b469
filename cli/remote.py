"""`beian --server URL --token …`: cases and the register of a portal elsewhere, through its interface."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli.acting import ActArgument, DataOption, FileOption, KeyOption, VersionOption
from cli.asking import ask, do_act, pages, when
from cli.attaching import ATTACH
from cli.cases import NumberArgument
from cli.command import Group, both, command
from cli.remote_documents import attach
from cli.reply import Reply
from procedure import written

cases = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on cases of a portal elsewhere."""

registers = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on its register."""


@registers.callback()
def _registers() -> None:
    """Have a group even where there is a single command."""


BureauOption = Annotated[
    str | None,
    typer.Option(metavar="CODE", help=both("市局代码；唯一时可省略。", "The city bureau.")),
]


@command(
    cases,
    "list",
    "列出令牌可见的办件。",
    "List the cases that the token sees.",
    "beian --server https://beian.example.gov.cn case list --open",
)
def list_cases(
    reply: Reply,
    call: Annotated[str | None, typer.Option(metavar="CODE", help=both("批次。", "The call."))] = None,
    stage: Annotated[str | None, typer.Option(help=both("环节。", "The stage."))] = None,
    search: Annotated[str, typer.Option(metavar="TEXT", help=both("文字。", "Text to look for."))] = "",
    is_open: Annotated[
        bool | None, typer.Option("--open/--closed", help=both("在办的／已结束的。", "Open, or ended."))
    ] = None,
) -> None:
    """List all cases, page after page."""
    wanted = {"call": call, "stage": stage, "search": search, "open": is_open}
    lines = pages(reply, "/cases", "cases", wanted)
    heads = (
        reply.say("编号", "Number"),
        reply.say("牵头单位", "Lead unit"),
        reply.say("推荐单位", "District"),
        reply.say("环节／结果", "Stage or outcome"),
    )
    rows = [
        (each["number"], each["lead"]["name"], each["district"], each["outcome"] or each["stage"])
        for each in lines
    ]
    reply.give(lines, reply.table(heads, rows))


@command(
    cases,
    "show",
    "查看办件。",
    "Show a case.",
    "beian --server https://beian.example.gov.cn case show YY2024-0001",
)
def show(reply: Reply, number: NumberArgument, bureau: BureauOption = None) -> None:
    """Show one case."""
    case = ask(reply, "GET", _case(reply, number, bureau)).json()
    rows = [
        (reply.say("编号", "Number"), case["number"]),
        (reply.say("牵头单位", "Lead unit"), case["lead"]["name"]),
        (reply.say("现在", "Now"), case["place"][reply.language]),
        *((each["title"][reply.language], when(reply, each["at"])) for each in case["deadlines"]),
        (
            reply.say("可以办理", "Possible now"),
            written.listed(
                (f"{act} ({title[reply.language]})" for act, title in case["may"].items()), reply.language
            ),
        ),
    ]
    reply.give(case, reply.pairs(rows))


@command(
    cases,
    "act",
    "办理一个事项，或上传材料。",
    "Do an act, or upload documents.",
    """
    beian --server https://beian.example.gov.cn case act YY2024-0001 endorse --data opinion=同意推荐
    beian --server https://beian.example.gov.cn case act YY2024-0001 attach_document \\
        --file application_form=申报书.pdf
    """,
)
def act(
    reply: Reply,
    number: NumberArgument,
    name: ActArgument,
    data: DataOption = None,
    file: FileOption = None,
    key: KeyOption = None,
    version: VersionOption = None,
    bureau: BureauOption = None,
) -> None:
    """Do one act of a case."""
    path = _case(reply, number, bureau)
    if file or name == ATTACH:
        attach(reply, path, name, data, file or [], key, version)
    else:
        do_act(reply, path, name, data, key, version)


@command(
    cases,
    "why",
    "说明时限为何是这一天。",
    "Explain why a deadline is when it is.",
    "beian --server https://beian.example.gov.cn case why YY2024-0001",
)
def why(reply: Reply, number: NumberArgument, bureau: BureauOption = None) -> None:
    """Explain the deadlines of the present stage."""
    found = ask(reply, "GET", f"{_case(reply, number, bureau)}/why").json()
    reply.give(found, *(line[reply.language] for each in found for line in each["why"]))


@command(
    cases,
    "history",
    "列出办件的记录。",
    "List what happened to a case.",
    "beian --server https://beian.example.gov.cn case history YY2024-0001",
)
def history(reply: Reply, number: NumberArgument, bureau: BureauOption = None) -> None:
    """List what happened to one case, in order."""
    found = ask(reply, "GET", f"{_case(reply, number, bureau)}/history").json()[::-1]
    rows = [
        (
            each["seq"],
            when(reply, each["at"]),
            *(each[of][reply.language] for of in ("what", "who", "remark")),
        )
        for each in found
    ]
    heads = ("#", reply.say("时间", "Time"), reply.say("事项", "What"), reply.say("谁", "Who"), "")
    reply.give(found, reply.table(heads, rows))


@command(
    registers,
    "list",
    "列出备案名册。",
    "List the register.",
    "beian --server https://beian.example.gov.cn register list",
)
def list_register(
    reply: Reply,
    search: Annotated[str, typer.Option(metavar="TEXT", help=both("文字。", "Text to look for."))] = "",
    bureau: BureauOption = None,
) -> None:
    """List the whole register."""
    lines = pages(reply, "/register", "entries", {"search": search, "bureau": bureau})
    heads = (reply.say("编号", "Number"), reply.say("名称", "Name"), reply.say("有效至", "Valid until"))
    rows = [(each["number"], each["name"], each["valid_to"]) for each in lines]
    reply.give(lines, reply.table(heads, rows))


def _case(reply: Reply, number: str, bureau: str | None) -> str:
    if bureau is None:
        known = ask(reply, "GET", "/cases", params={"search": number, "limit": 500}).json()["cases"]
        bureaus = sorted({each["bureau"] for each in known if each["number"] == number})
        # Of several the first answers; of none the server says that there is none.
        bureau = bureaus[0] if bureaus else "-"
    return f"/cases/{quote(bureau, safe='')}/{quote(number, safe='')}"
