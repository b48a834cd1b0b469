"""`beian calendar`: the holiday arrangements in force, and a new one imported."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from casework import calendar_import, calendars, clock
from casework.calendar_import import Moved
from cli.command import Group, both, command
from cli.reply import Reply
from cli.session import DatabaseOption, opened
from models.database import reading
from procedure import written
from procedure.instant import day_of, instant
from procedure.working_days import Arrangement, read_arrangements

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on the working calendar."""


@command(
    app,
    "show",
    "列出现行的放假安排：年度、版本、文号、印发日。",
    "List the holiday arrangements in force: year, version, document, day of issue.",
    """
    beian calendar show
    beian calendar show --json | jq '.arrangements[-1]'
    """,
)
def show(reply: Reply, database: DatabaseOption = None) -> None:
    """Show the calendar in force."""
    with opened(reply, database) as engine, reading(engine) as connection:
        calendar = calendars.current(connection, day_of(clock.now(connection)))
    arrangements = sorted(calendar.arrangements, key=lambda each: (each.year, each.version))
    data = {
        "version": calendar.version,
        "last_published_year": calendar.last_published_year,
        "arrangements": [
            {
                "year": each.year,
                "version": each.version,
                "document": each.document,
                "issued": each.issued,
            }
            for each in arrangements
        ],
    }
    heads = (
        reply.say("年度", "Year"),
        reply.say("版本", "Version"),
        reply.say("文号", "Document"),
        reply.say("印发日", "Issued"),
    )
    rows = [(each.year, each.version, each.document, each.issued) for each in arrangements]
    last = calendar.last_published_year
    reply.give(
        data,
        reply.table(heads, rows),
        reply.say(
            f"{last + 1}年及以后尚无安排，期限为暂定。",
            f"There is none for {last + 1} and later: deadlines that reach there are provisional.",
        ),
    )


@command(
    app,
    "import",
    "导入放假安排（YAML），重新计算所有在办的期限，并列出变动。",
    "Import holiday arrangements (YAML), count every open deadline anew, and list what changed.",
    """
    beian calendar import 2027.yaml
    beian calendar import 2027.yaml 2026-amended.yaml --json
    """,
)
def import_files(
    reply: Reply,
    files: Annotated[list[Path], typer.Argument(help=both("YAML 文件。", "The YAML files."))],
    database: DatabaseOption = None,
) -> None:
    """Import files, all or none."""
    arrangements = [each for path in files for each in read_arrangements(path)]
    with (
        opened(reply, database) as engine,
        reply.working("正在导入并重新计算期限……", "Importing, and counting deadlines anew…"),
    ):
        imported = calendar_import.import_arrangements(engine, arrangements)
    stored = _documents(reply, imported.stored)
    known = _documents(reply, [each for each in arrangements if each not in imported.stored])
    told: list[str] = []
    if stored:
        told.append(reply.say(f"已导入：{stored}。", f"Imported: {stored}."))
    if known:
        told.append(reply.say(f"此前已有，内容相同：{known}。", f"Known already, and the same: {known}."))
    _give(reply, imported.moved, *told)


@command(
    app,
    "recount",
    "以现行安排重新计算在办的期限；每一安排只计算一次，失败的会重试。",
    "Count open deadlines by the arrangements in force; once for each, and what failed again.",
    """
    beian calendar recount
    """,
)
def recount(reply: Reply, database: DatabaseOption = None) -> None:
    """Count again what an import left, because it was interrupted or failed."""
    with (
        opened(reply, database) as engine,
        reply.working("正在重新计算期限……", "Counting deadlines anew…"),
    ):
        moved = calendar_import.recount(engine)
    _give(reply, moved)


def _documents(reply: Reply, arrangements: Sequence[Arrangement]) -> str:
    return reply.say("、", ", ").join(each.document for each in arrangements)


def _give(reply: Reply, moved: tuple[Moved, ...], *told: RenderableType) -> None:
    data: list[dict[str, Any]] = [
        {
            "ref": each.ref,
            "deadline": each.deadline,
            "before": instant(each.before),
            "after": instant(each.after),
            "provisional": each.provisional,
        }
        for each in moved
    ]
    if not moved:
        reply.give(data, *told, reply.say("没有期限因此变动。", "No deadline is changed by it."))
        return
    heads = (
        reply.say("办件", "Case"),
        reply.say("时限", "Deadline"),
        reply.say("原截止", "Was due"),
        reply.say("现截止", "Now due"),
    )
    rows = [
        (
            each.ref,
            each.deadline,
            written.when(instant(each.before), reply.language),
            written.when(instant(each.after), reply.language)
            + (reply.say("（暂定）", " (provisional)") if each.provisional else ""),
        )
        for each in moved
    ]
    changed = reply.say(f"变动的期限 {len(moved)} 个：", f"Deadlines changed: {len(moved)}")
    reply.give(data, *told, changed, reply.table(heads, rows))
