"""`beian support claim | approve | pay | recover | list …`: claims as records."""

from typing import Annotated, Any

import typer

from casework import claimable, claims, matter_list
from casework.claimable import Words
from casework.matter_list import MatterLine
from cli.acting import KeyOption, act_on
from cli.command import both, command
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened
from cli.support import app, known_facts
from cli.trouble import refused
from cli.urging import urgeable
from models.database import reading
from procedure import written
from procedure.act import Refusal

__all__ = ["app"]

ClaimArgument = Annotated[
    str,
    typer.Argument(
        metavar="CLAIM", help=both("申请编号，如 备案编号/S1。", "The claim's number, such as NUMBER/S1.")
    ),
]
ReasonOption = Annotated[str, typer.Option(help=both("理由。", "Why."))]
AmountOption = Annotated[
    str, typer.Option(metavar="YUAN", help=both("金额（元，至分）。", "The amount in yuan, to the fen."))
]
DayOption = Annotated[str, typer.Option(metavar="DAY", help=both("日期。", "The day."))]
DocumentOption = Annotated[
    str, typer.Option(metavar="NUMBER", help=both("文号或凭证号。", "The document's or voucher's number."))
]


@command(
    app,
    "claim",
    "由牵头单位申请一项支持；不符合条件、超出上限的当场拒绝并说明依据。",
    "Claim a measure as the lead unit; what may not be claimed is refused at once, with its clause.",
    """
    beian support claim KSLHT-2025-001 suzhou_cultivation --amount 1000000 --as jing
    beian support claim KSLHT-2025-001 special_project --object 项目甲 \\
        --know in_special_programme=yes --as jing
    """,
)
def claim(
    reply: Reply,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=both("备案编号。", "The register number."))],
    measure: Annotated[
        str, typer.Argument(metavar="MEASURE", help=both("措施，见 support show。", "See support show."))
    ],
    amount: Annotated[
        str | None, typer.Option(metavar="YUAN", help=both("申请金额（元）。", "How much, in yuan."))
    ] = None,
    beneficiary: Annotated[
        str | None,
        typer.Option("--for", metavar="USCC", help=both("为哪个单位。", "For which unit; the lead if none.")),
    ] = None,
    of: Annotated[
        str | None, typer.Option("--object", help=both("为哪个项目等。", "For which project and so on."))
    ] = None,
    year: Annotated[int | None, typer.Option(help=both("为哪一年。", "For which year."))] = None,
    know: Annotated[
        list[str] | None,
        typer.Option(metavar="FACT=VALUE", help=both("已知的事实，可重复。", "What is known; repeat.")),
    ] = None,
    bureau: Annotated[
        str | None, typer.Option(metavar="CODE", help=both("市局代码。", "The city bureau."))
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """File a claim."""
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            who = claim_of(reply, connection, as_handle, role, behalf)
            facts = known_facts(reply, connection, number, bureau, know)
        given = {"amount": amount, "beneficiary": beneficiary, "object": of, "year": year}
        wanted = {name: value for name, value in given.items() if value is not None}
        answer = claims.file(engine, who, number, {"measure": measure, "facts": facts, **wanted}, bureau, key)
    if isinstance(answer, Refusal):
        raise refused(answer, reply)
    reply.give(
        {"claim": answer.ref, "stage": answer.stage, "at": answer.at},
        reply.say(f"已提出申请 {answer.ref}，待市局审核。", f"Filed: {answer.ref}; the bureau decides."),
    )


@command(
    app,
    "list",
    "列出支持申请：申请、批准、已付、已追回的金额和状态。",
    "List claims: what was asked, granted, paid and recovered, and where each stands.",
    """
    beian support list
    beian support list --number KSLHT-2025-001
    beian support list --bureau kunshan --json | jq '[.[].granted_fen] | add'
    """,
)
def listed(
    reply: Reply,
    number: Annotated[
        str | None, typer.Option(metavar="NUMBER", help=both("只列该备案的。", "Only of this entry."))
    ] = None,
    bureau: Annotated[
        str | None, typer.Option(metavar="CODE", help=both("只列该市局的。", "Only of this city bureau."))
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """List claims."""
    with opened(reply, database) as engine, reading(engine) as connection:
        found = matter_list.lines(connection, kinds=("claim",), entry=number, bureau=bureau, limit=None)
        found.sort(key=lambda each: each.id)
    if not found and not reply.as_json:
        reply.note("没有支持申请。", "No claims.")
        return
    heads = (
        reply.say("编号", "Claim"),
        reply.say("措施", "Measure"),
        reply.say("受益单位", "For"),
        reply.say("申请", "Asked"),
        reply.say("批准", "Granted"),
        reply.say("已付", "Paid"),
        reply.say("追回", "Recovered"),
        reply.say("状态", "State"),
    )
    reply.give([_data(each) for each in found], reply.table(heads, [_row(reply, each) for each in found]))


def _row(reply: Reply, each: MatterLine) -> tuple[str, ...]:
    support = claimable.support_of(each.bureau)
    record = each.record
    return (
        each.number,
        Words(support, reply.language).measure(record.measure),
        record.beneficiary,
        "" if record.asked is None else written.money(record.asked),
        "" if record.granted is None else written.money(record.granted),
        written.money(record.paid) if record.paid else "",
        written.money(record.recovered) if record.recovered else "",
        each.place(reply.language),
    )


def _data(each: MatterLine) -> dict[str, Any]:
    record = each.record
    return {
        "claim": each.number,
        "bureau": each.bureau,
        "entry": record.entry,
        "measure": record.measure,
        "beneficiary": record.beneficiary,
        "object": record.object,
        "year": record.year,
        "claimed_on": record.claimed_on,
        "asked_fen": record.asked,
        "granted_fen": record.granted,
        "paid_fen": record.paid,
        "recovered_fen": record.recovered,
        "stage": each.stage,
        "outcome": each.outcome,
    }


@command(
    app,
    "decide",
    "由经办人决定文件未规定的问题：term（时间是否在有效期内）、beside（能否并享）。",
    "Decide, as an officer, what the document leaves open: term, or beside.",
    """
    beian support decide KSLHT-2025-001/S1 beside yes --reason 建设成效突出 --as gu
    """,
)
def decide(
    reply: Reply,
    ref: ClaimArgument,
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help=both("term 或 beside。", "term or beside."))
    ],
    answer: Annotated[str, typer.Argument(metavar="yes|no", help=both("是或否。", "Yes or no."))],
    reason: ReasonOption,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Decide a question."""
    yes = {"yes": True, "no": False}.get(answer, answer)
    act_on(
        reply,
        database,
        ref,
        "decide_question",
        (as_handle, role, behalf),
        key,
        question=question,
        yes=yes,
        reason=reason,
    )


@command(
    app,
    "approve",
    "批准一项申请的金额；此前批准的一并计算，超过上限一分也拒绝。",
    "Grant an amount; what was granted before counts, and one fen over a cap is refused.",
    """
    beian support approve KSLHT-2025-001/S1 --amount 1000000 --document 昆科〔2025〕9号 --as boss
    """,
)
def approve(
    reply: Reply,
    ref: ClaimArgument,
    amount: AmountOption,
    document: DocumentOption,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Grant."""
    act_on(
        reply,
        database,
        ref,
        "approve_claim",
        (as_handle, role, behalf),
        key,
        amount=amount,
        document=document,
    )


@command(
    app,
    "reject",
    "不予批准一项申请。",
    "Grant nothing for a claim.",
    """
    beian support reject KSLHT-2025-001/S1 --reason 材料不实 --as boss
    """,
)
def reject(
    reply: Reply,
    ref: ClaimArgument,
    reason: ReasonOption,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Reject."""
    act_on(reply, database, ref, "reject_claim", (as_handle, role, behalf), key, reason=reason)


@command(
    app,
    "pay",
    "登记一笔拨付；各笔合计不超过批准的金额。",
    "Record a payment; all together never exceed the grant.",
    """
    beian support pay KSLHT-2025-001/S1 --amount 400000.50 --on 2025-12-01 --document 凭证1 --as gu
    """,
)
def pay(
    reply: Reply,
    ref: ClaimArgument,
    amount: AmountOption,
    on: DayOption,
    document: DocumentOption,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Pay."""
    act_on(
        reply,
        database,
        ref,
        "pay_claim",
        (as_handle, role, behalf),
        key,
        amount=amount,
        on=on,
        document=document,
    )


@command(
    app,
    "recover",
    "验收不合格或取消备案后追回已付资金，注明依据的事项编号。",
    "Recover what was paid after a failed acceptance or a revocation, naming its number.",
    """
    beian support recover KSLHT-2025-001/S1 --amount 400000.50 --on 2028-12-01 --document 7号 \\
        --cause 2028/KSLHT-2025-001 --as boss
    """,
)
def recover(
    reply: Reply,
    ref: ClaimArgument,
    amount: AmountOption,
    on: DayOption,
    document: DocumentOption,
    cause: Annotated[
        str,
        typer.Option(metavar="NUMBER", help=both("验收或取消的编号。", "The acceptance's or revocation's.")),
    ],
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Recover."""
    told = {"amount": amount, "on": on, "document": document, "cause": cause}
    act_on(reply, database, ref, "recover_claim", (as_handle, role, behalf), key, **told)


@command(
    app,
    "nominate",
    "由联合体举荐一个项目或人才（有的支持以此为条件），举荐日期予以记录。",
    "Nominate a project or person as the consortium: some measures ask for it, and the day is on record.",
    """
    beian support nominate KSLHT-2025-001 人才项目甲 --as jing
    """,
)
def nominate(
    reply: Reply,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=both("备案编号。", "The register number."))],
    of: Annotated[str, typer.Argument(metavar="OBJECT", help=both("项目或人才。", "Project or person."))],
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: KeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Nominate."""
    act_on(reply, database, number, "nominate", (as_handle, role, behalf), key, object=of)


urgeable(
    app,
    """
    beian support urge KSLHT-2025-001/S1 --as jing
    beian support urge KSLHT-2025-001/S1 --remark 请尽快拨付 --as jing
    """,
)
