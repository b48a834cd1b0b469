"""`beian --server URL --token …`: cases and the register of a portal elsewhere, through its interface."""

from contextvars import ContextVar
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import typer

from cli.acting import ActArgument, DataOption, KeyOption, VersionOption, particulars
from cli.cases import NumberArgument
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from procedure import written
from procedure.instant import instant

cases = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on cases of a portal elsewhere."""

registers = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on its register."""


@registers.callback()
def _registers() -> None:
    """Have a group even where there is a single command."""


_reached: ContextVar[tuple[str, str]] = ContextVar("reached")

CODES = {401: ExitCode.USAGE, 403: ExitCode.REFUSED, 404: ExitCode.NOT_FOUND, 503: ExitCode.BUSY}

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
    lines = _pages(reply, "/cases", "cases", wanted)
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
    case = _ask(reply, "GET", _case(reply, number, bureau)).json()
    rows = [
        (reply.say("编号", "Number"), case["number"]),
        (reply.say("牵头单位", "Lead unit"), case["lead"]["name"]),
        (reply.say("现在", "Now"), case["place"][reply.language]),
        *((each["title"][reply.language], _when(reply, each["at"])) for each in case["deadlines"]),
        (
            reply.say("可以办理", "Possible now"),
            written.listed((f"{act} ({title[reply.language]})" for act, title in case["may"].items()), "zh"),
        ),
    ]
    reply.give(case, reply.pairs(rows))


@command(
    cases,
    "act",
    "办理一个事项。",
    "Do an act.",
    "beian --server https://beian.example.gov.cn case act YY2024-0001 endorse --data opinion=同意推荐",
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
    """Do one act of a case."""
    headers = {"Idempotency-Key": key or uuid4().hex}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    path = f"{_case(reply, number, bureau)}/acts/{quote(name, safe='')}"
    receipt = _ask(reply, "POST", path, json=particulars(reply, name, data or []), headers=headers).json()
    place = receipt["outcome"] or receipt["stage"]
    at = _when(reply, receipt["at"])
    reply.give(receipt, reply.say(f"已办理（{at}）：{place}", f"Done ({at}): {place}"))


@command(
    cases,
    "why",
    "说明时限为何是这一天。",
    "Explain why a deadline is when it is.",
    "beian --server https://beian.example.gov.cn case why YY2024-0001",
)
def why(reply: Reply, number: NumberArgument, bureau: BureauOption = None) -> None:
    """Explain the deadlines of the present stage."""
    found = _ask(reply, "GET", f"{_case(reply, number, bureau)}/why").json()
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
    found = _ask(reply, "GET", f"{_case(reply, number, bureau)}/history").json()[::-1]
    rows = [
        (
            each["seq"],
            _when(reply, each["at"]),
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
    lines = _pages(reply, "/register", "entries", {"search": search, "bureau": bureau})
    heads = (reply.say("编号", "Number"), reply.say("名称", "Name"), reply.say("有效至", "Valid until"))
    rows = [(each["number"], each["name"], each["valid_to"]) for each in lines]
    reply.give(lines, reply.table(heads, rows))


def reach(server: str, token: str | None) -> None:
    """Say which portal the commands ask, and with which token."""
    _reached.set((server.rstrip("/"), token or ""))


def _pages(reply: Reply, path: str, name: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    asked = {key: value for key, value in query.items() if value not in (None, "")} | {"limit": 500}
    found: list[dict[str, Any]] = []
    while True:
        page = _ask(reply, "GET", path, params=asked).json()
        found += page[name]
        if page["next"] is None:
            return found
        asked["after"] = page["next"]


def _case(reply: Reply, number: str, bureau: str | None) -> str:
    if bureau is None:
        known = _ask(reply, "GET", "/cases", params={"search": number, "limit": 500}).json()["cases"]
        bureaus = sorted({each["bureau"] for each in known if each["number"] == number})
        # Of several the first answers; of none the server says that there is none.
        bureau = bureaus[0] if bureaus else "-"
    return f"/cases/{quote(bureau, safe='')}/{quote(number, safe='')}"


def _ask(reply: Reply, method: str, path: str, **more: Any) -> httpx.Response:
    server, token = _reached.get()
    headers = {**more.pop("headers", {}), "Authorization": f"Bearer {token}"}
    address = f"{server}/api/v1{path}"
    try:
        answer = httpx.request(method, address, headers=headers, timeout=60, **more)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failure(
            ExitCode.SERVER,
            "no_server",
            reply.say(f"{server} 没有应答：{error}", f"{server} does not answer: {error}"),
        ) from None
    if answer.is_success:
        return answer
    raise _failure(reply, answer)


def _failure(reply: Reply, answer: httpx.Response) -> Failure:
    if answer.headers.get("content-type") != "application/problem+json":
        says = reply.say(f"应答是 {answer.status_code}。", f"The answer is {answer.status_code}.")
        return Failure(ExitCode.SERVER, "no_problem", says)
    problem, language = answer.json(), reply.language
    return Failure(
        CODES.get(answer.status_code, ExitCode.REFUSED),
        problem["code"],
        problem["title"][language],
        (problem["next_step"] or {}).get(language, ""),
        tuple(each[language] for each in problem["details"]),
        (problem["clause"] or {}).get(language),
        facts=problem["facts"],
    )


def _when(reply: Reply, at: str) -> str:
    return written.when(instant(at), reply.language)
