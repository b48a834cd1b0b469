"""`beian scenario`: carry a story told in a file, and say whether it came out as expected."""

import fcntl
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from sqlalchemy import Engine

from casework import clock
from casework.acts import Busy
from casework.documents import FolderUnusable
from casework.story import NotFresh
from cli import telling
from deployments.server import ServerError
from models.database import DatabaseUnusable, connect, default_url, reading
from story.carriers import Carrier, CarrierFailed, Direct, Flows, in_process
from story.play import play
from story.reading import ScenarioError, Story, load
from story.result import result, write

NOT_AS_EXPECTED = 1
MALFORMED = 2
CANNOT_RUN = 3


class InUse(Exception):
    """Another program runs on the folder that a story would begin anew."""


FAILURES = (DatabaseUnusable, NotFresh, InUse, ServerError, CarrierFailed, FolderUnusable, Busy)
"""What keeps a story from running although its file is right."""

app = typer.Typer(
    no_args_is_help=True, help="故事：用移动的时间走完一个批次。 Stories: a call carried with moved time."
)

EXAMPLES = """\
示例 Examples:

  beian scenario run examples/yueyang-2024/story.yaml

  beian scenario run story.yaml --direct --out out/mine

  beian scenario run story.yaml --database postgresql://localhost/a_fresh_database --json
"""


@app.callback()
def _scenario() -> None:
    """故事：用移动的时间走完一个批次。 Stories: a call carried with moved time."""


@app.command(epilog=EXAMPLES)
def run(
    file: Annotated[Path, typer.Argument(help="故事文件，格式见 docs/scenarios.md。 The scenario file.")],
    database: Annotated[
        str | None,
        typer.Option(
            help="全新的数据库；不给则用 OUT 下的 SQLite。 A fresh database; without it SQLite under OUT."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="写 result.json 的文件夹。 The folder for result.json.")] = Path(
        "out"
    ),
    direct: Annotated[
        bool, typer.Option("--direct", help="不用 Prefect，直接扫描。 Without Prefect: plain sweeps.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="结果写到标准输出。 The result on standard output.")
    ] = False,
) -> None:
    """走完一个故事，写出 result.json；与预期不符则以 1 结束。

    Carry a story and write result.json; ends with 1 when it does not come out as expected, with 2 for a
    malformed file and with 3 when it cannot run.
    """
    told = Console(stderr=True)
    try:
        found = carry(load(file), database, out, told, direct=direct)
    except ScenarioError as error:
        told.print("[red]故事文件有误 The scenario file is malformed:[/]")
        told.print(str(error), markup=False, highlight=False)
        raise typer.Exit(MALFORMED) from None
    except FAILURES as error:
        told.print("[red]故事不能进行 The story cannot run:[/]")
        told.print(str(error), markup=False, highlight=False)
        raise typer.Exit(CANNOT_RUN) from None
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(found, default=str, option=orjson.OPT_APPEND_NEWLINE))
    else:
        console = Console()
        console.print(telling.outcomes(found))
        console.print(f"结果 result: {out / 'result.json'}", highlight=False)
    if not found["as_expected"]:
        told.print(telling.differences(found))
        raise typer.Exit(NOT_AS_EXPECTED)
    told.print("[green]全部符合预期 Everything came out as expected.[/]")


def carry(story: Story, database: str | None, out: Path, console: Console, *, direct: bool) -> dict[str, Any]:
    """Play a story, write its result into ``out`` and return it; without ``database`` on SQLite there."""
    home = out / "story"
    if database is None:
        start_over(home)
        database = default_url(home)
    engine = connect(database)
    try:
        with _carrier(engine, home, direct=direct) as carrier, telling.watching(story, console) as watch:
            played = play(story, engine, home / "files", carrier, watch)
        with reading(engine) as connection:
            found = result(connection, played)
    finally:
        engine.dispose()
    write(out / "result.json", found)
    return found


def start_over(home: Path) -> None:
    """Remove the story that an earlier run left in ``home``.

    Raises InUse while a program runs on it, and NotFresh where the database there is no story: that is
    somebody's record.
    """
    lock = home / "state" / "prefect" / "lock"
    if lock.exists():
        with lock.open("ab") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(f"a Prefect server runs on {home / 'state'}; stop it first (beian up?)") from None
    if (home / "beian.db").exists():
        engine = connect(default_url(home))
        try:
            with reading(engine) as connection:
                if not clock.is_story(connection):
                    raise NotFresh(f"{home / 'beian.db'} lives in real time and is not removed")
        finally:
            engine.dispose()
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _carrier(engine: Engine, home: Path, *, direct: bool) -> Generator[Carrier, None, None]:
    if direct:
        yield Direct(engine)
        return
    url = engine.url.render_as_string(hide_password=False)
    with in_process(home / "state", url) as run_lane:
        yield Flows(engine, run_lane)


if __name__ == "__main__":
    app()
