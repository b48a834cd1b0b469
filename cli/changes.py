"""`beian consortium change`: a change of a filed consortium, proposed by its lead unit."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from casework import changes, consortium, matter_list
from casework.loading import NoSuchSubject
from cli.acting import KeyOption, particulars
from cli.command import both, command
from cli.consortiums import BureauOption, NumberArgument, ReasonOption, app
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened
from cli.trouble import refused
from models.database import reading
from procedure import written
from procedure.act import Refusal

__all__ = ["app"]


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
