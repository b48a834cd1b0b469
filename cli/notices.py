"""`beian notice`: what people are told, how, and the proof that they were."""

import sys
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError

from casework import clock, preferences, proof, resending, waiting
from casework.access import TENDING
from casework.choices import EVERYTHING, ChannelName, Choice
from casework.preferences import NotTheirs, ServedInPerson, UnknownKind
from casework.proof import Service
from casework.proof_file import WRITERS
from casework.terms import term
from casework.texts import texts_of
from cli.audits import replacing
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import (
    AsOption,
    BehalfOption,
    DatabaseOption,
    RoleOption,
    claim_of,
    opened,
    person_of,
    subject_of,
)
from models.database import reading, writing
from notifications.secret import NoKey
from notifications.settings import BadAddress, ChannelSettings
from procedure.fault import fault_of
from procedure.instant import instant
from procedure.written import when

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on notices."""

CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help=both("办件编号或批次代码。", "A case or call."))
]
HandleArgument = Annotated[str, typer.Argument(help=both("账号，如 zhang。", "The handle, such as zhang."))]
CHANNELS = both(
    f"渠道：{'、'.join(get_args(ChannelName))}。", f"The channel: {', '.join(get_args(ChannelName))}."
)


@command(
    app,
    "list",
    "送达记录：向谁、何时、经何渠道告知了什么，及渠道的答复；给出 --as 时只列此人可见的。",
    "Proof of service: who was told what, when, by which channel; with --as only what this person may see.",
    """
    beian notice list YY2024-0001
    beian notice list YY2024-0001 --as chen --role city_officer
    beian notice list YY2024-0001 --out 送达记录.xlsx
    beian notice list YY2024-0001 --json | jq '.[].attempts'
    """,
)
def list_notices(
    reply: Reply,
    case: CaseArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            help=both("写入 .xlsx、.csv 或 .json 文件。", "Write a .xlsx, .csv or .json file instead.")
        ),
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Show or export the proof of service of one case."""
    with opened(reply, database) as engine, reading(engine) as connection:
        seen_by = None if as_handle is None else claim_of(reply, connection, as_handle, role, behalf)
        services = proof.of_subject(connection, subject_of(reply, connection, case), seen_by)
    if out is not None:
        write = WRITERS.get(out.suffix.lower())
        if write is None:
            raise Failure(
                ExitCode.USAGE,
                "wrong_format",
                reply.say(
                    f"文件名应以 {'、'.join(WRITERS)} 结尾：{out}",
                    f"The file's name must end in {', '.join(WRITERS)}: {out}",
                ),
            )
        with replacing(reply, out) as draft:
            write(draft, services)
        reply.give(
            {"file": str(out), "notices": len(services)},
            reply.say(f"已将 {len(services)} 条通知写入 {out}。", f"Wrote {len(services)} notices to {out}."),
        )
        return
    if not services and not reply.as_json:
        reply.note("尚无通知。", "Nobody has been told anything yet.")
        return
    heads = (
        reply.say("序号", "No."),
        reply.say("通知", "Notice"),
        reply.say("收件人", "To"),
        reply.say("渠道", "Channel"),
        reply.say("状态", "State"),
        reply.say("时间", "At"),
        reply.say("答复", "Answer"),
    )
    reply.give(services, reply.table(heads, (_line(reply, each) for each in services)))


@command(
    app,
    "preview",
    "预览待发通知：收件人、渠道和文字；不发送。给出 --as 时只列此人可见的。",
    "Show what waits to be sent: recipients, channels, words; with --as only what this person may see.",
    """
    beian notice preview
    beian notice preview --case YY2024-0001
    beian notice preview --kind due_soon --json
    """,
)
def preview(
    reply: Reply,
    case: Annotated[
        str | None, typer.Option(help=both("只看一个办件或批次。", "Of one case or call."))
    ] = None,
    kind: Annotated[str | None, typer.Option(help=both("只看一种通知。", "Of one kind of notice."))] = None,
    limit: Annotated[int, typer.Option(min=1, help=both("最多几条。", "At most so many."))] = 50,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Show what waits."""
    with opened(reply, database) as engine, reading(engine) as connection:
        subject = None if case is None else subject_of(reply, connection, case)
        texts = cache(partial(texts_of, engine))
        seen_by = None if as_handle is None else claim_of(reply, connection, as_handle, role, behalf)
        found = waiting.preview(connection, texts, subject, kind, limit, seen_by)
    if not found and not reply.as_json:
        reply.note("没有待发的通知。", "Nothing waits to be sent.")
        return
    heads = (
        reply.say("序号", "No."),
        reply.say("收件人", "To"),
        reply.say("渠道", "Channel"),
        reply.say("发送时间", "Leaves at"),
        reply.say("内容", "Words"),
    )
    rows = (
        (
            each.id,
            f"{each.name} ({each.handle})",
            term("channels", each.channel, reply.language),
            when(instant(each.not_before), reply.language),
            each.flaw or f"{each.subject}\n{each.text}",
        )
        for each in found
    )
    reply.give(found, reply.table(heads, rows))


@command(
    app,
    "choose",
    "选择接收通知的渠道、语言和方式（即时或每个工作日早上汇总一次）。",
    "Choose channels, language and manner (at once, or one message on working mornings).",
    """
    beian notice choose zhang --channel wecom --channel email --as zhang
    beian notice choose zhang --kind submitted --digest --as zhang
    beian notice choose zhang --kind submitted --none --as jiang --role administrator
    beian notice choose zhang --kind submitted --forget --as zhang
    """,
)
def choose(
    reply: Reply,
    handle: HandleArgument,
    kind: Annotated[
        str, typer.Option(help=both("通知的种类；* 为其余全部。", "The kind of notice; * for all others."))
    ] = EVERYTHING,
    channel: Annotated[list[str] | None, typer.Option(help=CHANNELS)] = None,
    reads: Annotated[
        str | None, typer.Option(metavar="zh|en", help=both("通知的语言。", "The language of notices."))
    ] = None,
    digest: Annotated[
        bool | None, typer.Option("--digest/--at-once", help=both("汇总或即时。", "Together, or at once."))
    ] = None,
    none: Annotated[bool, typer.Option("--none", help=both("不接收。", "Do not be told."))] = False,
    forget: Annotated[bool, typer.Option("--forget", help=both("取消此选择。", "Drop this choice."))] = False,
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Note what a person chose."""
    try:
        choice = (
            None
            if forget
            else Choice(
                channels=() if none else tuple(channel) if channel else None,  # type: ignore[arg-type]
                language=reads,  # type: ignore[arg-type]
                digest=digest,
            )
        )
    except ValidationError as error:
        raise Failure(
            ExitCode.USAGE,
            "bad_choice",
            reply.say("所选内容有误。", "The choice is not right."),
            details=tuple(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()),
        ) from None
    with opened(reply, database) as engine, writing(engine) as connection:
        person = person_of(reply, connection, handle)
        try:
            claim = claim_of(reply, connection, as_handle, role)
            chosen = preferences.choose(connection, person, kind, choice, claim)
        except NotTheirs:
            raise _not_theirs(reply, handle) from None
        except UnknownKind as error:
            raise Failure(
                ExitCode.NOT_FOUND,
                "unknown_kind",
                reply.say(f"没有这种通知：{kind}。", f"There is no kind of notice {kind!r}."),
                reply.say(f"现有：{'、'.join(error.known)}。", f"There are: {', '.join(error.known)}."),
            ) from None
        except ServedInPerson:
            raise Failure(
                ExitCode.REFUSED,
                "served_in_person",
                reply.say(
                    f"“{kind}”须送达本人，不能拒收，也不能汇总。",
                    f"{kind!r} is served in person: it can be neither declined nor put off.",
                ),
                reply.say("可以选择渠道和语言。", "Its channels and language can be chosen."),
            ) from None
    reply.give({"handle": handle, "choices": chosen}, _chosen(reply, chosen))


@command(
    app,
    "address",
    "登记某人在一个渠道上的地址（加密保存）；地址从标准输入读取，空行表示删除。",
    "Enter a person's address on a channel, kept sealed; read from standard input, an empty line drops it.",
    """
    beian notice address zhang wecom --as zhang
    echo https://oa.example.gov.cn/beian | beian notice address oa webhook --as jiang --role administrator
    """,
)
def address(
    reply: Reply,
    handle: HandleArgument,
    channel: Annotated[str, typer.Argument(help=CHANNELS)],
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Note an address; it is not taken from the command line, where others of the machine could read it."""
    settings = ChannelSettings()
    if sys.stdin.isatty():
        asked = reply.say("地址", "Address")
        given = typer.prompt(asked, default="", show_default=False, hide_input=True, err=True).strip()
    else:
        given = sys.stdin.readline().strip()
    try:
        with opened(reply, database) as engine, writing(engine) as connection:
            person = person_of(reply, connection, handle)
            claim = claim_of(reply, connection, as_handle, role)
            preferences.reach(connection, person, channel, given or None, settings, claim)
    except NotTheirs:
        raise _not_theirs(reply, handle) from None
    except (BadAddress, NoKey) as error:
        raise Failure(
            ExitCode.USAGE,
            "bad_address" if isinstance(error, BadAddress) else "no_key",
            reply.say("地址不能登记。", "The address cannot be entered."),
            details=(fault_of(error).of(reply.language),),
        ) from None
    data: dict[str, Any] = {"handle": handle, "channel": channel, "entered": bool(given)}
    said = reply.say("已登记。", "Entered.") if given else reply.say("已删除。", "Dropped.")
    if channel == "webhook" and given and settings.webhook_key is not None:
        data["signing_key"] = settings.signing_key(given)
        said += reply.say(f"签名密钥：{data['signing_key']}", f" Its signing key: {data['signing_key']}")
    reply.give(data, said)


@command(
    app,
    "resend",
    "让已放弃或已送达的通知再次发送；标识不变，原记录保留。",
    "Let notices that were given up or sent leave once more; they keep their identity and their record.",
    """
    beian notice resend 17 18 --as chen --role city_officer
    """,
)
def resend(
    reply: Reply,
    notices: Annotated[list[int], typer.Argument(help=both("通知的序号。", "The notices' numbers."))],
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Let notices leave again."""
    with opened(reply, database) as engine, writing(engine) as connection:
        claim = claim_of(reply, connection, as_handle, role, behalf)
        again = resending.resend(connection, notices, clock.now(connection), claim)
    left = sorted({*notices} - {*again})
    reply.give(
        {"again": again, "left": left},
        reply.say(
            f"将再次发送 {len(again)} 条；{len(left)} 条不存在、不属本市局，或仍待发送。",
            f"{len(again)} will leave again; {len(left)} are unknown, not of this city, or still waiting.",
        ),
    )


def _not_theirs(reply: Reply, handle: str) -> Failure:
    roles = [term("roles", each, reply.language) for each in TENDING]
    return Failure(
        ExitCode.REFUSED,
        "not_theirs",
        reply.say(f"不能替“{handle}”设定如何接收通知。", f"How {handle!r} is told is not yours to set."),
        reply.say(
            f"请由本人办理，或由其所在城市的{'、'.join(roles)}办理。",
            f"It is for them, or for their city's {' or '.join(roles)}.",
        ),
    )


def _line(reply: Reply, each: Service) -> tuple[Any, ...]:
    last = each.attempts[-1] if each.attempts else None
    twice = reply.say("（可能发送两次）", " (possibly sent twice)") if each.possibly_twice else ""
    return (
        each.id,
        each.text,
        f"{each.name} ({each.handle})",
        term("channels", each.channel, reply.language),
        term("notice_states", each.state, reply.language) + twice,
        when(each.owed_at if last is None else last.at, reply.language),
        "" if last is None else last.answer,
    )


def _chosen(reply: Reply, chosen: dict[str, Any]) -> Any:
    heads = (
        reply.say("通知", "Notice"),
        reply.say("渠道", "Channels"),
        reply.say("语言", "Language"),
        reply.say("方式", "Manner"),
    )
    digest = {
        True: reply.say("工作日早上汇总", "together, on working mornings"),
        False: reply.say("即时", "at once"),
        None: "",
    }
    return reply.table(
        heads,
        (
            (
                reply.say("其余全部", "all others") if kind == EVERYTHING else kind,
                ", ".join(term("channels", name, reply.language) for name in each["channels"])
                or reply.say("不接收", "none")
                if "channels" in each
                else "",
                each.get("language", ""),
                digest[each.get("digest")],
            )
            for kind, each in chosen.items()
        ),
    )
