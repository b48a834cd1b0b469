"""`beian consortium show`: a filed consortium as it is, and as it was."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from casework import consortium, indicators, matter_list
from casework.consortium import Filed
from casework.loading import NoSuchSubject
from casework.terms import Terms, term
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, opened
from models.database import reading
from procedure import written
from procedure.entry import FollowUp
from procedure.instant import instant

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands of filed consortia."""

NumberArgument = Annotated[
    str, typer.Argument(metavar="NUMBER", help=both("备案编号。", "The register number."))
]
ChangeArgument = Annotated[
    str,
    typer.Argument(
        metavar="CHANGE", help=both("变更编号，如 备案编号/C1。", "The change's number, such as NUMBER/C1.")
    ),
]
ReasonOption = Annotated[str, typer.Option(help=both("理由。", "Why."))]
BureauOption = Annotated[
    str | None,
    typer.Option(
        metavar="CODE", help=both("市局代码；编号重名时需要。", "The bureau, where several have it.")
    ),
]


def _found(reply: Reply, connection: Any, number: str, bureau: str | None) -> Filed:
    try:
        return consortium.filed(connection, number, bureau)
    except NoSuchSubject:
        raise Failure(
            ExitCode.NOT_FOUND,
            "no_such_entry",
            reply.say(f"名册中没有唯一的编号“{number}”。", f"The register has no one entry {number!r}."),
            reply.say("现有的见 beian register list。", "For those there are: beian register list."),
        ) from None


@command(
    app,
    "show",
    "查看一个已备案的联合体：现有单位、承担的项目、变更及各单位的表态、变更前后的记录。",
    "Show a filed consortium: its units, projects, changes with every unit's answer, and its history.",
    """
    beian consortium show YYLHT-2024-001
    beian consortium show YYLHT-2024-001 --json | jq '.changes[].consents'
    """,
)
def show(
    reply: Reply, number: NumberArgument, bureau: BureauOption = None, database: DatabaseOption = None
) -> None:
    """Show what a consortium is now, and what it was."""
    with opened(reply, database) as engine, reading(engine) as connection:
        entry = _found(reply, connection, number, bureau)
        told = matter_list.lines(connection, kinds=("change",), entry=number, bureau=entry.bureau, limit=None)
        told.sort(key=lambda each: each.id)
        history = consortium.history(connection, entry)
    record, made_of = entry.record, entry.composition

    units = [
        {
            "uscc": each.uscc,
            "name": each.name,
            "kind": each.kind,
            "core_layer": each.core_layer,
            "lead": each is made_of.lead,
        }
        for each in made_of.units
    ]
    data = {
        "number": number,
        "name": record.name,
        "state": entry.state,
        "valid_from": record.valid_from,
        "valid_to": record.valid_to,
        "units": units,
        "projects": [
            {
                "number": each.number,
                "title": each.title,
                "document": each.document,
                "begun_on": each.begun_on,
                "ended_on": each.ended_on,
            }
            for each in record.projects
        ],
        "graded_excellent_in": list(record.marks),
        "nominations": [{"object": each.object, "on": each.on} for each in record.nominations],
        "follow_ups": [asdict(each) for each in record.follow_ups],
        "changes": [
            {
                "change": each.number,
                "aspect": each.record.aspect,
                "reason": each.record.why,
                "stage": each.stage,
                "outcome": each.outcome,
                "consents": {party.uscc: party.answer for party in each.record.parties},
            }
            for each in told
        ],
        "history": [
            {
                "at": instant(each.at),
                "change": each.cause,
                "aspect": each.aspect,
                "reason": each.reason,
                "before": each.before,
                "after": each.after,
            }
            for each in history
        ],
    }
    lines: list[Any] = [
        f"{number} {record.name}（{term('states', entry.state, reply.language)}）",
        reply.table(
            (reply.say("单位", "Unit"), "USCC", reply.say("类别", "Kind"), reply.say("角色", "Part")),
            [
                (
                    each.name,
                    each.uscc,
                    term("organisations", each.kind, reply.language),
                    reply.say("牵头", "lead")
                    if each is made_of.lead
                    else reply.say("核心层", "core layer")
                    if each.core_layer
                    else reply.say("成员", "member"),
                )
                for each in made_of.units
            ],
        ),
    ]
    for project in record.projects:
        ended = "" if project.ended_on is None else written.day(project.ended_on, reply.language)
        running = reply.say("在研", "running") if not ended else reply.say(f"{ended}结束", f"ended {ended}")
        lines.append(
            reply.say(
                f"项目{project.number}：{project.title}（{project.document}），{running}",
                f"Project {project.number}: {project.title} ({project.document}), {running}",
            )
        )
    if record.marks:
        marks = written.listed(record.marks, reply.language)
        lines.append(
            reply.say(f"评价优秀，可加大支持：{marks}", f"Graded excellent, may be supported more: {marks}")
        )
    for each in record.nominations:
        on = written.day(each.on, reply.language)
        lines.append(reply.say(f"已推荐：{each.object}（{on}）", f"Nominated: {each.object} ({on})"))
    lines += [_followed_up(reply, each) for each in record.follow_ups]
    for each in told:
        aspect = term("states", each.record.aspect, reply.language)
        lines.append(f"{each.number} {aspect}：{each.place(reply.language)}")
        lines += [f"    {party.name}：{_answer(reply, party.answer)}" for party in each.record.parties]
    terms = Terms(reply.language, entry.loaded.procedure)
    for each in history:
        at = written.when(instant(each.at), reply.language)
        lines.append(
            f"{at} {each.cause}：{_said(reply, terms, each.before)} → {_said(reply, terms, each.after)}"
        )
    reply.give(data, *lines)


def _followed_up(reply: Reply, each: FollowUp) -> str:
    until = written.day(each.planned_for, reply.language)
    if each.held_on is None:
        return reply.say(
            f"跟踪{each.number}：{each.topic}，最迟{until}",
            f"Follow-up {each.number}: {each.topic}, until {until}",
        )
    held = written.day(each.held_on, reply.language)
    found = "；".join(part for part in (each.findings, each.difficulties) if part)
    return reply.say(
        f"跟踪{each.number}：{each.topic}，最迟{until}，{held}了解：{found}",
        f"Follow-up {each.number}: {each.topic}, until {until}, held {held}: {found}",
    )


def _answer(reply: Reply, answer: str | None) -> str:
    return reply.say("未表态", "not yet") if answer is None else term("states", answer, reply.language)


def _said(reply: Reply, terms: Terms, values: dict[str, Any]) -> str:
    told: list[str] = []
    for name, value in values.items():
        if name in ("form", "lead"):
            continue
        if value is None:
            told.append(reply.say("如备案", "as filed"))
        elif name == "members":
            told.append(written.listed((each["name"] for each in value), reply.language))
        else:
            told.append(str(value))
    told += [" ".join(each) for each in indicators.set_by(terms, values.get("form", {}))]
    return "；".join(told)
