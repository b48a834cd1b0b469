"""`beian demo`: Yueyang's 2024 call, carried through deployed flows on a machine with nothing but Python."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console
from rich.markup import escape

from casework import register, story
from cli import telling
from cli.scenario import CANNOT_RUN, FAILURES, NOT_AS_EXPECTED, start_over
from deployments.run import StartError, running
from models.database import connect, default_url, reading
from story.carriers import Flows, deployed, environment
from story.play import play
from story.reading import Story, load
from story.result import result, write

EXAMPLE: Final = Path(__file__).resolve().parent.parent / "examples" / "yueyang-2024" / "story.yaml"
LANES: Final = "story.carriers:lanes"
INTERRUPTED: Final = 130


def demo(
    out: Annotated[
        Path, typer.Option(help="写结果的文件夹，重跑时从头来过。 The folder for results.")
    ] = Path("out"),
) -> None:
    """用真实的 Prefect 流程走完岳阳市2024年度的批次（示例），写出备案名册和信息汇总表。

    Carry Yueyang's 2024 call (a made-up story) through real Prefect flow runs, and write register and
    summary table as XLSX. Ends with 1 when it does not come out as expected, with 3 when it cannot run.
    """
    console = Console()
    # Asked to end, it ends as on Ctrl-C: server and worker first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    try:
        found, runs = _tell(load(EXAMPLE), out, console)
    except (*FAILURES, StartError) as error:
        console.print("[red]演示不能进行 The demo cannot run:[/]")
        console.print(str(error), markup=False, highlight=False)
        raise typer.Exit(CANNOT_RUN) from None
    except KeyboardInterrupt:
        console.print("[yellow]已中断 Interrupted.[/]")
        raise typer.Exit(INTERRUPTED) from None
    console.print(telling.outcomes(found))
    console.print(telling.register(found))
    _where_to_look(console, out, found, runs, time.monotonic() - began)
    if not found["as_expected"]:
        console.print(telling.differences(found))
        raise typer.Exit(NOT_AS_EXPECTED)


def _tell(told: Story, out: Path, console: Console) -> tuple[dict[str, Any], int]:
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
        with console.status(
            "启动 Prefect 服务器和常驻工作进程 starting Prefect's server and the warm worker"
        ):
            program = ending.enter_context(running(home / "state", url, catalog=LANES))
        run = deployed(program.api_url)
        with telling.watching(told, console) as watch:
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


def _where_to_look(console: Console, out: Path, found: dict[str, Any], runs: int, seconds: float) -> None:
    places = (
        ("备案名册 register", out / "register.xlsx"),
        ("信息汇总表 summary table", out / "summary.xlsx"),
        ("全部结果 everything", out / "result.json"),
        ("数据库 database", out / "story" / "beian.db"),
        (
            "日志 logs",
            f"{out / 'story' / 'state' / 'worker.log'}, {out / 'story' / 'state' / 'prefect' / 'server.log'}",
        ),
        ("Prefect 页面 Prefect's pages", "make up"),
    )
    for what, where in places:
        console.print(f"  {what}: [bold]{escape(str(where))}[/]", highlight=False, soft_wrap=True)
    console.print(
        f"{len(found['cases'])} 个办件 cases · {len(found['register'])} 家备案 filed · "
        f"{found['notices']} 条通知 notices · {runs} 次流程运行 flow runs · {seconds:.0f} 秒 s"
    )


if __name__ == "__main__":
    typer.run(demo)
