"""`beian call migrate`: a whole call moved to another published revision, after a dry run."""

from typing import Annotated, Final

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from casework import migration, revised_words, revisions
from casework.migration import Plan, Wanted
from cli.batches import app
from cli.calls import CodeArgument
from cli.command import both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened, subject_of
from cli.trouble import refused
from models.database import reading
from procedure.act import Refusal
from procedure.revising import plain

__all__ = ["app"]

SHOWN: Final = 20
"""How many cases a dry run shows to people; programs get all."""


@command(
    app,
    "migrate",
    "把整个批次改用另一已发布的版本：先试算（--dry-run），再以试算给出的标识（--confirm）办理。",
    "Move a whole call to another published revision: a dry run first, then with its token (--confirm).",
    """
    beian call migrate 2024 --to 3f9a1c07 --dry-run
    beian call migrate 2024 --to 3f9a1c07 --confirm 5d41402abc4b2a76 --as jiang --role administrator
    beian call migrate 2024 --to yueyang-2024 --stage site_visit=visit --dry-run --json | jq -r .token
    """,
)
def migrate(
    reply: Reply,
    code: CodeArgument,
    to: Annotated[
        str,
        typer.Option(
            metavar="REVISION",
            help=both("已发布的版本：代码或哈希前6位以上。", "The published revision: its code, or a hash."),
        ),
    ],
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help=both("只试算，不作改动。", "Only say what would change.")),
    ] = False,
    confirm: Annotated[
        str | None,
        typer.Option(metavar="TOKEN", help=both("试算给出的标识。", "The token that the dry run gave.")),
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OLD=NEW",
            help=both(
                "新版本中改名的环节，可重复。", "A stage that is called otherwise now; may be repeated."
            ),
        ),
    ] = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Plan a move, or carry it out."""
    if dry_run == (confirm is not None):
        raise Failure(
            ExitCode.USAGE,
            "dry_run_first",
            reply.say("请给出 --dry-run 或 --confirm 之一。", "Give either --dry-run or --confirm."),
            reply.say("先试算，再用它给出的标识办理。", "Run it dry first, then confirm with its token."),
        )
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            call_id = subject_of(reply, connection, code)
            revision = revisions.find(connection, to)
            if revision is None:
                raise Failure(
                    ExitCode.NOT_FOUND,
                    "not_published",
                    reply.say(f"没有已发布的版本“{to}”。", f"No revision {to!r} is published."),
                    reply.say(
                        "已发布的见 beian procedure show。", "For those published: beian procedure show."
                    ),
                )
            wanted = Wanted(call_id, revision.id, _stages(reply, stage or []))
            if confirm is None:
                planned = migration.plan(connection, wanted)
                if isinstance(planned, Refusal):
                    raise refused(planned, reply)
                _show(reply, planned)
                return
            claim = claim_of(reply, connection, as_handle, role, behalf)
        bars = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*bars, console=reply.err, transient=True) as progress:
            bar = progress.add_task(reply.say("改用新版本", "Moving"), total=None)
            results = migration.migrate(
                engine,
                claim,
                wanted,
                confirm,
                lambda done, of: progress.update(bar, completed=done, total=of),
            )
    if isinstance(results, Refusal):
        raise refused(results, reply)
    left = [each for each in results if each.what != "moved"]
    heads = (reply.say("办件", "Case"), reply.say("结果", "Result"), reply.say("说明", "Detail"))
    words = {
        "moved": reply.say("已改用", "moved"),
        "changed": reply.say("其间已变动，未改", "changed meanwhile, left as it is"),
        "failed": reply.say("出错，已记为异常", "failed, an incident was opened"),
    }
    rows = [(each.ref, words[each.what], each.detail) for each in results]
    reply.give(
        {
            "revision": revision.content_hash,
            "moved": len(results) - len(left),
            "left": len(left),
            "results": results,
        },
        reply.table(heads, rows),
        reply.say(
            f"已改用 {len(results) - len(left)} 项，未改 {len(left)} 项。"
            + ("请再试算后继续。" if left else ""),
            f"{len(results) - len(left)} moved, {len(left)} left."
            + (" Run it dry again to go on." if left else ""),
        ),
    )
    if left:
        raise typer.Exit(ExitCode.PARTLY)


def _stages(reply: Reply, given: list[str]) -> dict[str, str]:
    stages: dict[str, str] = {}
    for each in given:
        old, equals, new = each.partition("=")
        if not equals or not old or not new or old in stages:
            raise Failure(
                ExitCode.USAGE,
                "bad_stage",
                reply.say(f"--stage 应写成 原环节=新环节：{each}", f"Write --stage as OLD=NEW: {each}"),
            )
        stages[old] = new
    return stages


def _show(reply: Reply, planned: Plan) -> None:
    data = {
        "call": planned.call,
        "from": planned.before,
        "to": planned.after,
        "token": planned.token,
        "blocked": len(planned.blocked),
        "differences": len(planned.differences),
        "subjects": [plain(each) for each in planned.subjects],
    }
    before, after = planned.before[:12], planned.after[:12]
    subjects, places = len(planned.subjects), len(planned.differences)
    text: list[RenderableType] = [
        reply.say(
            f"批次 {planned.call}：{before} → {after}，涉及 {subjects} 项；"
            f"两版本有 {places} 处不同（beian procedure diff）。",
            f"Call {planned.call}: {before} → {after}, {subjects} subjects; "
            f"the revisions differ in {places} places (beian procedure diff).",
        )
    ]
    touched = [each for each in planned.subjects if revised_words.lines(each, reply.language)]
    for each in touched[:SHOWN]:
        text.append(f"{each.ref}")
        text += [f"  · {line}" for line in revised_words.lines(each, reply.language)]
    if len(touched) > SHOWN:
        text.append(reply.say(f"……共 {len(touched)} 项有变化。", f"… {len(touched)} are changed in all."))
    if not touched:
        text.append(reply.say("没有办件因此变化。", "No case is changed by it."))
    if planned.blocked:
        text.append(
            reply.say(
                f"有 {len(planned.blocked)} 项不能改用，全部未改。",
                f"{len(planned.blocked)} cannot be moved, so nothing can.",
            )
        )
    else:
        text.append(reply.say(f"确认：--confirm {planned.token}", f"To do it: --confirm {planned.token}"))
    reply.give(data, *text)
    if planned.blocked:
        raise typer.Exit(ExitCode.REFUSED)
