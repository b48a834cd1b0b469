"""`beian report year`: the year of a city's programme."""

from pathlib import Path
from typing import Annotated, Any

import typer
from xlsxwriter.exceptions import XlsxWriterException

from casework import programme, programme_file
from casework.programme import OPEN, NoSuchBureau, Programme
from casework.terms import term
from casework.time_account import PARTIES, Account
from cli.audits import replacing
from cli.command import both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.report import app
from cli.session import DatabaseOption, opened
from models.database import reading
from procedure import written

__all__ = ["app"]


@command(
    app,
    "year",
    "一个市局一年的工作：批次及结果、各环节和各方用时、当年备案、目标；可写成 XLSX。",
    "A bureau's year: calls and outcomes, time by stage and holder, filings, targets; as XLSX if wanted.",
    """
    beian report year yueyang 2024
    beian report year yueyang 2024 --file 年报.xlsx
    """,
)
def year(
    reply: Reply,
    bureau: Annotated[str, typer.Argument(metavar="BUREAU", help=both("市局代码。", "The city bureau."))],
    of: Annotated[int, typer.Argument(metavar="YEAR", min=2000, max=2100, help=both("年份。", "The year."))],
    file: Annotated[
        Path | None, typer.Option(help=both("要写的 .xlsx 文件。", "The .xlsx file to write."))
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Tell the year, and write it where a file is named."""
    if file is not None and file.suffix.lower() != ".xlsx":
        raise Failure(
            ExitCode.USAGE,
            "wrong_format",
            reply.say(f"文件名应以 .xlsx 结尾：{file}", f"The file's name must end in .xlsx: {file}"),
        )
    with opened(reply, database) as engine, reading(engine) as connection:
        try:
            told = programme.programme(connection, bureau, of, reply.language)
            on_paper = None if file is None else programme.programme(connection, bureau, of, "zh")
        except NoSuchBureau:
            raise Failure(
                ExitCode.NOT_FOUND,
                "no_such_bureau",
                reply.say(f"没有代码为“{bureau}”的市局。", f"There is no city bureau {bureau!r}."),
                reply.say("现有的见 beian party list。", "For those there are: beian party list."),
            ) from None
    if file is not None and on_paper is not None:
        with replacing(reply, file) as draft:
            try:
                programme_file.write(draft, on_paper)
            except XlsxWriterException as error:
                raise OSError(0, str(error)) from error
        reply.note(f"已写入 {file}。", f"Wrote {file}.")
    if reply.as_json:
        reply.write_json(_data(told))
    else:
        _tell(reply, told)


def _tell(reply: Reply, told: Programme) -> None:
    reply.give(None, f"{told.name} {told.year}")
    heads = (
        reply.say("批次", "Call"),
        reply.say("受理", "Open"),
        reply.say("提交", "Submitted"),
        reply.say("结果", "Outcomes"),
    )
    rows = [
        (
            call.title,
            " – ".join(written.day(at, reply.language) for at in (call.opens_at, call.closes_at) if at),
            call.submitted,
            reply.say("；", "; ").join(
                f"{reply.say('在办', 'open') if name == OPEN else name} {n}"
                for name, n in call.outcomes.items()
            ),
        )
        for call in told.calls
    ]
    reply.give(None, reply.table(heads, rows))
    parties = tuple(dict.fromkeys(PARTIES.values()))
    for head, accounts in (
        (reply.say("环节", "Stage"), told.by_stage),
        (reply.say("单位", "Of"), told.by_holder),
    ):
        if accounts:
            names = (
                head,
                reply.say("件数", "Cases"),
                *(term("parties", each, reply.language) for each in parties),
            )
            reply.give(
                None,
                reply.table(
                    names,
                    [(each.key, each.cases, *(each.parties[p].days for p in parties)) for each in accounts],
                ),
            )
    filed = sum(told.filed.values())
    by = "  ".join(f"{name or '—'} {n}" for name, n in told.filed.items())
    reply.give(None, reply.say(f"当年备案{filed}个：{by}", f"Filed in the year: {filed}: {by}"))
    for counted, zh, en in (
        (told.evaluations, "当年评价", "Evaluated"),
        (told.acceptances, "当年验收", "Acceptance checks"),
    ):
        if counted:
            by = "  ".join(f"{term('grades', name, reply.language)} {n}" for name, n in counted.items())
            reply.give(None, reply.say(f"{zh}：{by}", f"{en}: {by}"))
    for name, fen in told.granted.items():
        reply.give(
            None, reply.say(f"当年批准：{name} {written.money(fen)}", f"Granted: {name} {written.money(fen)}")
        )
    reply.note("用时为工作日。", "Times are working days.")


def _data(told: Programme) -> dict[str, Any]:
    def account(each: Account) -> dict[str, Any]:
        days = {party: amount.days for party, amount in each.parties.items()}
        return {"key": each.key, "cases": each.cases, "days": days, "suspended_days": each.suspended.days}

    return {
        "bureau": told.bureau,
        "year": told.year,
        "calls": list(told.calls),
        "by_stage": [account(each) for each in told.by_stage],
        "by_holder": [account(each) for each in told.by_holder],
        "filed": told.filed,
        "states": told.states,
        "evaluations": told.evaluations,
        "acceptances": told.acceptances,
        "granted_fen": told.granted,
        "targets": [
            {
                "target": each.target.id,
                "number": each.target.number,
                "in_time": each.in_time,
                "total": each.total,
                "by_year": dict(each.by_year),
                "by_field": dict(each.by_field),
                "source": told.sources[each.target.id],
            }
            for each in told.targets
        ],
        "reported": [
            {
                "figure": each.figure.id,
                "year": each.figure.year,
                "number": each.number,
                "percent": each.figure.percent,
                "derived": each.derived,
                "source": told.sources.get(each.figure.id),
            }
            for each in told.reported
        ],
    }
