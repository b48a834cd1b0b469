"""`beian scenario`: carry a story told in a file, and say whether it came out as expected."""

import fcntl
import shutil
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from sqlalchemy import Engine

from casework import clock
from casework.story import NotFresh
from cli import telling
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from deployments.run import StartError
from deployments.server import ServerError
from models.database import connect, default_url, reading
from procedure.fault import Fault, fault_of
from story.carriers import Carrier, CarrierFailed, Direct, Flows, in_process
from story.play import play
from story.reading import ScenarioError, Story, load
from story.result import result, write

NOT_AS_EXPECTED: Final = 1

EXAMPLES: Final = """
beian scenario run examples/yueyang-2024/story.yaml
beian scenario run story.yaml --direct --out out/mine
beian scenario run story.yaml --database postgresql://localhost/a_fresh_database --json
"""

OutOption = Annotated[
    Path, typer.Option(help=both("写结果的文件夹。", "The folder for the results."), file_okay=False)
]

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help=both("故事：用移动的时间走完一个批次。", "Stories: a call carried with moved time."),
)


@app.callback()
def _scenario() -> None:
    pass


@command(
    app,
    "run",
    "走完一个故事，写出 result.json；与预期不符则以 1 结束。",
    "Carry a story and write result.json; ends with 1 when it does not come out as expected.",
    EXAMPLES,
)
def run(
    reply: Reply,
    file: Annotated[
        Path,
        typer.Argument(
            help=both(
                "故事文件，格式见 docs/scenarios.md。", "The scenario file; docs/scenarios.md says how."
            )
        ),
    ],
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help=both(
                "全新的数据库；不给则在 OUT 下新建 SQLite。", "A fresh database; without it SQLite under OUT."
            ),
        ),
    ] = None,
    out: OutOption = Path("out"),
    direct: Annotated[
        bool, typer.Option("--direct", help=both("不用 Prefect，直接办理到期事项。", "Without Prefect."))
    ] = False,
) -> None:
    """Carry the story in ``file``."""
    with troubles(reply):
        found = carry(load(file), database, out, reply, direct=direct)
    reply.give(
        found,
        telling.outcomes(found, reply),
        reply.say(f"结果：{out / 'result.json'}", f"Result: {out / 'result.json'}"),
    )
    judge([found], reply)


def judge(found: Iterable[dict[str, Any]], reply: Reply) -> None:
    """Say whether stories came out as expected; ends the command with 1 when one did not."""
    others = [each for each in found if not each["as_expected"]]
    for each in others:
        reply.err.print(telling.differences(each, reply))
    if others:
        raise typer.Exit(NOT_AS_EXPECTED)
    reply.note("全部符合预期。", "Everything came out as expected.")


def carry(story: Story, database: str | None, out: Path, reply: Reply, *, direct: bool) -> dict[str, Any]:
    """Play a story, write its result into ``out`` and return it; without ``database`` on SQLite there."""
    home = out / "story"
    if database is None:
        start_over(home)
        database = default_url(home)
    engine = connect(database)
    try:
        with _carrier(engine, home, reply, direct=direct) as carrier, telling.watching(story, reply) as watch:
            played = play(story, engine, home / "files", carrier, watch)
        with reading(engine) as connection:
            found = result(connection, played)
    finally:
        engine.dispose()
    write(out / "result.json", found)
    return found


class InUse(Exception):
    """Another program runs on the folder in which a story would begin anew."""


def start_over(home: Path) -> None:
    """Remove the story that an earlier run left in ``home``.

    Raises InUse while a program runs on it, and NotFresh where the database there is no story: that is
    somebody's record.
    """
    lock = home / "prefect" / "lock"
    if lock.exists():
        with lock.open("ab") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(Fault("folder_served", folder=home)) from None
    if (home / "beian.db").exists():
        engine = connect(default_url(home))
        try:
            with reading(engine) as connection:
                if not clock.is_story(connection):
                    raise NotFresh(Fault("real_record", path=home / "beian.db"))
        finally:
            engine.dispose()
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def troubles(reply: Reply) -> Generator[None, None, None]:
    """Turn what keeps a story from running into failures of the command."""
    try:
        yield
    except ScenarioError as error:
        raise Failure(
            ExitCode.USAGE,
            "bad_scenario",
            reply.say("故事文件有误：", "The scenario file is malformed:"),
            reply.say(
                "请按所列位置更正；格式见 docs/scenarios.md。",
                "Correct it where the lines say; see docs/scenarios.md.",
            ),
            tuple(problem.of(reply.language) for problem in error.problems),
        ) from None
    except NotFresh as error:
        raise Failure(
            ExitCode.DATABASE,
            "not_fresh",
            reply.say(
                f"这个数据库不能讲故事：{fault_of(error).of('zh')}。",
                f"No story can be told in this database: {error}.",
            ),
            reply.say("请为故事另给一个全新的数据库。", "Give the story a fresh database of its own."),
        ) from None
    except InUse as error:
        raise Failure(
            ExitCode.BUSY,
            "in_use",
            reply.say(f"文件夹正在使用：{fault_of(error).of('zh')}。", f"The folder is in use: {error}."),
            reply.say(
                "请先停止它（beian up？），或用 --out 另选文件夹。",
                "Stop it first (beian up?), or choose another --out.",
            ),
        ) from None
    except (ServerError, StartError, CarrierFailed) as error:
        raise Failure(
            ExitCode.SERVER,
            "no_server",
            reply.say("到期事项没有办成。", "What was due could not be done."),
            reply.say(
                "请看日志；也可用 --direct 不经 Prefect 办理。",
                "See the logs; --direct does without Prefect.",
            ),
            tuple(str(error).splitlines()),
        ) from None


@contextmanager
def _carrier(engine: Engine, home: Path, reply: Reply, *, direct: bool) -> Generator[Carrier, None, None]:
    if direct:
        yield Direct(engine)
        return
    url = engine.url.render_as_string(hide_password=False)
    with ExitStack() as ending:
        with reply.working("正在启动 Prefect 服务器……", "Starting Prefect's server…"):
            run_lane = ending.enter_context(in_process(home, url))
        yield Flows(engine, run_lane)
