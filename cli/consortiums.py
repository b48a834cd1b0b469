"""`beian consortium`: a filed consortium, how it changes, and how it ends."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from casework import changes, consortium, indicators, matter_list
from casework.consortium import Filed
from casework.loading import NoSuchSubject
from casework.terms import Terms, term
from cli.acting import KeyOption, particulars
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened
from cli.trouble import refused
from models.database import reading
from procedure import written
from procedure.act import Refusal
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


@command(
    app,
    "change",
    "由牵头单位提出一项变更（成员、牵头单位、方向、名称、首席专家、方案、解散），先成草稿。",
    "Propose a change as the lead unit (members, lead, direction, name …, dissolution): a draft at first.",
    """
    beian consortium change YYLHT-2024-001 members --join 91350100M000100Y43 --core 91350100M000100Y43 \\
        --leave 12100000400000624D --reason 项目需要 --as zhang
    beian consortium change YYLHT-2024-001 members --join @joiner.json --reason 项目需要 --as zhang
    beian consortium change YYLHT-2024-001 direction --value 氢能 --reason 技术路线调整 --as zhang
    beian consortium change YYLHT-2024-001 plan --value 延期一年 --set consortium.target_patents=12 \\
        --reason 设备晚到 --as zhang
    beian consortium change YYLHT-2024-001 dissolution --reason 任务完成 --as zhang
    """,
)
def change(
    reply: Reply,
    number: NumberArgument,
    aspect: Annotated[
        str,
        typer.Argument(
            metavar="ASPECT",
            help=both(
                "members、lead、direction、name、chief_expert、plan 或 dissolution。",
                "members, lead, direction, name, chief_expert, plan or dissolution.",
            ),
        ),
    ],
    reason: ReasonOption,
    join: Annotated[
        list[str] | None,
        typer.Option(
            metavar="USCC|@FILE",
            help=both(
                "加入的单位，可重复；@文件.json 含 uscc、name、kind、core_layer、fields。",
                "A unit that joins, repeat; @FILE.json has uscc, name, kind, core_layer, fields.",
            ),
        ),
    ] = None,
    core: Annotated[
        list[str] | None,
        typer.Option(metavar="USCC", help=both("其中进入核心层的。", "Which of them join the core layer.")),
    ] = None,
    leave: Annotated[
        list[str] | None,
        typer.Option(metavar="USCC", help=both("退出的单位，可重复。", "A unit that leaves, repeat.")),
    ] = None,
    lead: Annotated[
        str | None,
        typer.Option(metavar="USCC", help=both("新的牵头单位，须为成员。", "The new lead, a member now.")),
    ] = None,
    value: Annotated[
        str | None, typer.Option(metavar="TEXT", help=both("变更后的内容。", "What it becomes."))
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help=both(
                "新牵头单位的表单项或方案的新目标，可重复。", "Of a new lead, or a new target; repeat."
            ),
        ),
    ] = None,
    bureau: BureauOption = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Begin a change."""
    joins = [_joining(reply, each) for each in join or ()]
    for each in joins:
        if each.get("uscc") in (core or ()):
            each["core_layer"] = True
    wanted: dict[str, Any] = {"aspect": aspect, "reason": reason, "joins": joins, "leaves": leave or []}
    wanted |= {name: text for name, text in (("lead", lead), ("value", value)) if text is not None}
    wanted |= particulars(reply, "propose_change", [f"fields.{each}" for each in given or ()])
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role, behalf)
        answer = changes.propose(engine, claim, number, wanted, bureau, key)
        if isinstance(answer, Refusal):
            with reading(engine) as connection:
                raise refused(answer, reply, _procedure(connection, number, bureau))
        with reading(engine) as connection:
            entry = consortium.filed(connection, number, bureau)
            [asked] = (
                each.record
                for each in matter_list.lines(
                    connection, kinds=("change",), entry=number, bureau=entry.bureau
                )
                if each.number == answer.ref
            )
    rule = entry.loaded.procedure.changes[asked.aspect]
    materials = written.listed(
        (title.of(reply.language) for title in rule.materials.values()), reply.language
    )
    reply.give(
        {
            "change": answer.ref,
            "stage": answer.stage,
            "at": answer.at,
            "materials": list(rule.materials),
            "consents": [each.uscc for each in asked.parties],
        },
        reply.say(f"已建立变更草稿 {answer.ref}。", f"Drawn up: {answer.ref}."),
        reply.say(
            f"需要的材料：{materials or '无'}；上传后用 beian consortium hand-in 报送。",
            f"It asks for: {materials or 'nothing'}. Attach, then `beian consortium hand-in`.",
        ),
        reply.say(
            f"须全体{len(asked.parties)}家单位同意。" if asked.parties else "无须成员单位同意。",
            f"All {len(asked.parties)} units must consent."
            if asked.parties
            else "The members need not consent.",
        ),
    )


def _procedure(connection: Any, number: str, bureau: str | None) -> Any:
    try:
        return consortium.filed(connection, number, bureau).loaded.procedure
    except NoSuchSubject:
        return None


def _joining(reply: Reply, given: str) -> dict[str, Any]:
    if not given.startswith("@"):
        return {"uscc": given}
    try:
        told = json.loads(Path(given[1:]).read_text(encoding="utf-8"), parse_float=str)
    except (OSError, ValueError) as error:
        raise Failure(
            ExitCode.USAGE,
            "bad_file",
            reply.say(f"{given[1:]} 不能用：{error}", f"{given[1:]} will not do: {error}"),
        ) from None
    if not isinstance(told, dict):
        raise Failure(
            ExitCode.USAGE,
            "bad_file",
            reply.say(f"{given[1:]} 应为 JSON 对象。", f"{given[1:]} is no object."),
        )
    return told
