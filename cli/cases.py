"""`beian case`: applications begun, acted on and looked into."""

from collections.abc import Callable
from typing import Annotated
from uuid import uuid4

import typer
from sqlalchemy import Connection

from casework import calls, clock, loading, queries, urging
from casework.explaining import explained
from casework.queries import CaseLine
from casework.standing import Standing, standing
from cli.acting import (
    ActArgument,
    DataOption,
    FileOption,
    KeyOption,
    VersionOption,
    perform,
    show_receipts,
)
from cli.case_text import history_row, shown
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened, subject_of
from cli.trouble import refused
from cli.urging import urgeable
from models.database import reading
from procedure.act import Refusal
from procedure.definition import Procedure, Words
from procedure.instant import day_of, instant

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on cases."""

NumberArgument = Annotated[
    str,
    typer.Argument(
        metavar="NUMBER", help=both("办件编号，如 YY2024-0001。", "The case's number, such as YY2024-0001.")
    ),
]


@command(
    app,
    "start",
    "在申报中的批次里开始一份申报，给出办件编号。",
    "Begin an application in an open call; answers its number.",
    """
    beian case start 2024 --district pingjiang --as zhang
    beian case start 2024 --district pingjiang --lead 91350100M000100Y43 --as zhang --role applicant --json
    """,
)
def start(
    reply: Reply,
    call: Annotated[str, typer.Argument(metavar="CALL", help=both("批次编号。", "The call's code."))],
    district: Annotated[
        str, typer.Option(metavar="CODE", help=both("推荐单位的代码。", "The recommending unit's code."))
    ],
    lead: Annotated[
        str | None,
        typer.Option(
            metavar="USCC",
            help=both(
                "牵头单位；代表几个单位的人须说明。", "The lead unit, where the person speaks for several."
            ),
        ),
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Begin one application."""
    key = key or uuid4().hex
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            call_id = subject_of(reply, connection, call)
            claim = claim_of(reply, connection, as_handle, role, behalf)
            called = standing(connection, call_id)
        if called.subject.kind != "call":
            raise Failure(
                ExitCode.USAGE,
                "no_call",
                reply.say(f"{call} 不是批次。", f"{call} is not a call."),
                reply.say("批次见 beian call show。", "For the calls: beian call show."),
            )
        answer = calls.start(engine, call_id, claim, district, key, lead)
        if isinstance(answer, Refusal):
            raise refused(answer, reply, called.procedure, called.subject)
        with reading(engine) as connection:
            now = standing(connection, subject_of(reply, connection, answer.ref))
    show_receipts(reply, "start", [answer], key, now)


@command(
    app,
    "list",
    "列出办件，最急的在前；给出 --as 时只列此人可见的。",
    "List cases, most urgent first; with --as only those that this person sees.",
    """
    beian case list
    beian case list --call 2024 --stage formal_review
    beian case list --open --district pingjiang --as wang --role district_officer
    beian case list --search 生物 --json | jq -r '.[].number'
    """,
)
def list_cases(
    reply: Reply,
    call: Annotated[str | None, typer.Option(metavar="CODE", help=both("批次。", "The call."))] = None,
    stage: Annotated[
        list[str] | None, typer.Option(help=both("环节，可重复。", "The stage, may be repeated."))
    ] = None,
    outcome: Annotated[
        list[str] | None, typer.Option(help=both("结果，可重复。", "The outcome, may be repeated."))
    ] = None,
    district: Annotated[
        str | None, typer.Option(metavar="CODE", help=both("推荐单位。", "The recommending unit."))
    ] = None,
    search: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help=both("编号、牵头单位、方向中的文字。", "Text in number, lead or direction.")
        ),
    ] = "",
    is_open: Annotated[
        bool | None, typer.Option("--open/--closed", help=both("在办的／已结束的。", "Open, or ended."))
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help=both("最多几条。", "At most so many."))
    ] = 100,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """List cases."""
    with opened(reply, database) as engine, reading(engine) as connection:
        seen_by = None if as_handle is None else claim_of(reply, connection, as_handle, role, behalf)
        lines = queries.cases(
            connection,
            call=call,
            stages=stage or (),
            outcomes=outcome or (),
            district=district,
            search=search,
            is_open=is_open,
            seen_by=seen_by,
            day=day_of(clock.now(connection)),
            limit=limit,
        )
        titles = _titles(connection)
        places = [titles(line).of(reply.language) for line in lines]
    if not lines and not reply.as_json:
        reply.note("没有符合的办件。", "No such case.")
        return
    heads = (
        reply.say("编号", "Number"),
        reply.say("牵头单位", "Lead unit"),
        reply.say("方向", "Direction"),
        reply.say("推荐单位", "District"),
        reply.say("环节／结果", "Stage or outcome"),
        reply.say("到时", "Due"),
    )
    rows = [
        (
            line.number,
            line.lead,
            line.direction,
            line.district,
            place,
            "" if line.passes_at is None else f"{instant(line.passes_at):YYYY-MM-DD HH:mm}",
        )
        for line, place in zip(lines, places, strict=True)
    ]
    reply.give(lines, reply.table(heads, rows))
    if len(lines) == limit and not reply.as_json:
        reply.note(f"只列出前 {limit} 条（--limit）。", f"Only the first {limit} are listed (--limit).")


@command(
    app,
    "show",
    "查看办件：环节、时限、填报内容、成员、材料、当前可以办理的事项。",
    "Show a case: stage, deadlines, form, members, documents, and what is possible now.",
    """
    beian case show YY2024-0001
    beian case show YY2024-0001 --language en
    beian case show YY2024-0001 --json | jq .deadlines
    """,
)
def show(reply: Reply, number: NumberArgument, database: DatabaseOption = None) -> None:
    """Show one case."""
    with opened(reply, database) as engine, reading(engine) as connection:
        subject_id = subject_of(reply, connection, number)
        now = standing(connection, subject_id)
        rungs = queries.rungs(connection, subject_id)
        urges = urging.of_subject(connection, subject_id)
    data, text = shown(reply, now)
    reply.give({**data, "ladder": rungs, "urges": urges}, *text)


@command(
    app,
    "act",
    "办理一个事项：立即办理，或说明为何不能办理。",
    "Do an act: at once, or refused with the reason.",
    """
    beian case act YY2024-0001 save_draft --data fields.consortium.direction=生物医药 --as zhang
    beian case act YY2024-0001 attach_document --file application_form=申报书.pdf --as zhang
    beian case act YY2024-0001 submit --as zhang --role applicant
    beian case act YY2024-0001 endorse --data opinion=同意推荐 --as wang --role district_officer
    echo '{"items": [{"item": "lead.rd_spending", "remark": "请核对"}]}' \\
        | beian case act YY2024-0001 return_for_correction --data @- --as chen
    """,
)
def act(
    reply: Reply,
    number: NumberArgument,
    name: ActArgument,
    data: DataOption = None,
    file: FileOption = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    version: VersionOption = None,
    database: DatabaseOption = None,
) -> None:
    """Do one act of a case."""
    perform(
        reply,
        database,
        number,
        name,
        data,
        file,
        as_handle=as_handle,
        role=role,
        behalf=behalf,
        key=key,
        version=version,
    )


urgeable(
    app,
    """
    beian case urge YY2024-0001 --as zhang
    beian case urge YY2024-0001 --remark 请尽快推荐 --as chen --role city_officer
    """,
)


@command(
    app,
    "why",
    "说明时限为何是这一天：起算、节假日、停止、延长、依据，以及已发和将发的提醒。",
    "Explain why a deadline is when it is: its base, days off, pauses, extensions, ground, reminders.",
    """
    beian case why YY2024-0001
    beian case why YY2024-0001 formal_review --language en
    beian case why YY2024-0001 --json | jq '.accounts[] | {title, due_at, provisional}'
    """,
)
def why(
    reply: Reply,
    number: NumberArgument,
    deadline: Annotated[
        str | None,
        typer.Argument(
            metavar="[DEADLINE]",
            help=both("时限，如 formal_review；默认全部。", "The deadline; all by default."),
        ),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Explain the deadlines of one case."""
    with opened(reply, database) as engine, reading(engine) as connection:
        subject_id = subject_of(reply, connection, number)
        now = standing(connection, subject_id)
        ledger = queries.ledger(connection, subject_id)
        rungs = queries.rungs(connection, subject_id)
        lines = [line for line in ledger if deadline in (None, line.deadline)]
        if deadline is not None and not lines:
            raise _no_deadline(reply, now, deadline, sorted({line.deadline for line in ledger}))
        waivers = now.subject.application.waivers if now.subject.kind == "application" else ()
        told = explained(connection, now, lines, reply.language, rungs, waivers)
    reply.give(told, *told.lines)


@command(
    app,
    "history",
    "列出办件从开始至今的全部记录。",
    "List everything that happened to a case.",
    """
    beian case history YY2024-0001
    beian case history YY2024-0001 --json | jq -r '.[] | [.at, .kind, .person] | @tsv'
    """,
)
def history(reply: Reply, number: NumberArgument, database: DatabaseOption = None) -> None:
    """List the events of one case; personal fields are named, not shown."""
    with opened(reply, database) as engine, reading(engine) as connection:
        subject_id = subject_of(reply, connection, number)
        now = standing(connection, subject_id)
        happened = queries.history(connection, subject_id)
    data = [
        {
            "seq": each.seq,
            "kind": each.kind,
            "act": each.act,
            "at": instant(each.effective_at),
            "recorded_at": instant(each.recorded_at),
            "role": each.role,
            "person": each.person,
            "on_behalf_of": each.on_behalf_of,
            "stage": each.event.stage,
            "outcome": each.event.outcome,
            "data": each.event.data,
            "personal": sorted(each.event.digests),
            "told": [{"text": told.text, "to": list(told.to)} for told in each.event.told],
        }
        for each in happened
    ]
    heads = ("#", reply.say("时间", "Time"), reply.say("事项", "What happened"))
    reply.give(data, reply.table(heads, [history_row(reply, now, each) for each in happened]))


def _titles(connection: Connection) -> Callable[[CaseLine], Words]:
    """Return how to title where a case of a list stands; each call's procedure is read once."""
    procedures: dict[str, list[Procedure]] = {}
    for call in queries.calls(connection):
        loaded = loading.one(connection, loading.id_of(connection, call.code, call.bureau))
        procedures.setdefault(call.code, []).append(loaded.procedure)

    def title(line: CaseLine) -> Words:
        name = line.outcome or line.stage
        for procedure in procedures[line.call]:
            place = procedure.application.stage.get(name) or procedure.application.outcome.get(name)
            if place is not None:
                return place.title
        return Words(zh=name, en=name)

    return title


def _no_deadline(reply: Reply, now: Standing, asked: str, known: list[str]) -> Failure:
    rules = now.procedure.life(now.subject.kind).deadline
    # A revision that the call moved to may not have a deadline that the case once had.
    titles = {name: f" ({rules[name].title.of(reply.language)})" for name in known if name in rules}
    listed = reply.say("、", ", ").join(f"{name}{titles.get(name, '')}" for name in known)
    return Failure(
        ExitCode.NOT_FOUND,
        "no_such_deadline",
        reply.say(f"该办件没有过“{asked}”这一时限。", f"The case has had no deadline {asked!r}."),
        reply.say(f"有过的时限：{listed}", f"Its deadlines are: {listed}"),
    )
