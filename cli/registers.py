"""`beian register`: the register of filed consortia."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import pendulum
import typer
from rich.console import RenderableType
from sqlalchemy import Connection
from xlsxwriter.exceptions import XlsxWriterException

from casework import clock, register_file
from casework.register_file import FORMATS
from casework.terms import Terms, term
from cli.audits import replacing
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, opened
from models.database import reading
from procedure import written
from procedure.instant import calendar_day, day_of, instant

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands of the register."""

BureauOption = Annotated[
    str | None,
    typer.Option(metavar="CODE", help=both("只列该市局的。", "Only those of this city bureau.")),
]
SearchOption = Annotated[
    str,
    typer.Option(
        metavar="TEXT", help=both("名称或牵头单位包含的文字。", "Text within the name or the lead unit.")
    ),
]

AtOption = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="DATE", help=both("名册某日的记载，如 2025-03-01。", "As it stood on a day.")
    ),
]


def day_said(reply: Reply, connection: Connection, at: str | None) -> pendulum.Date | None:
    """Return the day that ``--at`` names; what is no day, or one still to come, is refused."""
    if at is None:
        return None
    try:
        day = calendar_day(at)
    except ValueError:
        raise Failure(
            ExitCode.USAGE,
            "bad_date",
            reply.say(
                f"--at 应为日期，如 2025-03-01，不是“{at}”。",
                f"--at takes a day such as 2025-03-01, not {at!r}.",
            ),
        ) from None
    today = day_of(clock.now(connection))
    if day > today:
        raise Failure(
            ExitCode.USAGE,
            "day_to_come",
            reply.say(
                f"--at {day.isoformat()} 尚未到来，今天是 {today.isoformat()}。",
                f"--at {day.isoformat()} is still to come: today is {today.isoformat()}.",
            ),
        )
    return day


@command(
    app,
    "list",
    "按编号列出备案名册。",
    "List the register by number.",
    """
    beian register list
    beian register list --search 生物医药
    beian register list --bureau yueyang --json
    beian register list --at 2025-03-01
    """,
)
def list_entries(
    reply: Reply,
    bureau: BureauOption = None,
    search: SearchOption = "",
    at: AtOption = None,
    database: DatabaseOption = None,
) -> None:
    """List what is filed."""
    with opened(reply, database) as engine, reading(engine) as connection:
        extract = register_file.extract(connection, bureau, search, on=day_said(reply, connection, at))
    entries, history = extract.entries, extract.rectified
    if not entries and not reply.as_json:
        reply.note("名册中没有符合的条目。", "No such entry in the register.")
        return
    heads = (
        reply.say("备案编号", "Number"),
        reply.say("名称", "Name"),
        reply.say("牵头单位", "Lead unit"),
        reply.say("有效期起", "Valid from"),
        reply.say("有效期止", "to"),
        reply.say("文号", "Document"),
        reply.say("状态", "State"),
    )
    rows = [
        (
            entry.number,
            entry.name,
            entry.lead,
            entry.valid_from,
            entry.valid_to,
            entry.document_number,
            term("states", entry.state, reply.language),
        )
        for entry in entries
    ]
    data = [
        {
            **asdict(entry),
            "rectifications": [
                {"at": instant(each.at), "reason": each.reason, "before": each.before, "after": each.after}
                for each in history
                if (each.bureau, each.number) == (entry.bureau, entry.number)
            ],
        }
        for entry in entries
    ]
    terms = Terms(reply.language)
    told: list[RenderableType] = []
    for each in history:
        changes = "; ".join(
            f"{terms.item(item)}: {was} → {each.after[item]}" for item, was in each.before.items()
        )
        when = written.when(instant(each.at), reply.language)
        told.append(
            reply.say(
                f"更正 {each.number}（{when}）：{changes}。理由：{each.reason}",
                f"Rectified {each.number} ({when}): {changes}. Reason: {each.reason}",
            )
        )
    reply.give(data, reply.table(heads, rows), *told)


@command(
    app,
    "export",
    "把备案名册写成文件：.xlsx、.csv、.json，或 .pdf 名单。",
    "Write the register to a file: .xlsx, .csv, .json, or a list as .pdf.",
    """
    beian register export 名册.xlsx
    beian register export 名册.pdf --bureau yueyang
    beian register export out/register.csv --search 生物医药
    beian register export 名册.xlsx --at 2025-03-01
    """,
)
def export(
    reply: Reply,
    file: Annotated[
        Path, typer.Argument(help=both("要写的文件，格式看扩展名。", "The file; its ending says the format."))
    ],
    bureau: BureauOption = None,
    search: SearchOption = "",
    at: AtOption = None,
    database: DatabaseOption = None,
) -> None:
    """Write what is filed; a file that is there is replaced whole."""
    if file.suffix.lower() not in FORMATS:
        endings = "、".join(FORMATS) if reply.language == "zh" else ", ".join(FORMATS)
        raise Failure(
            ExitCode.USAGE,
            "wrong_format",
            reply.say(
                f"文件名应以 {endings} 之一结尾：{file}",
                f"The file's name must end in one of {endings}: {file}",
            ),
        )
    with opened(reply, database) as engine, reading(engine) as connection:
        extract = register_file.extract(connection, bureau, search, on=day_said(reply, connection, at))
    with replacing(reply, file) as draft, reply.working("正在写名册……", "Writing the register…"):
        try:
            register_file.write(draft, extract)
        except XlsxWriterException as error:
            raise OSError(0, str(error)) from error
    reply.give(
        {"file": str(file), "entries": len(extract.entries)},
        reply.say(
            f"已将 {len(extract.entries)} 条写入 {file}。",
            f"Wrote {len(extract.entries)} entries to {file}.",
        ),
    )
