"""`beian absence`: roles handed over to substitutes for a time."""

from typing import Annotated, Any

import typer
from sqlalchemy import Connection, select

from casework import absence, clock, delegation
from casework.absence import Absence
from casework.terms import term
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, DatabaseOption, RoleOption, claim_of, opened
from cli.trouble import refused
from models import Person
from models.database import reading
from procedure.act import Refusal
from procedure.instant import calendar_day, day_of

_people = Person.__table__

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on absences."""

IdArgument = Annotated[
    int, typer.Argument(metavar="ID", help=both("委托编号，见 absence list。", "Its number: absence list."))
]


@command(
    app,
    "begin",
    "把一个角色交给同一单位的代理人，到期自动结束；代理人以“--for 账号”办理。",
    "Hand a role over to a substitute of the same unit; it ends by itself. The substitute acts with --for.",
    """
    beian absence begin chen --role city_officer --substitute lin --until 2024-07-26 --reason 休假 --as chen
    beian absence begin wang --role district_officer --substitute he --from 2024-07-15 --until 2024-07-19 \\
        --reason 病假 --as jiang --acting-role administrator
    beian case act YY2024-0001 pass_review --as lin --for chen --role city_officer
    """,
)
def begin(
    reply: Reply,
    absent: Annotated[
        str, typer.Argument(metavar="ABSENT", help=both("谁不在岗（账号）。", "Who is absent (a handle)."))
    ],
    held: Annotated[
        str, typer.Option("--role", metavar="ROLE", help=both("所交出的角色。", "The role handed over."))
    ],
    substitute: Annotated[
        str, typer.Option(metavar="HANDLE", help=both("代理人的账号。", "The handle of who stands in."))
    ],
    until: Annotated[str, typer.Option(metavar="DAY", help=both("最后一日。", "The last day."))],
    reason: Annotated[str, typer.Option(help=both("事由。", "Why."))],
    first: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DAY", help=both("第一日，默认今天。", "The first day; today if none.")
        ),
    ] = None,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="CODE|USCC",
            help=both("所属单位；在几个单位有同一角色时须说明。", "The unit, where there are several."),
        ),
    ] = None,
    as_handle: AsOption = None,
    acting_role: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE",
            help=both(
                "代他人登记时的角色（负责人、管理员）。", "In which role, when it is done for somebody else."
            ),
        ),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Hand one role over."""
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            own = as_handle in (None, absent)
            claim = claim_of(reply, connection, as_handle, acting_role or (held if own else None))
            today = day_of(clock.now(connection)).isoformat()
        wanted = {
            "absent": absent,
            "role": held,
            "substitute": substitute,
            "first_day": first or today,
            "last_day": until,
            "reason": reason,
            "of": of,
        }
        answer = delegation.hand_over(engine, claim, wanted)
        if isinstance(answer, Refusal):
            raise refused(answer, reply)
        with reading(engine) as connection:
            (row,) = _rows(reply, connection, [answer.absence])
    done = (
        reply.say("此前已登记，未重复登记：", "Was done before; nothing was done twice:")
        if answer.repeated
        else reply.say("已登记：", "Done:")
    )
    reply.give({**_data(answer.absence, row), "repeated": answer.repeated}, done, _table(reply, [row]))


@command(
    app,
    "end",
    "提前结束一项委托；本人、代理人、负责人或管理员可以办理。",
    "End a delegation early: the absent one, the substitute, a leader or an administrator.",
    """
    beian absence end 3 --as chen
    beian absence end 3 --as jiang --role administrator
    """,
)
def end(
    reply: Reply,
    number: IdArgument,
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """End one delegation from now on."""
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role)
        answer = delegation.end(engine, claim, number)
        if isinstance(answer, Refusal):
            raise refused(answer, reply)
        with reading(engine) as connection:
            (row,) = _rows(reply, connection, [answer])
    reply.give(_data(answer, row), reply.say("已提前结束：", "Ended early:"), _table(reply, [row]))


@command(
    app,
    "list",
    "列出某日不在岗的人和代理人，默认今天。",
    "List who is absent on a day and who stands in; today if none is named.",
    """
    beian absence list
    beian absence list --day 2024-07-15 --json
    """,
)
def list_absences(
    reply: Reply,
    day: Annotated[str | None, typer.Option(metavar="DAY", help=both("哪一日。", "Which day."))] = None,
    database: DatabaseOption = None,
) -> None:
    """List the absences of one day."""
    with opened(reply, database) as engine, reading(engine) as connection:
        asked = day_of(clock.now(connection)) if day is None else _day(reply, day)
        found = absence.on(connection, asked)
        rows = _rows(reply, connection, found)
    if not found and not reply.as_json:
        reply.note("当日没有人委托代理。", "Nobody has handed a role over for that day.")
        return
    reply.give([_data(*pair) for pair in zip(found, rows, strict=True)], _table(reply, rows))


Row = tuple[int, str, str, str, str, str, str]


def _rows(reply: Reply, connection: Connection, found: list[Absence]) -> list[Row]:
    people = {each.person for each in found} | {each.substitute for each in found}
    names = {
        row.id: f"{row.name} ({row.handle})"
        for row in connection.execute(
            select(_people.c.id, _people.c.name, _people.c.handle).where(_people.c.id.in_(people))
        )
    }
    return [
        (
            each.id,
            names[each.person],
            term("roles", each.role, reply.language),
            each.unit,
            names[each.substitute],
            f"{each.first_day} – {each.last_day}",
            each.reason,
        )
        for each in found
    ]


def _data(each: Absence, row: Row) -> dict[str, Any]:
    return {
        "id": each.id,
        "absent": row[1],
        "role": each.role,
        "of": each.unit,
        "substitute": row[4],
        "first_day": each.first_day,
        "last_day": each.last_day,
        "reason": each.reason,
    }


def _table(reply: Reply, rows: list[Row]) -> Any:
    heads = (
        "#",
        reply.say("不在岗", "Absent"),
        reply.say("角色", "Role"),
        reply.say("单位", "Unit"),
        reply.say("代理人", "Substitute"),
        reply.say("期间", "Days"),
        reply.say("事由", "Reason"),
    )
    return reply.table(heads, rows)


def _day(reply: Reply, text: str) -> Any:
    try:
        return calendar_day(text)
    except ValueError:
        raise Failure(
            ExitCode.USAGE,
            "bad_day",
            reply.say(f"“{text}”不是有效的日期。", f"{text!r} is no day."),
            reply.say("例：--day 2024-07-15", "For example: --day 2024-07-15"),
        ) from None
