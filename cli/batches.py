"""`beian call batch`: one act on many cases of a call, with an answer for each."""

from typing import Annotated
from uuid import uuid4

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from casework import batch, clock, loading, wording
from casework.acts import Receipt
from casework.batch import Answered, Joint
from casework.terms import term
from cli.acting import ActArgument, DataOption, particulars
from cli.calls import CodeArgument, app
from cli.command import both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened, subject_of
from cli.trouble import refused as refusal
from models.database import reading
from procedure.act import Refusal
from procedure.definition import Procedure, act_rules

__all__ = ["app"]


@command(
    app,
    "batch",
    "对批次中的许多办件办理同一事项（如备案、推荐），逐件给出结果；重复执行不会重复办理。",
    "Do one act (such as file or endorse) on many cases of a call; repeating it does nothing twice.",
    """
    beian call batch 2024 file --data document_number=岳科发〔2024〕9号 --data document_date=2024-09-20 \\
        --as chen
    beian call batch 2024 endorse --data opinion=同意推荐 --case YY2024-0001 --case YY2024-0003 --as wang
    beian call batch 2024 accept_online --as wang --key 2024-08-05 --json
    """,
)
def on_many(
    reply: Reply,
    code: CodeArgument,
    act: ActArgument,
    data: DataOption = None,
    case: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER",
            help=both(
                "办件编号，可重复；默认为此人可以办理该事项的全部办件。",
                "A case, may be repeated; by default all on which this person can do the act.",
            ),
        ),
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    key: Annotated[
        str | None,
        typer.Option(
            help=both(
                f"批量标识，至多{batch.LONGEST_KEY}个字符：中断后以同一标识继续。",
                f"Names the batch, at most {batch.LONGEST_KEY} characters; give it again to go on.",
            )
        ),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Do one act case by case; the exit code says whether every case was done."""
    received_at = clock.present(None)
    payload = particulars(reply, act, data or [])
    key = key or uuid4().hex
    if not 0 < len(key) <= batch.LONGEST_KEY or not key.isprintable():
        raise Failure(
            ExitCode.USAGE,
            "bad_key",
            reply.say(
                f"批量标识应为1至{batch.LONGEST_KEY}个可打印字符。",
                f"The key of a batch has 1 to {batch.LONGEST_KEY} printable characters.",
            ),
        )
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            call_id = subject_of(reply, connection, code)
            claim = claim_of(reply, connection, as_handle, role, behalf)
            call = loading.one(connection, call_id)
            at = None if clock.is_story(connection) else received_at
        if call.subject.kind != "call":
            raise Failure(
                ExitCode.USAGE, "no_call", reply.say(f"{code} 不是批次。", f"{code} is not a call.")
            )
        known = {
            where.rsplit(".", 1)[-1] for where, _ in act_rules(call.procedure.application, "application")
        }
        if act not in known:
            raise refusal(Refusal("unknown_act", {"act": act}), reply, call.procedure)
        joint = Joint(call_id, act, claim, key, payload, case, at)
        with _progress(reply) as progress:
            bar = progress.add_task(term("acts", act, reply.language), total=len(case) if case else None)
            answered = batch.perform_batch(
                engine, joint, lambda done, of: progress.update(bar, completed=done, total=of)
            )
    _give(reply, call.procedure, act, key, answered)


def _progress(reply: Reply) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=reply.err, transient=True
    )


def _give(reply: Reply, procedure: Procedure, act: str, key: str, answered: list[Answered]) -> None:
    rows: list[tuple[str, str, str]] = []
    results: list[dict[str, object]] = []
    refused = 0
    for number, answer in answered:
        if isinstance(answer, Receipt):
            told = reply.say("已办理", "done")
            if answer.repeated:
                told = reply.say("此前已办理", "done before")
            results.append(
                {
                    "ref": number,
                    "done": True,
                    "event": answer.seq,
                    "stage": answer.stage,
                    "outcome": answer.outcome,
                    "repeated": answer.repeated,
                }
            )
            rows.append((number, told, ""))
            continue
        refused += 1
        said = wording.word(answer, reply.language, procedure)
        results.append(
            {
                "ref": number,
                "done": False,
                "code": said.code,
                "message": said.says,
                "details": list(said.details),
                "next": said.next_step,
                "facts": dict(answer.facts),
            }
        )
        rows.append((number, reply.say("被拒绝", "refused"), " ".join((said.says, *said.details))))
    done = len(answered) - refused
    title = term("acts", act, reply.language)
    summary = reply.say(
        f"“{title}”：已办理 {done} 件，被拒绝 {refused} 件（标识 {key}）。",
        f"{title}: {done} done, {refused} refused (key {key}).",
    )
    if not answered:
        summary = reply.say("没有可以办理的办件。", "There is no case on which it can be done.")
    heads = (
        reply.say("办件", "Case"),
        reply.say("结果", "Result"),
        reply.say("原因", "Why"),
    )
    told = [reply.table(heads, rows)] if rows else []
    reply.give({"act": act, "key": key, "done": done, "refused": refused, "cases": results}, *told, summary)
    if refused:
        raise typer.Exit(ExitCode.PARTLY if done else ExitCode.REFUSED)
