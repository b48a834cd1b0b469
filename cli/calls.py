"""`beian call`: calls announced, looked at and concluded."""

import re
from datetime import datetime
from typing import Annotated

import typer
from rich.console import RenderableType
from sqlalchemy import Connection, Engine, func, select

from casework import calls, clock, loading, procedures, queries, revisions, wording
from casework.calls import BadDates
from casework.standing import standing
from cli.acting import ActArgument, DataOption, KeyOption, VersionOption, perform
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened, subject_of
from cli.trouble import refused
from models import Subject
from models.database import reading
from procedure import written
from procedure.act import Refusal
from procedure.instant import instant

_subjects = Subject.__table__

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on calls."""

CodeArgument = Annotated[
    str, typer.Argument(metavar="CODE", help=both("批次编号，如 2024。", "The call's code, such as 2024."))
]


@command(
    app,
    "open",
    "据已发布的程序包发布批次；日期可以改用本批次自己的。",
    "Announce a call from a published pack; its dates may be the call's own.",
    """
    beian call open 2024 --procedure yueyang-2024 --as jiang
    beian call open 2027 --procedure yueyang-2024 --date filing_opens=2027-07-04T00:00 \\
        --date filing_closes=2027-08-04T18:00 --date recommendation_due=2027-08-09T18:00 \\
        --date papers_due=2027-08-13 --as jiang --role administrator
    """,
)
def open_call(
    reply: Reply,
    code: CodeArgument,
    procedure: Annotated[
        str,
        typer.Option(
            metavar="PACK",
            help=both("已发布的程序包：代码或哈希。", "The published pack: its code, or a hash."),
        ),
    ],
    date: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help=both(
                "本批次的日期（北京时间），可重复；名称见 procedure show。",
                "A date of this call (Beijing time), may be repeated; names: procedure show.",
            ),
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help=both("中文标题。", "The Chinese title."))] = None,
    title_en: Annotated[str | None, typer.Option(help=both("英文标题。", "The English title."))] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Announce one call."""
    dates = _dates(reply, date or [])
    titles = _names(reply, code, title, title_en)
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role, behalf)
            revision = _revision(reply, connection, procedure)
            pack = procedures.of_revision(connection, revision)
        try:
            answer = calls.announce(engine, revision, code, claim, dates, titles)
        except BadDates as error:
            raise Failure(
                ExitCode.USAGE,
                "bad_dates",
                reply.say("批次的日期有误。", "The dates of the call are not right."),
                reply.say("请更正后再发布；未作任何改动。", "Correct them; nothing was changed."),
                wording.date_problems(error, reply.language, pack),
            ) from None
        if isinstance(answer, Refusal):
            raise refused(answer, reply, pack)
        with reading(engine) as connection:
            line = next(each for each in queries.calls(connection, pack.bureau.code) if each.code == code)
            now = clock.now(connection)
        if line.closes_at is not None and line.closes_at < now:
            reply.note(
                "注意：申报截止时间已过，不能再开始申报。",
                "Note: the window has closed; nobody can apply any more.",
            )
        _show_one(reply, engine, f"{pack.bureau.code}/{code}")


@command(
    app,
    "show",
    "查看批次：环节、日期、各环节的办件数；不指定则列出全部。",
    "Show a call: its stage, dates and where its cases stand; without a code list all.",
    """
    beian call show
    beian call show 2024
    beian call show yueyang/2024 --json
    """,
)
def show(
    reply: Reply,
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help=both("批次编号。", "The call's code.")),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Show one call, or list all."""
    with opened(reply, database) as engine:
        if code is not None:
            _show_one(reply, engine, code)
            return
        with reading(engine) as connection:
            lines = queries.calls(connection)
            places = [
                standing(connection, loading.id_of(connection, line.code, line.bureau)).place(reply.language)
                for line in lines
            ]
    if not lines and not reply.as_json:
        reply.note("还没有批次：beian call open。", "There is no call yet: beian call open.")
        return
    heads = (
        reply.say("编号", "Code"),
        reply.say("标题", "Title"),
        reply.say("环节", "Stage"),
        reply.say("申报时间", "Window"),
    )
    rows = [
        (
            line.code,
            reply.say(line.title_zh, line.title_en),
            place,
            f"{_minute(line.opens_at)} – {_minute(line.closes_at)}",
        )
        for line, place in zip(lines, places, strict=True)
    ]
    reply.give(lines, reply.table(heads, rows))


@command(
    app,
    "close",
    "办结批次（办理事项 complete）；所有办件都须已办结。",
    "Conclude a call (its act `complete`); all its cases must have ended.",
    """
    beian call close 2024 --as jiang --role administrator
    """,
)
def close(
    reply: Reply,
    code: CodeArgument,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Conclude one call."""
    perform(
        reply,
        database,
        code,
        "complete",
        None,
        as_handle=as_handle,
        role=role,
        behalf=behalf,
        key=key,
        version=None,
    )


@command(
    app,
    "act",
    "办理批次的事项，如提出名单（select）。",
    "Act on a call, such as drawing up its list (select).",
    """
    beian call act 2024 select --data cases=YY2024-0003 --data cases=YY2024-0001 --as gao --role city_leader
    """,
)
def act(
    reply: Reply,
    code: CodeArgument,
    name: ActArgument,
    data: DataOption = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    version: VersionOption = None,
    database: DatabaseOption = None,
) -> None:
    """Do one act of a call."""
    perform(
        reply,
        database,
        code,
        name,
        data,
        as_handle=as_handle,
        role=role,
        behalf=behalf,
        key=key,
        version=version,
    )


def _names(reply: Reply, code: str, zh: str | None, en: str | None) -> tuple[str, str] | None:
    """Return the call's own titles, if it has any; refuse a code or titles that it cannot bear."""
    if not re.fullmatch(r"[^\s/]{1,100}", code):
        raise Failure(
            ExitCode.USAGE,
            "bad_code",
            reply.say(
                "批次编号应为1至100个字符，不含空格和斜线。",
                "A call's code has 1 to 100 characters, without spaces and slashes.",
            ),
        )
    if zh is None and en is None:
        return None
    if not zh or not en or max(len(zh), len(en)) > 300:
        raise Failure(
            ExitCode.USAGE,
            "bad_title",
            reply.say(
                "--title 和 --title-en 应同时给出，各1至300个字。",
                "Give --title and --title-en together, of 1 to 300 characters each.",
            ),
        )
    return zh, en


def _dates(reply: Reply, given: list[str]) -> dict[str, str]:
    dates: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name or name in dates:
            raise Failure(
                ExitCode.USAGE,
                "bad_dates",
                reply.say(
                    f"--date 应写成 名称=日期，每个一次：{each}",
                    f"Write --date as NAME=VALUE, each once: {each}",
                ),
                reply.say("例：--date papers_due=2027-08-13", "For example: --date papers_due=2027-08-13"),
            )
        dates[name] = value
    return dates


def _revision(reply: Reply, connection: Connection, name: str) -> int:
    found = revisions.find(connection, name)
    if found is None:
        raise Failure(
            ExitCode.NOT_FOUND,
            "not_published",
            reply.say(f"没有已发布的程序包“{name}”。", f"No pack {name!r} is published."),
            reply.say(
                f"请先发布：beian procedure publish {name}",
                f"Publish it first: beian procedure publish {name}",
            ),
        )
    return found.id


def _show_one(reply: Reply, engine: Engine, ref: str) -> None:
    with reading(engine) as connection:
        subject_id = subject_of(reply, connection, ref)
        now = standing(connection, subject_id)
        counts = _counts(connection, subject_id)
    procedure, language = now.procedure, reply.language
    life = procedure.application
    places = {**life.stage, **life.outcome}
    data = {
        **now.as_data(),
        "title": {"zh": now.loaded.call_title[0], "en": now.loaded.call_title[1]},
        "procedure": procedure.code,
        "dates": dict(now.subject.dates),
        "cases": counts,
        "possible": [
            {"act": offer.act, "title": offer.title, "roles": offer.roles} for offer in now.offers(language)
        ],
    }
    dates = [
        (procedure.dates[name].title.of(language), written.when(at, language))
        for name, at in now.subject.dates.items()
    ]
    shown: list[RenderableType] = [
        reply.pairs(
            [
                (reply.say("批次", "Call"), f"{now.subject.ref} · {reply.say(*now.loaded.call_title)}"),
                (reply.say("程序包", "Procedure"), procedure.code),
                (reply.say("环节", "Stage"), now.place(language)),
                *dates,
                *(
                    (f"{reply.say('办件', 'Cases')} · {places[place].title.of(language)}", count)
                    for place, count in sorted(counts.items(), key=lambda each: list(places).index(each[0]))
                ),
            ]
        )
    ]
    offered = [(offer.act, offer.title, offer.roles) for offer in now.offers(language)]
    if offered:
        shown += [reply.say("当前可以办理：", "Possible now:"), reply.table((), offered)]
    reply.give(data, *shown)


def _counts(connection: Connection, call_id: int) -> dict[str, int]:
    """Return how many cases of a call stand at each stage or ended with each outcome."""
    place = func.coalesce(_subjects.c.outcome, _subjects.c.stage)
    rows = connection.execute(
        select(place, func.count()).where(_subjects.c.parent_id == call_id).group_by(place)
    )
    return {row[0]: row[1] for row in rows}


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{instant(at):YYYY-MM-DD HH:mm}"
