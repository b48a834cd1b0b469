"""`beian consortium attach | hand-in | consent | refuse | decide …`: the acts on a change."""

from pathlib import Path
from typing import Annotated

import typer

from casework import documents, file_kind
from cli.acting import KeyOption, act_on
from cli.changes import app
from cli.command import both, command
from cli.consortiums import ChangeArgument, NumberArgument, ReasonOption
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, data_folder, opened
from cli.urging import urgeable

__all__ = ["app"]


@command(
    app,
    "attach",
    "为变更上传一份材料。",
    "Attach a material to a change.",
    """
    beian consortium attach YYLHT-2024-001/C1 supplementary_agreement=协议.pdf --as zhang
    """,
)
def attach(
    reply: Reply,
    ref: ChangeArgument,
    file: Annotated[
        str, typer.Argument(metavar="MATERIAL=PATH", help=both("材料和文件。", "Which, and the file."))
    ],
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Store a file and attach it."""
    material, _, name = file.partition("=")
    path = Path(name)
    try:
        kind = file_kind.kind_of(path)
    except OSError as error:
        raise Failure(
            ExitCode.FILE,
            "file_unusable",
            reply.say(f"不能读取 {name}：{error.strerror}。", f"Cannot read {name}: {error.strerror}."),
        ) from None
    if kind is None:
        raise Failure(
            ExitCode.USAGE,
            "wrong_format",
            reply.say(f"{name} 不是可以上传的文件。", f"{name} is no file of a kind that is taken."),
        )
    with opened(reply, database) as engine:
        folder = data_folder(engine.url.render_as_string(hide_password=False)) / "files"
        with path.open("rb") as content:
            stored = documents.store(engine, folder, content)
    act_on(
        reply,
        database,
        ref,
        "attach_material",
        (as_handle, role, behalf),
        key,
        material=material,
        digest=stored.digest,
        name=path.name,
    )


@command(
    app,
    "hand-in",
    "报送变更：核对材料、人数和利害关系，牵头单位即为同意，其余单位被征求意见。",
    "Hand a change in: everything is checked, the lead consents thereby, the others are asked.",
    """
    beian consortium hand-in YYLHT-2024-001/C1 --as zhang
    """,
)
def hand_in(
    reply: Reply,
    ref: ChangeArgument,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Hand in."""
    act_on(reply, database, ref, "hand_in_change", (as_handle, role, behalf), key)


@command(
    app,
    "consent",
    "成员单位或拟加入的单位同意变更；最后一家同意后转市局审核。",
    "Consent to a change as a member, or as a unit that is to join; the last one sends it to the bureau.",
    """
    beian consortium consent YYLHT-2024-001/C1 --as li
    """,
)
def consent(
    reply: Reply,
    ref: ChangeArgument,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Consent."""
    act_on(reply, database, ref, "consent_to_change", (as_handle, role, behalf), key)


@command(
    app,
    "refuse",
    "不同意变更；变更即告终止。",
    "Refuse a change; that ends it.",
    """
    beian consortium refuse YYLHT-2024-001/C1 --reason 职责重复 --as li
    """,
)
def refuse(
    reply: Reply,
    ref: ChangeArgument,
    reason: ReasonOption,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Refuse."""
    act_on(reply, database, ref, "refuse_change", (as_handle, role, behalf), key, reason=reason)


@command(
    app,
    "withdraw",
    "由牵头单位撤回变更。",
    "Withdraw a change as the lead unit.",
    """
    beian consortium withdraw YYLHT-2024-001/C1 --reason 暂缓 --as zhang
    """,
)
def withdraw(
    reply: Reply,
    ref: ChangeArgument,
    reason: ReasonOption,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Withdraw."""
    act_on(reply, database, ref, "withdraw_change", (as_handle, role, behalf), key, reason=reason)


@command(
    app,
    "exempt",
    "由经办人说明理由，批准变更不受某项规定限制（如 running_project）。",
    "Exempt a change from a rule as an officer, with a reason (such as running_project).",
    """
    beian consortium exempt YYLHT-2024-001/C2 running_project --reason 项目已整体转出 --as chen
    """,
)
def exempt(
    reply: Reply,
    ref: ChangeArgument,
    rule: Annotated[str, typer.Argument(metavar="RULE", help=both("哪项规定。", "Which rule."))],
    reason: ReasonOption,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Exempt."""
    act_on(reply, database, ref, "exempt_change", (as_handle, role, behalf), key, rule=rule, reason=reason)


@command(
    app,
    "decide",
    "市局审核变更；同意的同时写入名册，变更前的记录保留。",
    "Decide on a change as the bureau; what is approved is in the register at once, with its history.",
    """
    beian consortium decide YYLHT-2024-001/C1 approved --reason 符合规定 --document 3号 --as chen
    """,
)
def decide(
    reply: Reply,
    ref: ChangeArgument,
    result: Annotated[
        str, typer.Argument(metavar="RESULT", help=both("approved 或 declined。", "approved or declined."))
    ],
    reason: ReasonOption,
    document: Annotated[
        str | None, typer.Option(metavar="NUMBER", help=both("文号。", "The document's number."))
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Decide."""
    more = {} if document is None else {"document_number": document}
    act_on(
        reply,
        database,
        ref,
        "decide_change",
        (as_handle, role, behalf),
        key,
        result=result,
        answer=reason,
        **more,
    )


@command(
    app,
    "project",
    "登记联合体承担的项目，或登记某项目已结束；承担项目期间不得自行解散。",
    "Record a project that a consortium carries, or its end; meanwhile it may not dissolve itself.",
    """
    beian consortium project YYLHT-2024-001 --title 重大专项 --document 5号 --on 2025-03-01 --as chen
    beian consortium project YYLHT-2024-001 --end 1 --on 2026-03-01 --as chen
    """,
)
def project(
    reply: Reply,
    number: NumberArgument,
    on: Annotated[str, typer.Option(metavar="DAY", help=both("立项或结束日期。", "Since or until when."))],
    title: Annotated[str | None, typer.Option(help=both("项目名称。", "Its title."))] = None,
    document: Annotated[str | None, typer.Option(help=both("立项文号。", "What approved it."))] = None,
    end: Annotated[
        int | None, typer.Option(metavar="N", help=both("结束的项目序号。", "Which project ended."))
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Record a project or its end."""
    if end is not None:
        act_on(reply, database, number, "end_project", (as_handle, role, behalf), key, number=end, on=on)
        return
    told = {"title": title, "document": document, "on": on}
    given = {name: each for name, each in told.items() if each is not None}
    act_on(reply, database, number, "begin_project", (as_handle, role, behalf), key, **given)


urgeable(
    app,
    """
    beian consortium urge YYLHT-2024-001/C1 --as zhang
    beian consortium urge YYLHT-2024-001/C1 --remark 请尽快表态 --as chen
    """,
)
