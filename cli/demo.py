"""`beian demo`: the example calls, carried through deployed flows on a machine with nothing but Python."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import httpx
import typer
from rich.console import RenderableType
from sqlalchemy import Engine

from casework import clock, register, register_file, story
from casework.register_file import Extract
from cli import telling
from cli.command import command
from cli.reply import Reply
from cli.scenario import OutOption, judge, start_over, troubles
from deployments.run import running
from models.database import connect, default_url, reading
from story import after_filing
from story.after_filing import Round
from story.carriers import Flows, deployed, environment
from story.play import Played, Watch, play_all
from story.reading import Story, load
from story.result import result, write

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "examples"
STORIES: Final = ("qingdao-2025", "yueyang-2024", "open-desks")
"""The examples, the one that draws lots first: see ``play_all``. The last leaves each desk its open cases."""

LANES: Final = "story.carriers:lanes"

demo = typer.Typer()


@command(
    demo,
    "demo",
    "用真实的 Prefect 流程走完示例批次（岳阳2024、青岛2025）和一轮评价，再留下一批在办的。",
    "Carry made-up calls (Yueyang, Qingdao) and a round of evaluation through flow runs; leave one open.",
    "beian demo\nbeian demo --out out/again",
)
def _demo(reply: Reply, out: OutOption = Path("out")) -> None:
    """Carry the examples and say where to look."""
    # Asked to end, it ends as on Ctrl-C: server and worker first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with troubles(reply):
        found, evaluated, runs = _carry(
            [load(EXAMPLES / name / "story.yaml") for name in STORIES], out, reply
        )
    seconds = time.monotonic() - began
    shown: list[RenderableType] = []
    for code, each in found.items():
        shown += [each["title"][reply.language], telling.outcomes(each, reply)]
        if each["register"]:
            shown.append(telling.register(each, reply))
        shown.append(reply.pairs(_files(reply, out / code)))
    reply.give(
        {"calls": found, "evaluation": evaluated, "flow_runs": runs},
        *shown,
        telling.evaluation(evaluated, reply),
        _numbers(reply, found, runs, seconds),
        reply.pairs(_places(reply, out)),
    )
    judge(found.values(), reply)


def _carry(stories: list[Story], out: Path, reply: Reply) -> tuple[dict[str, dict[str, Any]], Round, int]:
    """Play the stories through deployed flows, with a round of evaluation after what Qingdao filed.

    Return their results by call, what the round came to, and how many runs it took.
    """
    home = out / "story"
    start_over(home)
    url = default_url(home)
    engine = connect(url)
    found: dict[str, dict[str, Any]] = {}
    evaluated = Round(0, {}, {})
    with ExitStack() as ending:
        ending.callback(engine.dispose)
        # Before the worker comes: its lanes look into the database at once.
        story.begin(engine, min(each.scenario.begins for each in stories))
        ending.enter_context(environment())
        with reply.working(
            "正在启动 Prefect 服务器和常驻工作进程……", "Starting Prefect's server and the warm worker…"
        ):
            program = ending.enter_context(running(home, url, catalog=LANES))
        run = deployed(program.api_url)
        screen = ending.enter_context(ExitStack())

        def watch(told: Story) -> Watch:
            screen.close()
            reply.note(told.scenario.title.zh, told.scenario.title.en)
            return screen.enter_context(telling.watching(told, reply))

        for played in play_all(stories, engine, home / "files", Flows(engine, run), watch):
            code = played.story.scenario.call.code
            found[code] = _written(engine, played, out)
            if code == after_filing.CALL:
                screen.close()
                with reply.working("正在评价已备案的联合体……", "Evaluating what is filed…"):
                    evaluated = after_filing.evaluate(engine, lambda: run("evaluation"))
        screen.close()
        run("notices")
        return found, evaluated, _flow_runs(program.api_url)


def _written(engine: Engine, played: Played, out: Path) -> dict[str, Any]:
    """Write what a call came to into a folder of its own, and return it."""
    scenario, bureau = played.story.scenario, played.story.pack.procedure.bureau.code
    folder = out / scenario.call.code
    with reading(engine) as connection:
        found = result(connection, played)
        folder.mkdir(parents=True, exist_ok=True)
        extract = Extract(
            register.entries(connection, bureau),
            register.rectifications(connection, bureau),
            clock.now(connection),
        )
        register_file.write(folder / "register.xlsx", extract)
        register_file.write_summary(
            folder / "summary.xlsx",
            register.summary(connection, scenario.call.code),
            played.story.pack.procedure,
        )
    write(folder / "result.json", found)
    return found


def _flow_runs(api_url: str) -> int:
    answer = httpx.post(f"{api_url}/flow_runs/count", json={}, timeout=10, trust_env=False)
    return int(answer.raise_for_status().json())


def _numbers(reply: Reply, found: dict[str, dict[str, Any]], runs: int, seconds: float) -> str:
    calls = len(found)
    cases = sum(len(each["cases"]) for each in found.values())
    filed = sum(len(each["register"]) for each in found.values())
    notices = sum(each["notices"] for each in found.values())
    return reply.say(
        f"{calls} 个批次，{cases} 个办件，{filed} 家备案，{notices} 条通知，"
        f"{runs} 次流程运行，{seconds:.0f} 秒。",
        f"{calls} calls, {cases} cases, {filed} filed, {notices} notices, {runs} flow runs, {seconds:.0f} s.",
    )


def _files(reply: Reply, folder: Path) -> list[tuple[str, str]]:
    return [
        (reply.say("备案名册", "Register"), str(folder / "register.xlsx")),
        (reply.say("信息汇总表", "Summary table"), str(folder / "summary.xlsx")),
        (reply.say("全部结果", "Everything"), str(folder / "result.json")),
    ]


def _places(reply: Reply, out: Path) -> list[tuple[str, str]]:
    database = out / "story" / "beian.db"
    return [
        (reply.say("数据库", "Database"), str(database)),
        (
            reply.say("日志", "Logs"),
            f"{out / 'story' / 'worker.log'}, {out / 'story' / 'prefect' / 'server.log'}",
        ),
        (
            reply.say("打开门户", "To open the portal"),
            reply.say(
                "make up，再用浏览器打开 http://127.0.0.1:8100/", "make up, then http://127.0.0.1:8100/"
            ),
        ),
    ]
