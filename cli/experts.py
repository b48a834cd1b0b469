"""`beian party retire | readmit | pool`: the expert pool, whose every change is recorded."""

from typing import Annotated, Any

import typer
from sqlalchemy import select

from casework import parties, pool
from casework.terms import term
from cli.command import both, command
from cli.failure import ExitCode, Failure
from cli.parties import HandleArgument
from cli.party_access import app
from cli.reply import Reply
from cli.session import AsOption, DatabaseOption, opened, person_of
from models import Person
from models.database import reading, writing
from procedure import written
from procedure.instant import instant

__all__ = ["app"]

_people = Person.__table__

ReasonOption = Annotated[str, typer.Option(help=both("理由。", "Why."))]


@command(
    app,
    "retire",
    "使专家退出专家库；谁、何时、为何，记录在案。",
    "Retire an expert from the pool; who did it, when and why is recorded.",
    """
    beian party retire e7 --reason 调离 --as jiang
    """,
)
def retire(
    reply: Reply,
    handle: HandleArgument,
    reason: ReasonOption,
    as_handle: AsOption = None,
    database: DatabaseOption = None,
) -> None:
    """Retire one expert."""
    _set(reply, database, handle, reason, as_handle, active=False)


@command(
    app,
    "readmit",
    "使退出的专家恢复入库；记录在案。",
    "Readmit an expert who was retired; it is recorded.",
    """
    beian party readmit e7 --reason 调回 --as jiang
    """,
)
def readmit(
    reply: Reply,
    handle: HandleArgument,
    reason: ReasonOption,
    as_handle: AsOption = None,
    database: DatabaseOption = None,
) -> None:
    """Readmit one expert."""
    _set(reply, database, handle, reason, as_handle, active=True)


@command(
    app,
    "pool",
    "列出一个局专家库的全部变动。",
    "List every change of a bureau's expert pool.",
    """
    beian party pool yueyang
    beian party pool yueyang --json
    """,
)
def changes(
    reply: Reply,
    bureau: Annotated[str, typer.Argument(metavar="BUREAU", help=both("局的代码。", "The bureau's code."))],
    database: DatabaseOption = None,
) -> None:
    """List the changes of one pool."""
    with opened(reply, database) as engine, reading(engine) as connection:
        found = pool.changes(connection, parties.bureau_id(connection, bureau))
        names = {
            row.id: f"{row.name} ({row.handle})"
            for row in connection.execute(select(_people.c.id, _people.c.name, _people.c.handle))
        }
    data: list[dict[str, Any]] = [
        {
            "seq": each.seq,
            "at": instant(each.at),
            "expert": names[each.expert],
            "change": each.kind,
            "by": None if each.by is None else names[each.by],
            "reason": each.reason,
            **each.state,
        }
        for each in found
    ]
    if not data and not reply.as_json:
        reply.note("专家库是空的。", "The pool is empty.")
        return
    heads = (
        "#",
        reply.say("时间", "Time"),
        reply.say("专家", "Expert"),
        reply.say("变动", "Change"),
        reply.say("经办人", "By"),
        reply.say("理由", "Reason"),
    )
    rows = [
        (
            each["seq"],
            written.when(each["at"], reply.language),
            each["expert"],
            term("pool", each["change"], reply.language),
            each["by"],
            each["reason"],
        )
        for each in data
    ]
    reply.give(data, reply.table(heads, rows))


def _set(
    reply: Reply, database: str | None, handle: str, reason: str, as_handle: str | None, *, active: bool
) -> None:
    if not 0 < len(reason.strip()) <= 2000:
        raise Failure(
            ExitCode.USAGE,
            "bad_reason",
            reply.say("理由应为1至2000个字。", "A reason has 1 to 2000 characters."),
        )
    with opened(reply, database) as engine, writing(engine) as connection:
        person = person_of(reply, connection, handle)
        by = None if as_handle is None else person_of(reply, connection, as_handle)
        pool.set_active(connection, person, active=active, by=by, reason=reason.strip())
    said = reply.say("已恢复入库", "Readmitted") if active else reply.say("已退出专家库", "Retired")
    reply.give(
        {"handle": handle, "active": active},
        f"{said}：{handle}" if reply.language == "zh" else f"{said}: {handle}",
    )
