"""`beian demo`: Yueyang's 2024 call, carried through deployed flows on a machine with nothing but Python."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import httpx
import typer

from casework import register, story
from cli import telling
from cli.command import command
from cli.reply import Reply
from cli.scenario import OutOption, judge, start_over, troubles
from deployments.run import running
from models.database import connect, default_url, reading
from story.carriers import Flows, deployed, environment
from story.play import play
from story.reading import Story, load
from story.result import result, write

EXAMPLE: Final = Path(__file__).resolve().parent.parent / "examples" / "yueyang-2024" / "story.yaml"
LANES: Final = "story.carriers:lanes"

demo = typer.Typer()


@command(
    demo,
    "demo",
    "用真实的 Prefect 流程走完岳阳市2024年度的批次（示例故事），写出备案名册和信息汇总表。",
    "Carry Yueyang's 2024 call (a made-up story) through real Prefect flow runs; write register and summary.",
    "beian demo\nbeian demo --out out/again",
)
def _demo(reply: Reply, out: OutOption = Path("out")) -> None:
    """Carry the example and say where to look."""
    # Asked to end, it ends as on Ctrl-C: server and worker first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with troubles(reply):
        found, runs = _carry(load(EXAMPLE), out, reply)
    seconds = time.monotonic() - began
    reply.give(
        {**found, "flow_runs": runs},
        telling.outcomes(found, reply),
        telling.register(found, reply),
        _numbers(reply, found, runs, seconds),
        reply.pairs(_places(reply, out)),
    )
    judge(found, reply)


def _carry(told: Story, out: Path, reply: Reply) -> tuple[dict[str, Any], int]:
    """Play the story through deployed flows; return its result and how many flow runs it took."""
    home = out / "story"
    start_over(home)
    url = default_url(home)
    engine = connect(url)
    with ExitStack() as ending:
        ending.callback(engine.dispose)
        # Before the worker comes: its lanes look into the database at once.
        story.begin(engine, told.scenario.begins)
        ending.enter_context(environment())
        with reply.working(
            "正在启动 Prefect 服务器和常驻工作进程……", "Starting Prefect's server and the warm worker…"
        ):
            program = ending.enter_context(running(home, url, catalog=LANES))
        run = deployed(program.api_url)
        reply.note(told.scenario.title.zh, told.scenario.title.en)
        with telling.watching(told, reply) as watch:
            played = play(told, engine, home / "files", Flows(engine, run), watch)
        run("notices")
        runs = _flow_runs(program.api_url)
        with reading(engine) as connection:
            found = result(connection, played)
            register.write_register(out / "register.xlsx", register.entries(connection))
            register.write_summary(
                out / "summary.xlsx", register.summary(connection, told.scenario.call.code)
            )
    write(out / "result.json", found)
    return found, runs


def _flow_runs(api_url: str) -> int:
    answer = httpx.post(f"{api_url}/flow_runs/count", json={}, timeout=10, trust_env=False)
    return int(answer.raise_for_status().json())


def _numbers(reply: Reply, found: dict[str, Any], runs: int, seconds: float) -> str:
    cases, filed, notices = len(found["cases"]), len(found["register"]), found["notices"]
    return reply.say(
        f"{cases} 个办件，{filed} 家备案，{notices} 条通知，{runs} 次流程运行，{seconds:.0f} 秒。",
        f"{cases} cases, {filed} filed, {notices} notices, {runs} flow runs, {seconds:.0f} s.",
    )


def _places(reply: Reply, out: Path) -> list[tuple[str, str]]:
    database = out / "story" / "beian.db"
    return [
        (reply.say("备案名册", "Register"), str(out / "register.xlsx")),
        (reply.say("信息汇总表", "Summary table"), str(out / "summary.xlsx")),
        (reply.say("全部结果", "Everything"), str(out / "result.json")),
        (reply.say("数据库", "Database"), str(database)),
        (
            reply.say("日志", "Logs"),
            f"{out / 'story' / 'worker.log'}, {out / 'story' / 'prefect' / 'server.log'}",
        ),
        (reply.say("Prefect 页面", "Prefect's pages"), f"beian up --database sqlite:///{database}"),
    ]
