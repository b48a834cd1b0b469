"""`beian doctor`: what is wrong with this installation, and what to do."""

from typing import Any

import typer
from rich.text import Text

from casework import health, wording
from casework.health import Check
from casework.terms import catalogue
from cli.backup import FILES
from cli.command import command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, address, data_folder, opened
from models.database import DatabaseNewer, DatabaseNotMigrated, DatabaseUnusable

app = typer.Typer(add_completion=False)


@command(
    app,
    "doctor",
    "检查数据库、工作进程、积压、节假日、时钟、磁盘和材料文件；有问题时以 5 结束。",
    "Check database, worker, backlog, holidays, clock, disk and files; ends with 5 where something is wrong.",
    """
    beian doctor
    beian doctor --json | jq '.checks[] | select(.state == "bad")'
    beian doctor || echo 'something is wrong'
    """,
)
def doctor(reply: Reply, database: DatabaseOption = None) -> None:
    """Look at everything; Prefect need not be running."""
    folder = data_folder(address(database)) / FILES
    lines: list[dict[str, Any]] = []
    try:
        with opened(reply, database) as engine:
            lines += [_line(reply, each) for each in health.whole(engine, folder)]
    except (DatabaseUnusable, Failure) as error:
        lines += [_unusable(reply, error), *(_line(reply, each) for each in health.disk(folder))]
    bad = [line for line in lines if line["state"] == "bad"]
    rows = [
        (
            Text("✗", style="red") if line["state"] == "bad" else Text("✓", style="green"),
            line["title"],
            line["finding"],
            line["step"],
        )
        for line in lines
    ]
    heads = ("", reply.say("检查", "Check"), reply.say("情况", "Finding"), reply.say("怎么办", "What to do"))
    said = (
        reply.say(f"{len(bad)} 项有问题。", f"{len(bad)} of these are wrong.")
        if bad
        else reply.say("一切正常。", "All is well.")
    )
    reply.give({"good": not bad, "checks": lines}, reply.table(heads, rows), said)
    if bad:
        raise typer.Exit(ExitCode.FINDINGS)


def _line(reply: Reply, check: Check) -> dict[str, Any]:
    said = health.told(check, reply.language)
    return {
        "check": check.name,
        "state": check.state,
        "title": said.title,
        "finding": said.finding,
        "step": said.step,
        "facts": dict(check.facts),
    }


def _unusable(reply: Reply, error: DatabaseUnusable | Failure) -> dict[str, Any]:
    if isinstance(error, DatabaseUnusable):
        said = wording.unusable(error, reply.language)
        finding, step = " ".join((said.says, *said.details)), said.next_step
    else:
        finding, step = error.says, error.next_step
    ill = "migrations" if isinstance(error, DatabaseNewer | DatabaseNotMigrated) else "database"
    title = catalogue(reply.language)["checks"][ill]
    facts = {"reason": type(error).__name__ if isinstance(error, DatabaseUnusable) else error.code}
    return {
        "check": ill,
        "state": "bad",
        "title": title,
        "finding": finding,
        "step": step,
        "facts": facts,
    }
