"""`beian incident`: what went wrong, who has taken it on, and trying it again."""

import datetime
from typing import Annotated, Any, Final, Literal

import typer
from rich.console import RenderableType
from rich.markup import escape
from rich.progress import Progress
from rich.text import Text
from sqlalchemy import Connection, Engine

from casework import clock, incidents, retrying
from casework.access import Claim
from casework.incidents import UNRESOLVED, IncidentLine
from casework.retrying import Retried
from casework.terms import term
from cli.command import Group, both, command
from cli.failure import ExitCode
from cli.reply import Reply
from cli.session import AsOption, DatabaseOption, RoleOption, claim_of, opened, person_of
from models.database import reading, writing
from procedure.instant import day_of, instant

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on incidents."""

SHOWN: Final = 20
"""Cases of an incident, and results of a retry, that people are shown; programs get all."""

IncidentArgument = Annotated[
    int, typer.Argument(metavar="INCIDENT", help=both("异常编号。", "The incident's number."))
]


@command(
    app,
    "list",
    "列出尚未关闭的异常，最近出现的在前；给出 --as 时只列此人可见的。",
    "List the incidents that are not closed, the latest seen first; with --as those this person sees.",
    """
    beian incident list
    beian incident list --kind wake --as yun --role operations
    beian incident list --all --json | jq '.[] | {id, kind, failing}'
    """,
)
def list_incidents(
    reply: Reply,
    kind: Annotated[
        list[str] | None, typer.Option(help=both("种类，可重复。", "The kind, may be repeated."))
    ] = None,
    show_all: Annotated[
        bool, typer.Option("--all", help=both("包括已关闭的。", "The closed ones too."))
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help=both("最多几条。", "At most so many."))
    ] = 100,
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """List incidents."""
    with opened(reply, database) as engine, reading(engine) as connection:
        seen_by = None if as_handle is None else claim_of(reply, connection, as_handle, role)
        found = incidents.lines(
            connection,
            states=(*UNRESOLVED, "closed") if show_all else UNRESOLVED,
            kinds=kind or (),
            seen_by=seen_by,
            day=day_of(clock.now(connection)),
            limit=limit,
        )
    if not found and not reply.as_json:
        reply.note("没有未关闭的异常。", "No incident is open.")
        return
    heads = (
        reply.say("编号", "No."),
        reply.say("种类", "Kind"),
        reply.say("状态", "State"),
        reply.say("次数", "Times"),
        reply.say("办件", "Cases"),
        reply.say("最近出现", "Last seen"),
        reply.say("受理人", "Taken on by"),
        reply.say("说明", "What"),
    )
    rows = [
        (
            each.id,
            term("incidents", each.kind, reply.language),
            term("incident_states", each.state, reply.language),
            each.occurrences,
            f"{each.failing}/{each.cases}" if each.cases else "",
            _minute(each.last_seen),
            each.assigned_to,
            each.said(reply.language),
        )
        for each in found
    ]
    reply.give([_data(each) for each in found], reply.table(heads, rows))


@command(
    app,
    "show",
    "查看一个异常：原因、涉及的办件、处理经过。",
    "Show an incident: its cause, the cases it hit, and what was done about it.",
    """
    beian incident show 3
    beian incident show 3 --json | jq -r '.hit[] | select(.state == "failing") | .number'
    """,
)
def show(
    reply: Reply,
    incident: IncidentArgument,
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Show one incident."""
    with opened(reply, database) as engine, reading(engine) as connection:
        seen_by = None if as_handle is None else claim_of(reply, connection, as_handle, role)
        data, shown = _shown(reply, connection, incident, seen_by)
    reply.give(data, *shown)


@command(
    app,
    "acknowledge",
    "受理一个异常：由自己跟进。",
    "Take on an incident.",
    """
    beian incident acknowledge 3 --as yun --role operations
    """,
)
def acknowledge(
    reply: Reply,
    incident: IncidentArgument,
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Take on one incident."""
    with opened(reply, database) as engine:
        claim = _claim(reply, engine, as_handle, role)
        with writing(engine) as connection:
            incidents.acknowledge(connection, incident, claim, clock.now(connection))
        _answer(reply, engine, incident, claim)


@command(
    app,
    "assign",
    "把一个异常指派给他人。",
    "Give an incident to somebody else.",
    """
    beian incident assign 3 chen --as yun --role operations
    """,
)
def assign(
    reply: Reply,
    incident: IncidentArgument,
    to: Annotated[
        str, typer.Argument(metavar="HANDLE", help=both("受指派人的账号。", "Who is to deal with it."))
    ],
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Give one incident to another person."""
    with opened(reply, database) as engine:
        claim = _claim(reply, engine, as_handle, role)
        with reading(engine) as connection:
            person = person_of(reply, connection, to)
        with writing(engine) as connection:
            incidents.assign(connection, incident, claim, person, clock.now(connection))
        _answer(reply, engine, incident, claim)


@command(
    app,
    "retry",
    "重试一个异常中仍有问题的办件，逐件给出结果；有仍失败的以 1 结束。",
    "Try an incident's failing cases again, with a result for each; ends with 1 where one fails again.",
    """
    beian incident retry 3 --as yun --role operations
    beian incident retry 3 --case YY2024-0007 --case YY2024-0012 --as yun --role operations
    beian incident retry 3 --as yun --role operations --json | jq '.results[] | select(.recovered | not)'
    """,
)
def retry(
    reply: Reply,
    incident: IncidentArgument,
    case: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER", help=both("只重试这些办件，可重复。", "Only these cases, repeatable.")
        ),
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Try the cases of one incident again."""
    with opened(reply, database) as engine, Progress(console=reply.err, transient=True) as progress:
        claim = _claim(reply, engine, as_handle, role)
        bar = progress.add_task(escape(reply.say("正在重试……", "Trying again…")), total=None)

        def tell(result: Retried, done: int, of: int) -> None:
            progress.update(bar, completed=done, total=of, description=escape(result.number))

        results = retrying.retry(engine, incident, claim, case or (), tell)
    again = [each for each in results if not each.recovered]
    good = len(results) - len(again)
    heads = (reply.say("办件", "Case"), reply.say("结果", "Result"), reply.say("说明", "What"))
    rows = [
        (
            each.number,
            reply.say("已恢复", "recovered") if each.recovered else reply.say("仍失败", "failed again"),
            each.error,
        )
        for each in (again + [each for each in results if each.recovered])[:SHOWN]
    ]
    said = reply.say(
        f"重试 {len(results)} 件：{good} 件恢复，{len(again)} 件仍失败。",
        f"Tried {len(results)} again: {good} recovered, {len(again)} failed again.",
    )
    reply.give(
        {"incident": incident, "recovered": good, "failed": len(again), "results": results},
        said,
        *([reply.table(heads, rows)] if rows else []),
    )
    if again:
        raise typer.Exit(ExitCode.REFUSED)


@command(
    app,
    "close",
    "关闭一个异常，并说明如何处理的。",
    "Close an incident, saying how it was dealt with.",
    """
    beian incident close 3 "已更正该办件的数据" --as yun --role operations
    """,
)
def close(
    reply: Reply,
    incident: IncidentArgument,
    remark: Annotated[
        str, typer.Argument(metavar="REMARK", help=both("如何处理的。", "How it was dealt with."))
    ],
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Close one incident."""
    with opened(reply, database) as engine:
        claim = _claim(reply, engine, as_handle, role)
        with writing(engine) as connection:
            incidents.close(connection, incident, claim, remark, clock.now(connection))
        _answer(reply, engine, incident, claim)


def _minute(at: datetime.datetime) -> str:
    return f"{instant(at):YYYY-MM-DD HH:mm}"


def _claim(reply: Reply, engine: Engine, handle: str | None, role: str | None) -> Claim:
    with reading(engine) as connection:
        return claim_of(reply, connection, handle, role)


def _answer(reply: Reply, engine: Engine, incident: int, claim: Claim) -> None:
    with reading(engine) as connection:
        data, shown = _shown(reply, connection, incident, claim)
    reply.give(data, *shown)


def _data(each: IncidentLine) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "state": each.state,
        "summary": each.summary,
        "occurrences": each.occurrences,
        "cases": each.cases,
        "failing": each.failing,
        "first_seen": instant(each.first_seen),
        "last_seen": instant(each.last_seen),
        "assigned_to": each.assigned_to,
    }


def _shown(
    reply: Reply, connection: Connection, incident: int, seen_by: Claim | None
) -> tuple[dict[str, Any], list[RenderableType]]:
    day = day_of(clock.now(connection))
    found = incidents.one(connection, incident, seen_by, day)
    hit = incidents.cases_of(connection, incident, seen_by=seen_by, day=day)
    history = incidents.history(connection, incident)
    language: Literal["zh", "en"] = "en" if reply.language == "en" else "zh"
    data = {
        **_data(found),
        "detail": found.detail,
        "hit": [
            {
                "number": each.number,
                "state": each.state,
                "summary": each.summary,
                "occurrences": each.occurrences,
                "last_seen": instant(each.last_seen),
            }
            for each in hit
        ],
        "history": [
            {
                "at": instant(each.at),
                "kind": each.kind,
                "person": each.person,
                "role": each.role,
                "case": each.case,
                "remark": each.remark,
            }
            for each in history
        ],
    }
    title = f"#{found.id} {term('incidents', found.kind, language)}"
    shown: list[RenderableType] = [
        Text(f"{title} · {term('incident_states', found.state, language)}", style="bold"),
        found.said(language),
        reply.pairs(
            [
                (reply.say("次数", "Occurrences"), found.occurrences),
                (
                    reply.say("首次至最近", "First to last"),
                    f"{_minute(found.first_seen)} – {_minute(found.last_seen)}",
                ),
                (reply.say("受理人", "Taken on by"), found.assigned_to),
                (reply.say("涉及办件", "Cases hit"), f"{found.failing}/{found.cases}" if found.cases else ""),
            ]
        ),
    ]
    if hit:
        rows = [
            (
                each.number,
                term("incident_states", each.state, language),
                _minute(each.last_seen),
                each.summary if found.says is None else "",
            )
            for each in hit[:SHOWN]
        ]
        shown += [Text(reply.say("办件", "Cases"), style="bold"), reply.table((), rows)]
        if len(hit) > SHOWN:
            shown.append(reply.say(f"另有 {len(hit) - SHOWN} 件。", f"And {len(hit) - SHOWN} more."))
    told = [
        (
            _minute(each.at),
            term("incident_entries", each.kind, language),
            each.person or term("roles", each.role, language),
            each.case,
            each.remark,
        )
        for each in history[-SHOWN:]
    ]
    shown += [Text(reply.say("处理经过", "History"), style="bold"), reply.table((), told)]
    return data, shown
