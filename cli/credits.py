"""`beian consortium credit | refer | credits`: the research credit file of a city."""

from dataclasses import asdict
from typing import Annotated

import typer

from casework import credit
from cli.command import both, command
from cli.consortiums import BureauOption
from cli.renewals import app
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened
from cli.trouble import refused
from models.database import reading
from procedure import written
from procedure.act import Refusal

__all__ = ["app"]


@command(
    app,
    "credit",
    "把失信行为记入本市科研诚信记录：单位或个人、事实、依据。",
    "Enter a breach of trust into the city's research credit file: of a unit or a person, with its source.",
    """
    beian consortium credit --unit 91350100M000100Y43 --facts 提供虚假材料 --source 7号 --as chen
    beian consortium credit --person zhang --facts 提供虚假材料 --source 7号 --as chen
    """,
)
def enter(
    reply: Reply,
    facts: Annotated[str, typer.Option(help=both("事实。", "What it was."))],
    source: Annotated[str, typer.Option(help=both("依据。", "What shows it."))],
    unit: Annotated[str | None, typer.Option(metavar="USCC", help=both("失信单位。", "The unit."))] = None,
    person: Annotated[
        str | None, typer.Option(metavar="HANDLE", help=both("失信个人的账号。", "The person's handle."))
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Enter a breach."""
    given = {"uscc": unit, "handle": person, "facts": facts, "source": source}
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role, behalf)
        wanted = {name: value for name, value in given.items() if value is not None}
        answer = credit.record(engine, claim, wanted)
    if isinstance(answer, Refusal):
        raise refused(answer, reply)
    reply.give({"record": answer}, reply.say(f"已记入，第{answer}号。", f"Recorded as number {answer}."))


@command(
    app,
    "refer",
    "注明一条失信记录已移送司法机关（涉嫌犯罪的）。",
    "Note that a record was referred to the judicial authorities, where a crime is suspected.",
    """
    beian consortium refer 1 --to 市公安局 --on 2026-03-01 --as chen
    """,
)
def refer(
    reply: Reply,
    record: Annotated[int, typer.Argument(metavar="ID", help=both("记录号。", "Its number."))],
    to: Annotated[str, typer.Option(help=both("移送给谁。", "To whom."))],
    on: Annotated[str, typer.Option(metavar="DAY", help=both("移送日期。", "On which day."))],
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Note a referral."""
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role, behalf)
        answer = credit.refer(engine, claim, {"record": record, "to": to, "on": on})
    if isinstance(answer, Refusal):
        raise refused(answer, reply)
    reply.give({"record": answer, "referred_to": to}, reply.say("已注明移送。", "The referral is noted."))


@command(
    app,
    "credits",
    "列出科研诚信记录。",
    "List the research credit file.",
    """
    beian consortium credits
    beian consortium credits --bureau qingdao --json
    """,
)
def listed(reply: Reply, bureau: BureauOption = None, database: DatabaseOption = None) -> None:
    """List the file."""
    with opened(reply, database) as engine, reading(engine) as connection:
        found = credit.listed(connection, bureau)
    if not found and not reply.as_json:
        reply.note("没有科研诚信记录。", "The file is empty.")
        return
    heads = (
        "#",
        reply.say("单位或个人", "Of"),
        reply.say("事实", "What"),
        reply.say("依据", "Shown by"),
        reply.say("记入", "Since"),
        reply.say("移送", "Referred"),
    )
    rows = [
        (
            each.id,
            f"{each.name} ({each.whose})",
            each.facts,
            each.source,
            written.day(each.recorded_on, reply.language),
            ""
            if each.referred_on is None
            else f"{each.referred_to} {written.day(each.referred_on, reply.language)}",
        )
        for each in found
    ]
    reply.give([asdict(each) for each in found], reply.table(heads, rows))
