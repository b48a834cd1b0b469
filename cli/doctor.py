"""`beian doctor`: what is wrong with this installation, and what to do."""

from typing import Any

import typer
from rich.text import Text
from sqlalchemy import Engine

from casework import health, wording
from casework.health import Check
from casework.terms import catalogue
from cli.backup import FILES
from cli.command import command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, address, data_folder, opened
from models.database import DatabaseUnusable, reading
from procedure import written
from procedure.instant import instant

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
            lines.append(_line(reply, Check("database", "good", {"place": _place(engine)})))
            with reading(engine) as connection:
                lines += [_line(reply, each) for each in health.examine(connection, folder)]
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
    table = catalogue(reply.language)
    name = (
        f"{check.name}_never" if check.facts.get("since", "") is None and check.state == "bad" else check.name
    )
    facts = {
        key: written.when(instant(value).replace(microsecond=0), reply.language)
        if key == "since" and value
        else value
        for key, value in check.facts.items()
    }
    findings = table["findings_good" if check.state == "good" else "findings_bad"]
    step = "" if check.state == "good" else table["check_steps"][check.name].format_map(facts)
    return {
        "check": check.name,
        "state": check.state,
        "title": table["checks"][check.name].format_map(facts),
        "finding": findings[name].format_map(facts),
        "step": step,
        "facts": dict(check.facts),
    }


def _unusable(reply: Reply, error: DatabaseUnusable | Failure) -> dict[str, Any]:
    if isinstance(error, DatabaseUnusable):
        said = wording.unusable(error, reply.language)
        finding, step = " ".join((said.says, *said.details)), said.next_step
    else:
        finding, step = error.says, error.next_step
    title = catalogue(reply.language)["checks"]["database"]
    facts = {"reason": type(error).__name__ if isinstance(error, DatabaseUnusable) else error.code}
    return {
        "check": "database",
        "state": "bad",
        "title": title,
        "finding": finding,
        "step": step,
        "facts": facts,
    }


def _place(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
