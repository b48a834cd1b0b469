"""`beian evaluation`: rounds of evaluation, the evaluations in them, and the revocations that follow."""

from typing import Annotated, Any

import typer

from casework import indicators, matter_list, round_list, rounds, urging
from casework.indicators import Line
from casework.standing import standing
from cli.acting import ActArgument, DataOption, KeyOption, VersionOption, perform, show_receipts
from cli.command import Group, both, command
from cli.due_text import due_lines
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened, subject_of
from cli.trouble import refused
from cli.urging import urgeable
from models.database import reading
from procedure import subject as subjects
from procedure import written
from procedure.act import Refusal
from procedure.evaluation import Evaluation
from procedure.instant import instant
from procedure.revocation import Revocation

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands of evaluation."""

RefArgument = Annotated[
    str,
    typer.Argument(
        metavar="REF",
        help=both(
            "轮次编号、评价编号（轮次/备案编号）或取消编号（评价编号/R）。",
            "A round's code, an evaluation (ROUND/NUMBER) or a revocation (EVALUATION/R).",
        ),
    ),
]
DayOption = Annotated[str | None, typer.Option(metavar="DATE", help=both("日期。", "A day."))]


@command(
    app,
    "open",
    "布置一轮评价：到期的条目各得一项自评任务，由程序成批布置。",
    "Announce a round: every entry that is due gets its self-report to file, opened in batch by the program.",
    """
    beian evaluation open yueyang PJ2025 --period 2025 --as chen
    beian evaluation open yueyang PJ2025 --period 2025 --filed-until 2024-12-31 --as chen
    beian evaluation open kunshan YS2027 --period 2025-2027 --purpose acceptance --as gu --json
    """,
)
def open_round(
    reply: Reply,
    bureau: Annotated[str, typer.Argument(metavar="BUREAU", help=both("市局代码。", "The city bureau."))],
    code: Annotated[str, typer.Argument(metavar="CODE", help=both("轮次编号。", "The round's code."))],
    period: Annotated[
        str, typer.Option(help=both("评价的期间，如 2025。", "What it looks at, such as 2025."))
    ],
    purpose: Annotated[
        str, typer.Option(help=both("evaluation 为评价，acceptance 为验收。", "evaluation, or acceptance."))
    ] = "evaluation",
    filed_until: DayOption = None,
    self_report: DayOption = None,
    last_report: DayOption = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Announce one round."""
    given = {
        "code": code,
        "period": period,
        "purpose": purpose,
        "filed_until": filed_until,
        "self_report": self_report,
        "last_report": last_report,
    }
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role, behalf)
        told = {name: value for name, value in given.items() if value is not None}
        answer = rounds.announce(engine, bureau, claim, told)
        if isinstance(answer, Refusal):
            raise refused(answer, reply)
        with reading(engine) as connection:
            now = standing(connection, subject_of(reply, connection, code))
    show_receipts(reply, "announce_round", [answer], "", now)


@command(
    app,
    "list",
    "列出各轮评价；给出轮次编号时列出其中的评价和随后的取消。",
    "List the rounds; with a round's code the evaluations in it, and the revocations that followed.",
    """
    beian evaluation list
    beian evaluation list PJ2025 --open
    beian evaluation list PJ2025 --as zhang
    beian evaluation list --entry YYLHT-2024-001 --json
    """,
)
def list_evaluations(
    reply: Reply,
    code: Annotated[str | None, typer.Argument(metavar="CODE", help=both("轮次。", "The round."))] = None,
    entry: Annotated[
        str | None, typer.Option(metavar="NUMBER", help=both("备案编号。", "The entry."))
    ] = None,
    is_open: Annotated[
        bool | None, typer.Option("--open/--closed", help=both("在办的／已办结的。", "Open, or ended."))
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help=both("最多几条。", "At most so many."))
    ] = 100,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """List rounds, or what is in one."""
    with opened(reply, database) as engine, reading(engine) as connection:
        claims = None if as_handle is None else [claim_of(reply, connection, as_handle, role, behalf)]
        if code is None and entry is None:
            found = round_list.lines(connection, claims)
            rows = [
                (each.code, each.outcome or each.stage, ", ".join(f"{k} {n}" for k, n in each.places.items()))
                for each in found
            ]
            heads = (
                reply.say("轮次", "Round"),
                reply.say("状态", "State"),
                reply.say("各环节", "Where they stand"),
            )
            reply.give(found, reply.table(heads, rows))
            return
        lines = matter_list.lines(
            connection,
            claims,
            kinds=matter_list.EVALUATED,
            round_code=code,
            entry=entry,
            is_open=is_open,
            limit=limit,
        )
    rows = [
        (
            each.number,
            each.name,
            each.place(reply.language),
            "" if each.due_at is None else written.when(instant(each.due_at), reply.language),
        )
        for each in lines
    ]
    heads = (
        reply.say("编号", "Number"),
        reply.say("名称", "Name"),
        reply.say("环节", "Stage"),
        reply.say("截止", "Due"),
    )
    reply.give([each.as_data() for each in lines], reply.table(heads, rows))


@command(
    app,
    "show",
    "查看一轮评价、一项评价或一件取消：环节、时限、自评、评分、等次、告知与决定。",
    "Show a round, an evaluation or a revocation: stage, deadlines, report, reviews, grade, decision.",
    """
    beian evaluation show PJ2025
    beian evaluation show PJ2025/YYLHT-2024-001 --as zhang
    beian evaluation show PJ2025/YYLHT-2024-001/R --json
    """,
)
def show(
    reply: Reply,
    ref: RefArgument,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Show one matter."""
    with opened(reply, database) as engine, reading(engine) as connection:
        subject_id = subject_of(reply, connection, ref)
        if as_handle is not None:
            claim = claim_of(reply, connection, as_handle, role, behalf)
            if not matter_list.may_see(connection, claim, subject_id):
                raise Failure(
                    ExitCode.NOT_FOUND,
                    "not_found",
                    reply.say(f"没有您可以查看的“{ref}”。", f"There is no {ref!r} that you may see."),
                )
        now = standing(connection, subject_id)
        targets = indicators.lines(connection, now.loaded, reply.language)
        urges = urging.of_subject(connection, subject_id)
    plain = subjects.plain(now.subject)
    data = {
        **now.as_data(),
        "record": plain["record"],
        "targets": [each.as_data() for each in targets],
        "urges": urges,
    }
    reply.give(
        data,
        f"{now.subject.ref}：{now.place(reply.language)}",
        *(f"  {line}" for line in due_lines(reply, now)),
        *_told(reply, now.subject.record),
        *_of_targets(reply, targets),
    )


def _of_targets(reply: Reply, targets: list[Line]) -> list[Any]:
    if not targets:
        return []
    heads = (
        reply.say("指标", "Indicator"),
        reply.say("目标", "Target"),
        reply.say("期限", "By"),
        reply.say("完成", "Reached"),
        reply.say("完成率", "Share"),
    )
    rows = [
        (each.title, each.target, each.by or "", each.reached or "", each.share or "") for each in targets
    ]
    return [reply.table(heads, rows)]


def _told(reply: Reply, record: Any) -> list[str]:
    told: list[tuple[str, str, Any]] = []
    if isinstance(record, Evaluation):
        points = None if record.mean is None else f"{record.mean / 100:.2f}"
        told = [
            ("条目", "Entry", f"{record.entry} {record.name}"),
            ("牵头单位", "Lead unit", record.lead_name),
            ("推荐单位意见", "Comment", record.district_comment),
            ("得分", "Points", points),
            ("等次", "Grade", record.grade),
            ("申诉", "Appeal", record.appeal),
            ("申诉答复", "Answer", record.answer),
            ("理由", "Reason", record.reason),
        ]
        if record.report is not None:
            late = reply.say("（逾期）", " (late)") if record.report.late else ""
            at = written.when(instant(record.report.reported_at), reply.language)
            told.insert(2, ("自评报告", "Self-report", f"{at}{late}"))
    elif isinstance(record, Revocation):
        told = [
            ("条目", "Entry", f"{record.entry} {record.name}"),
            ("事实", "Facts", record.facts),
            ("依据", "Ground", record.ground),
            ("陈述申辩", "Statement", record.statement),
            ("决定", "Decision", record.decision),
            ("答复", "Answer", record.answer),
            ("文号", "Document", record.document_number),
            ("申诉", "Appeal", record.appeal),
            ("申诉决定", "Decision on it", record.appeal_decision),
        ]
    return [
        f"{reply.say(zh, en)}{reply.say('：', ': ')}{value}" for zh, en, value in told if value is not None
    ]


@command(
    app,
    "act",
    "办理评价或取消中的一个事项：自评、意见、评审、定等、申诉、告知、陈述、决定等。",
    "Do one act: report, comment, review, grade, appeal; give notice, state, decide.",
    """
    beian evaluation act PJ2025/YYLHT-2024-001 submit_report --data @自评.json --as zhang
    beian evaluation act PJ2025/YYLHT-2024-001 comment_report --data comment=属实 --as wang
    beian evaluation act PJ2025/YYLHT-2024-001 appoint_reviewers --data experts=e0 --as chen
    beian evaluation act PJ2025/YYLHT-2024-001 postpone_evaluation --data reason=厂房搬迁 --as boss
    beian evaluation act PJ2025/YYLHT-2024-001/R decide_revocation --data result=revoked \\
        --data answer=陈述不成立 --data document_number=2号 --as boss
    """,
)
def do(
    reply: Reply,
    ref: RefArgument,
    act: ActArgument,
    data: DataOption = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    version: VersionOption = None,
    database: DatabaseOption = None,
) -> None:
    """Do one act."""
    perform(
        reply,
        database,
        ref,
        act,
        data,
        as_handle=as_handle,
        role=role,
        behalf=behalf,
        key=key,
        version=version,
    )


urgeable(
    app,
    """
    beian evaluation urge PJ2025/YYLHT-2024-001 --as chen
    beian evaluation urge PJ2025/YYLHT-2024-001/R --remark 请尽快决定 --as zhang
    """,
)
