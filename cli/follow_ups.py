"""`beian consortium follow-up`: a look at progress between evaluations, planned until a day and recorded."""

from typing import Annotated

import typer

from cli.acting import KeyOption, act_on
from cli.command import both, command
from cli.consortium_acts import app
from cli.consortiums import NumberArgument
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption

__all__ = ["app"]


@command(
    app,
    "follow-up",
    "跟踪进展：约定到某日前了解什么，或登记了解到的情况和需要协调的困难。",
    "Follow progress up: plan what to look at until a day, or record what was found and what is difficult.",
    """
    beian consortium follow-up YYLHT-2024-001 --topic 中试线 --on 2025-12-01 --as chen
    beian consortium follow-up YYLHT-2024-001 --findings 设备到位 --on 2025-11-28 --as chen
    """,
)
def follow_up(
    reply: Reply,
    number: NumberArgument,
    on: Annotated[
        str,
        typer.Option(
            metavar="DAY", help=both("最迟哪天，或实际了解的日期。", "Until which day, or when it was held.")
        ),
    ],
    topic: Annotated[str | None, typer.Option(help=both("了解什么。", "What to look at."))] = None,
    findings: Annotated[str | None, typer.Option(help=both("了解到的情况。", "What was found."))] = None,
    difficulties: Annotated[
        str | None, typer.Option(help=both("需要协调的困难。", "What difficulties are to be coordinated."))
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Plan a follow-up, or record it."""
    if (topic is None) == (findings is None):
        raise Failure(
            ExitCode.USAGE,
            "plan_or_record",
            reply.say(
                "--topic 约定一次跟踪，--findings 登记结果：请给出其中之一。",
                "--topic plans a follow-up, --findings records it: give one of the two.",
            ),
        )
    who = (as_handle, role, behalf)
    if topic is not None:
        act_on(reply, database, number, "plan_follow_up", who, key, topic=topic, on=on)
        return
    told = {"on": on, "findings": findings, "difficulties": difficulties}
    given = {name: each for name, each in told.items() if each is not None}
    act_on(reply, database, number, "record_follow_up", who, key, **given)
