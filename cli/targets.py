"""`beian register targets | achieve | strike | achievements`: what documents aim at, and what there is."""

from typing import Annotated

import typer
from rich.console import RenderableType

from casework import achievements
from casework.achievements import Progress
from cli.command import both, command
from cli.registers import BureauOption, app
from cli.reply import Reply
from cli.session import AsOption, DatabaseOption, RoleOption, claim_of, opened
from cli.trouble import refused
from models.database import reading
from procedure.act import Refusal
from procedure.definition import Words
from procedure.targets import Reported, Targets

__all__ = ["app"]


@command(
    app,
    "targets",
    "对照各市文件的目标和现有数，分年份和领域，注明出处；报道的数字单列。",
    "Set what the cities' documents aim at against what there is, by year and field, with sources.",
    """
    beian register targets
    beian register targets --bureau kunshan
    beian register targets --bureau qingdao --json | jq '.[].targets[0].by_year'
    """,
)
def show(reply: Reply, bureau: BureauOption = None, database: DatabaseOption = None) -> None:
    """Show targets with actuals, and reported figures."""
    with opened(reply, database) as engine, reading(engine) as connection:
        told = [(sheet, achievements.progress(connection, sheet)) for sheet in achievements.sheets(bureau)]
    for sheet, progress in [] if reply.as_json else told:
        reply.give(None, sheet.title.of(reply.language))
        if sheet.note is not None:
            reply.give(None, sheet.note.of(reply.language))
        if progress:
            reply.give(None, _table(reply, sheet, progress))
        if sheet.reported:
            reply.give(None, _reported(reply, sheet))
        reply.give(None, "")
    if reply.as_json:
        reply.write_json([_data(reply, sheet, progress) for sheet, progress in told])


def _table(reply: Reply, sheet: Targets, progress: list[Progress]) -> RenderableType:
    heads = (
        reply.say("目标", "Target"),
        reply.say("到年底", "By end of"),
        reply.say("目标数", "Aim"),
        reply.say("到期前", "In time"),
        reply.say("现有", "Now"),
        reply.say("分年", "By year"),
        reply.say("分领域", "By field"),
        reply.say("出处", "Source"),
    )
    return reply.table(heads, [_row(reply, sheet, each) for each in progress])


def _row(reply: Reply, sheet: Targets, each: Progress) -> tuple[object, ...]:
    target = each.target
    about = reply.say("约", "about ") if target.about else ""
    return (
        target.title.of(reply.language),
        target.by,
        f"{about}{target.number}",
        each.in_time,
        each.total,
        " ".join(f"{year}:{number}" for year, number in each.by_year.items()),
        " ".join(f"{name or '—'}:{number}" for name, number in each.by_field.items()),
        achievements.source(sheet, target.clause, reply.language),
    )


def _reported(reply: Reply, sheet: Targets) -> RenderableType:
    heads = (
        reply.say("报道的数字", "Reported"),
        reply.say("年份", "Year"),
        reply.say("数", "Number"),
        reply.say("占比", "Share"),
        reply.say("出处", "Source"),
    )
    rows = [
        (
            each.figure.title.of(reply.language),
            each.figure.year,
            each.number,
            f"{each.figure.percent} %" if each.figure.percent else "",
            reply.say("推算，非原文所载", "derived, not stated")
            if each.derived
            else achievements.source(sheet, each.figure.clause, reply.language),
        )
        for each in sheet.reported
    ]
    return reply.table(heads, rows)


def _words(words: Words | None) -> dict[str, str] | None:
    return None if words is None else {"zh": words.zh, "en": words.en}


def _data(reply: Reply, sheet: Targets, progress: list[Progress]) -> dict[str, object]:
    def reported(each: Reported) -> dict[str, object]:
        return {
            "figure": each.figure.id,
            "title": _words(each.figure.title),
            "year": each.figure.year,
            "number": each.number,
            "percent": each.figure.percent,
            "derived": each.derived,
            "source": None
            if each.derived
            else achievements.source(sheet, each.figure.clause, reply.language),
        }

    return {
        "bureau": sheet.bureau,
        "title": _words(sheet.title),
        "note": _words(sheet.note),
        "targets": [
            {
                "target": each.target.id,
                "title": _words(each.target.title),
                "by": each.target.by,
                "number": each.target.number,
                "about": each.target.about,
                "in_time": each.in_time,
                "total": each.total,
                "by_year": dict(each.by_year),
                "by_field": dict(each.by_field),
                "source": achievements.source(sheet, each.target.clause, reply.language),
            }
            for each in progress
        ],
        "reported": [reported(each) for each in sheet.reported],
    }


@command(
    app,
    "achieve",
    "登记联合体取得的一项业绩（项目、平台、人才等），计入文件的目标。",
    "Record what a consortium achieved (a project, platform, talent …): it counts towards a target.",
    """
    beian register achieve KSLHT-2025-001 projects 重大项目甲 --on 2025-06-30 \\
        --source 苏科〔2025〕8号 --as chen
    """,
)
def achieve(
    reply: Reply,
    entry: Annotated[str, typer.Argument(metavar="NUMBER", help=both("备案编号。", "The register number."))],
    target: Annotated[str, typer.Argument(help=both("计入哪个目标。", "Under which target it counts."))],
    title: Annotated[str, typer.Argument(help=both("名称；同名只计一次。", "Its title; it counts once."))],
    on: Annotated[str, typer.Option(metavar="DAY", help=both("取得日期。", "On which day."))],
    source: Annotated[
        str, typer.Option(help=both("依据，如立项文号。", "What shows it, such as a document."))
    ],
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Record one achievement."""
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role)
        wanted = {"entry": entry, "target": target, "title": title, "achieved_on": on, "source": source}
        answer = achievements.record(engine, claim, wanted)
    if isinstance(answer, Refusal):
        raise refused(answer, reply)
    reply.give(
        {"achievement": answer, **wanted},
        reply.say(f"已登记，第{answer}号：{title}。", f"Recorded as number {answer}: {title}."),
    )


@command(
    app,
    "strike",
    "注销一项误登的业绩；记录保留，不再计数。",
    "Strike an achievement entered in error; its record stays and counts no more.",
    """
    beian register strike 3 --reason 重复登记 --as chen
    """,
)
def strike(
    reply: Reply,
    achievement: Annotated[int, typer.Argument(metavar="ID", help=both("登记号。", "Its number."))],
    reason: Annotated[str, typer.Option(help=both("理由。", "Why."))],
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Strike one achievement."""
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role)
        answer = achievements.strike(engine, claim, {"achievement": achievement, "reason": reason})
    if isinstance(answer, Refusal):
        raise refused(answer, reply)
    reply.give(
        {"achievement": answer, "struck": True},
        reply.say(f"第{answer}号已注销。", f"Number {answer} is struck."),
    )


@command(
    app,
    "achievements",
    "列出一个市局登记的业绩。",
    "List the achievements that a bureau recorded.",
    """
    beian register achievements kunshan
    beian register achievements kunshan --target projects
    """,
)
def listed(
    reply: Reply,
    bureau: Annotated[str, typer.Argument(metavar="BUREAU", help=both("市局代码。", "The city bureau."))],
    target: Annotated[
        str | None, typer.Option(help=both("只列该目标的。", "Only under this target."))
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """List what counts."""
    with opened(reply, database) as engine, reading(engine) as connection:
        rows = achievements.standing(connection, bureau, target)
    data = [
        {
            "achievement": row.id,
            "entry": row.entry,
            "target": row.kind,
            "title": row.title,
            "achieved_on": row.achieved_on,
            "source": row.source,
        }
        for row in rows
    ]
    heads = (
        "#",
        reply.say("备案编号", "Number"),
        reply.say("目标", "Target"),
        reply.say("名称", "Title"),
        reply.say("取得日期", "Day"),
        reply.say("依据", "Shown by"),
    )
    reply.give(data, reply.table(heads, [tuple(each.values()) for each in data]))
