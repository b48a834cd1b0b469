"""`beian report`: whose time it took, and figures for a monitoring system."""

from typing import Annotated

import typer

from casework import metrics, time_account
from casework.terms import term
from casework.time_account import PARTIES, Account, Grouping, Party
from cli.command import Group, both, command
from cli.reply import Reply
from cli.session import AsOption, DatabaseOption, RoleOption, claim_of, opened
from models.database import reading

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands of reports."""


@command(
    app,
    "time",
    "按办件、环节、推荐单位或经手方统计用时；机关、申报单位、专家组的时间分开计算。",
    "Tell whose time it took, by case, stage, district or holder; authority, applicant and panel apart.",
    """
    beian report time
    beian report time --by case --call 2024
    beian report time --by district --as chen --json | jq '.[] | {key, authority: .parties.authority.days}'
    """,
)
def time(
    reply: Reply,
    by: Annotated[Grouping, typer.Option(help=both("按什么分组。", "By what to group."))] = "stage",
    call: Annotated[str | None, typer.Option(metavar="CODE", help=both("批次。", "The call."))] = None,
    district: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE", help=both("推荐单位，可重复。", "The recommending unit, may be repeated.")
        ),
    ] = None,
    case: Annotated[
        str | None, typer.Option(metavar="NUMBER", help=both("只看一个办件。", "One case only."))
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Account for the time."""
    with (
        opened(reply, database) as engine,
        reading(engine) as connection,
        reply.working("正在统计……", "Counting…"),
    ):
        seen_by = None if as_handle is None else claim_of(reply, connection, as_handle, role)
        told = time_account.accounts(
            time_account.spans(connection, call=call, districts=district or (), case=case, seen_by=seen_by),
            by,
        )
    if not told and not reply.as_json:
        reply.note("没有符合的办件。", "No such case.")
        return
    parties: list[Party] = list(dict.fromkeys(PARTIES.values()))
    heads = [
        {"case": reply.say("办件", "Case"), "stage": reply.say("环节", "Stage")}.get(
            by, reply.say("单位", "Of")
        ),
        reply.say("件数", "Cases"),
        *(term("parties", each, reply.language) for each in parties),
        reply.say("其中停止计时", "Suspended"),
        reply.say("机关每件平均", "Authority a case"),
    ]
    reply.give(
        [_data(each, reply.language) for each in told],
        reply.table(heads, [_row(each, parties, reply.language) for each in told]),
    )
    if not reply.as_json:
        reply.note("工作日（小时）。", "Working days (hours).")


@command(
    app,
    "metrics",
    "以 Prometheus 文本格式给出积压、逾期分布、通知延迟等指标。",
    "Give backlog, overdue histogram, delivery lag and the like as Prometheus text.",
    """
    beian report metrics
    beian report metrics > /var/lib/node_exporter/beian.prom
    """,
)
def show_metrics(reply: Reply, database: DatabaseOption = None) -> None:
    """Write the metrics as they are now."""
    with opened(reply, database) as engine:
        text = metrics.text(engine)
    if reply.as_json:
        reply.write_json({"metrics": text})
    else:
        typer.echo(text, nl=False)


def _row(each: Account, parties: list[Party], language: str) -> list[object]:
    amounts = [each.parties[party] for party in parties]
    return [
        each.key if each.title is None else each.title.of(language),
        each.cases,
        *(f"{amount.days} ({amount.hours:.1f})" for amount in amounts),
        f"{each.suspended.days} ({each.suspended.hours:.1f})",
        f"{each.mean_days('authority'):.1f}",
    ]


def _data(each: Account, language: str) -> dict[str, object]:
    return {
        "key": each.key,
        "name": each.key if each.title is None else each.title.of(language),
        "cases": each.cases,
        "parties": {
            party: {"days": amount.days, "hours": round(amount.hours, 3)}
            for party, amount in each.parties.items()
        },
        "suspended": {"days": each.suspended.days, "hours": round(each.suspended.hours, 3)},
        "authority_days_a_case": round(each.mean_days("authority"), 2),
    }
