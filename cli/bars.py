"""`beian consortium bar | bars`: losing the lead qualification, and the bars that follow."""

from typing import Annotated, Any

import typer

from casework import bars, clock, disqualifying
from cli.acting import KeyOption
from cli.command import both, command
from cli.consortiums import BureauOption, NumberArgument
from cli.follow_ups import app
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened
from cli.trouble import refused
from models.database import reading
from procedure import written
from procedure.act import Refusal
from procedure.instant import day_of

__all__ = ["app"]


@command(
    app,
    "bar",
    "提出取消牵头资格：须同时认定组织不力和未履行协议；此后告知、听取申辩、决定、送达见 case act。",
    "Propose that a lead loses its qualification, by both findings; it is then heard, decided on, served.",
    """
    beian consortium bar QDLHT-2025-001 --poorly 长期未召开会议 --unperformed 未投入约定经费 \\
        --breached 2026-01-15 --as chen
    beian case act QDLHT-2025-001/D1 notify_findings --as chen
    beian case act QDLHT-2025-001/D1 decide_disqualification --data result=disqualified \\
        --data answer=申辩不成立 --data document_number=4号 --as boss
    beian case act QDLHT-2025-001/D1 serve_disqualification --data on=2026-03-10 --as chen
    """,
)
def bar(
    reply: Reply,
    number: NumberArgument,
    breached: Annotated[
        str, typer.Option(metavar="DAY", help=both("违约日期，与限制期分别记载。", "The day of the breach."))
    ],
    poorly: Annotated[
        str | None, typer.Option(help=both("组织不力的事实。", "How it organised poorly."))
    ] = None,
    unperformed: Annotated[
        str | None, typer.Option(help=both("未履行协议的事实。", "What of the agreement it did not perform."))
    ] = None,
    bureau: BureauOption = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Propose a disqualification."""
    wanted: dict[str, Any] = {"breached_on": breached}
    told = (("organised_poorly", poorly), ("not_performed", unperformed))
    wanted |= {name: value for name, value in told if value is not None}
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role, behalf)
        answer = disqualifying.propose(engine, claim, number, wanted, bureau, key)
    if isinstance(answer, Refusal):
        raise refused(answer, reply)
    reply.give(
        {"disqualification": answer.ref, "stage": answer.stage, "at": answer.at},
        reply.say(f"已提出 {answer.ref}，请告知该单位。", f"Begun: {answer.ref}; give the unit notice."),
    )


@command(
    app,
    "bars",
    "列出牵头资格限制：哪个单位、依据、起止日，是否仍在限制期内。",
    "List the bars: whose, by which decision, from when to when, and whether they hold today.",
    """
    beian consortium bars
    beian consortium bars --bureau qingdao --json
    """,
)
def listed(reply: Reply, bureau: BureauOption = None, database: DatabaseOption = None) -> None:
    """List bars."""
    with opened(reply, database) as engine, reading(engine) as connection:
        today = day_of(clock.now(connection))
        found = list(bars.listed(connection, bureau))
    if not found and not reply.as_json:
        reply.note("没有牵头资格限制。", "There are no bars.")
        return
    data = [
        {
            "disqualification": each.number,
            "bureau": each.bureau,
            "uscc": each.uscc,
            "name": each.name,
            "document_number": each.document,
            "breached_on": each.breached_on,
            "first_day": each.first_day,
            "last_day": each.last_day,
            "void": each.void,
            "holds": not each.void and each.first_day <= today <= each.last_day,
        }
        for each in found
    ]
    heads = (
        reply.say("单位", "Unit"),
        reply.say("编号", "Number"),
        reply.say("文号", "Document"),
        reply.say("违约日期", "Breach"),
        reply.say("限制起", "From"),
        reply.say("限制止", "Until"),
        reply.say("现状", "Now"),
    )
    rows = [
        (
            each.name,
            each.number,
            each.document,
            written.day(each.breached_on, reply.language),
            written.day(each.first_day, reply.language),
            written.day(each.last_day, reply.language),
            _state(reply, void=each.void, over=today > each.last_day),
        )
        for each in found
    ]
    reply.give(data, reply.table(heads, rows))


def _state(reply: Reply, *, void: bool, over: bool) -> str:
    if void:
        return reply.say("已撤销", "void")
    return reply.say("已解除", "ended") if over else reply.say("限制中", "holds")
