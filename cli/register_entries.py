"""`beian register show`: one entry of the register, now or on a day that is past."""

from dataclasses import asdict
from typing import Annotated

import typer

from casework import register, register_past
from casework.terms import term
from cli.certificates import app
from cli.command import both, command
from cli.failure import ExitCode, Failure
from cli.registers import AtOption, BureauOption, day_said
from cli.reply import Reply
from cli.session import DatabaseOption, opened
from models.database import reading
from procedure import written
from procedure.instant import end_of, instant

__all__ = ["app"]


@command(
    app,
    "show",
    "查看名册的一个条目及其历次状态；--at 说明名册某日的记载。",
    "Show an entry of the register with every state it had; --at tells what the register said on a day.",
    """
    beian register show YYLHT-2024-001
    beian register show YYLHT-2024-001 --at 2025-03-01
    beian register show YYLHT-2024-001 --at 2025-03-01 --json | jq -r .state
    """,
)
def show(
    reply: Reply,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=both("备案编号。", "The register number."))],
    at: AtOption = None,
    bureau: BureauOption = None,
    database: DatabaseOption = None,
) -> None:
    """Show one entry."""
    with opened(reply, database) as engine, reading(engine) as connection:
        day = day_said(reply, connection, at)
        found = register.entries(connection, bureau, number=number)
        states = register.history(connection, number, bureau)
        then = None if day is None else register_past.said(connection, end_of(day), bureau, number=number)
    if len(found) != 1:
        raise Failure(
            ExitCode.NOT_FOUND,
            "no_such_entry",
            reply.say(f"名册中没有唯一的编号“{number}”。", f"The register has no one entry {number!r}."),
            reply.say("现有的见 beian register list。", "For those there are: beian register list."),
        )
    # Before its filing the register said nothing of it: it is told as it is named now.
    [entry] = then or found
    said = register.said_at(states, end_of(day)) if day is not None else (states[-1] if states else None)
    state = None if said is None else said.state
    if day is None and said is None:
        state = entry.state
    shown = reply.say("尚未备案", "not filed yet") if state is None else term("states", state, reply.language)
    on = "" if day is None else reply.say(f"{written.day(day, 'zh')}：", f"{written.day(day, 'en')}: ")
    history = [
        (written.when(instant(each.since), reply.language), term("states", each.state, reply.language))
        for each in states
    ]
    reply.give(
        {
            **asdict(entry),
            "state": state,
            "at": None if day is None else day.isoformat(),
            "history": [{"state": each.state, "since": instant(each.since)} for each in states],
        },
        f"{on}{entry.number} {entry.name}（{shown}）",
        reply.say(f"牵头单位：{entry.lead}", f"Lead unit: {entry.lead}"),
        reply.table((reply.say("自", "Since"), reply.say("状态", "State")), history),
    )
