"""`beian case panel`: who sits on a case's panel, and the draw replayed from the record."""

from typing import Any

import typer
from rich.console import RenderableType
from sqlalchemy import Connection, select

from casework import panels
from casework.terms import term
from cli.cases import NumberArgument, app
from cli.command import command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, opened, subject_of
from models import Person
from models.database import reading
from procedure import written
from procedure.draw import Difference, NotDrawn
from procedure.instant import instant

__all__ = ["app"]

_people = Person.__table__


@command(
    app,
    "panel",
    "用记录重演专家抽取：种子、专家库变动、抽出顺序、席位，并指出与记录不符之处。",
    "Replay the draw of the panel from the record: seed, changes of the pool, order, seats, differences.",
    """
    beian case panel YY2024-0001
    beian case panel YY2024-0001 --json | jq .differences
    """,
)
def panel(reply: Reply, number: NumberArgument, database: DatabaseOption = None) -> None:
    """Prove one draw; the exit code says whether the record agrees with itself."""
    with opened(reply, database) as engine, reading(engine) as connection:
        case_id = subject_of(reply, connection, number)
        try:
            proof = panels.account(connection, case_id)
        except NotDrawn:
            raise Failure(
                ExitCode.NOT_FOUND,
                "not_drawn",
                reply.say(f"办件 {number} 没有抽取过专家。", f"No panel was drawn for {number}."),
                reply.say(
                    "由人工提名的专家组见 beian case history。",
                    "For a panel named by hand see beian case history.",
                ),
            ) from None
        names = _names(connection)
    draw = proof.draw
    data: dict[str, Any] = {
        "seed": draw.seed,
        "fixed_by": draw.fixed_by,
        "fixed_at": proof.fixed_at,
        "drawn_at": proof.drawn_at,
        "order": [names.get(person, str(person)) for person in draw.order],
        "panel": [names.get(person, str(person)) for person in draw.panel],
        "pool_changes": [
            {
                "at": instant(change.at),
                "expert": names.get(change.expert, str(change.expert)),
                "change": change.kind,
                "by": None if change.by is None else names.get(change.by, str(change.by)),
                "reason": change.reason,
            }
            for change in proof.pool_changes
        ],
        "differences": [
            {"event": each.seq, "code": each.code, "recorded": each.recorded, "replayed": each.replayed}
            for each in draw.differences
        ],
    }
    language = reply.language
    text: list[RenderableType] = [
        reply.pairs(
            [
                (reply.say("种子", "Seed"), draw.seed),
                (
                    reply.say("确定于", "Fixed"),
                    reply.say(
                        f"第{draw.fixed_by}号记录，{written.when(proof.fixed_at, language)}",
                        f"by event {draw.fixed_by}, {written.when(proof.fixed_at, language)}",
                    ),
                ),
                (reply.say("抽取于", "Drawn"), written.when(proof.drawn_at, language)),
                (reply.say("抽出顺序", "Order"), written.listed(data["order"], language)),
                (reply.say("现有席位", "Seats"), written.listed(data["panel"], language)),
            ]
        )
    ]
    if proof.pool_changes:
        text.append(
            reply.say(
                "种子确定之后、抽取之前，专家库有变动：",
                "Between seed and draw the pool was changed:",
            )
        )
        rows = [
            (
                f"  {written.when(each['at'], language)}",
                each["expert"],
                term("pool", each["change"], language),
                each["by"] or "",
                each["reason"] or "",
            )
            for each in data["pool_changes"]
        ]
        text.append(reply.table((), rows))
    else:
        text.append(
            reply.say(
                "种子确定之后、抽取之前，专家库没有变动。", "Between seed and draw the pool was not changed."
            )
        )
    if draw.differences:
        text.append(reply.say("记录与重演不符：", "The record is not what replaying gives:"))
        text += [f"  · {_difference(reply, each)}" for each in draw.differences]
    else:
        text.append(reply.say("重演与记录一致。", "Replaying gives what is recorded."))
    reply.give(data, *text)
    if draw.differences:
        raise typer.Exit(ExitCode.FINDINGS)


def _difference(reply: Reply, each: Difference) -> str:
    return reply.say(
        f"第{each.seq}号记录：{term('draw', each.code, 'zh')}（记录 {each.recorded}，重演 {each.replayed}）",
        f"event {each.seq}: {term('draw', each.code, 'en')} (recorded {each.recorded}, "
        f"replayed {each.replayed})",
    )


def _names(connection: Connection) -> dict[int, str]:
    rows = connection.execute(select(_people.c.id, _people.c.name, _people.c.handle))
    return {row.id: f"{row.name} ({row.handle})" for row in rows}
