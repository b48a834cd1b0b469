"""`beian evaluation due`: which filed consortia a city bureau is to evaluate and has taken into no round."""

from dataclasses import asdict
from typing import Annotated

import typer

from casework import roster, rounds_due
from cli.command import both, command
from cli.evaluations import app
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, opened
from models.database import reading
from procedure import written
from procedure.instant import instant

__all__ = ["app"]


@command(
    app,
    "due",
    "按评价周期应评价而尚未列入任何一轮的联合体有几家；评价由主管部门适时组织的市不列。",
    "Tell how many consortia are due for evaluation by the interval and are in no round yet.",
    """
    beian evaluation due
    beian evaluation due kunshan --json
    """,
)
def due(
    reply: Reply,
    bureau: Annotated[
        str | None, typer.Argument(metavar="BUREAU", help=both("市局代码。", "The city bureau."))
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Tell what is due."""
    with opened(reply, database) as engine, reading(engine) as connection:
        cities = [each.code for each in roster.bureaus(connection) if each.level == "city"]
        if bureau is not None and bureau not in cities:
            raise Failure(
                ExitCode.NOT_FOUND,
                "no_such_bureau",
                reply.say(f"没有市局“{bureau}”。", f"There is no city bureau {bureau!r}."),
            )
        found = [rounds_due.due(connection, each) for each in cities if bureau in (None, each)]
    told = [each for each in found if each is not None]
    heads = (
        reply.say("市局", "Bureau"),
        reply.say("周期（月）", "Months"),
        reply.say("备案于此日及以前", "Filed by"),
        reply.say("应评价", "Due"),
        reply.say("最早备案", "First filed"),
    )
    rows = [
        (
            each.bureau,
            each.months,
            each.until,
            each.entries,
            "" if each.since is None else written.when(instant(each.since), reply.language),
        )
        for each in told
    ]
    data = [{**asdict(each), "since": None if each.since is None else instant(each.since)} for each in told]
    reply.give(data, reply.table(heads, rows))
