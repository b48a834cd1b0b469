"""`beian up`: portal, server and worker on this machine, until asked to stop."""

import os
import secrets
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from prometheus_client import start_http_server
from sqlalchemy import Engine

from casework import metrics
from cli.command import both, command
from cli.demonstration import NoStory, make_ready
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, address, data_folder
from deployments import run
from deployments.run import PortalError, Running, StartError
from deployments.server import ServerError
from models import migrate
from models.database import connect

app = typer.Typer(add_completion=False)

PortOption = Annotated[
    int,
    typer.Option(
        min=1,
        max=65535,
        help=both("Prefect 服务器在本机的端口。", "The port of Prefect's server on this machine."),
    ),
]


PortalPortOption = Annotated[
    int,
    typer.Option(
        min=1, max=65535, help=both("门户在本机的端口。", "The port of the portal on this machine.")
    ),
]
PortalProcessesOption = Annotated[
    int,
    typer.Option(
        min=1,
        max=64,
        envvar="BEIAN_PORTAL_PROCESSES",
        help=both(
            "门户的进程数；每个处理器核心一个为宜。",
            "How many processes serve the portal; one for each core is a good number.",
        ),
    ),
]
DemonstrationOption = Annotated[
    bool,
    typer.Option(
        "--demonstration",
        envvar="BEIAN_PORTAL_DEMONSTRATION",
        help=both(
            "演示：无需密码即可以任何人的身份登录；只限故事数据库。",
            "A demonstration: anybody signs in as anybody, without a password; on a story's database only.",
        ),
    ),
]


@command(
    app,
    "up",
    "启动门户、Prefect 服务器和常驻工作进程，直到按 Ctrl-C；必要时先新建或升级数据库。",
    "Start portal, Prefect's server and worker until Ctrl-C; the database is set up or upgraded before.",
    """
    beian up
    beian up --demonstration --database sqlite:///out/story/beian.db
    beian up --port 4300 --database postgresql://beian@localhost/beian
    beian up --metrics-port 9464
    PREFECT_API_URL=http://127.0.0.1:4200/api beian case act YY2024-0001 submit
    """,
)
def up(
    reply: Reply,
    port: PortOption = 4200,
    portal_port: PortalPortOption = 8100,
    portal_processes: PortalProcessesOption = 2,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help=both(
                "在本机该端口提供 Prometheus 指标；默认不提供。",
                "Serve Prometheus metrics on this port of this machine; none by default.",
            ),
        ),
    ] = None,
    database: DatabaseOption = None,
    *,
    demonstration: DemonstrationOption = False,
) -> None:
    """Serve the portal and keep everything running that happens by itself: windows, deadlines, notices."""
    url = address(database)
    engine = connect(url)
    try:
        migrate.upgrade(engine)
        if demonstration:
            _open_to_visitors(reply, engine, data_folder(url), portal_port)
        place = engine.url.render_as_string(hide_password=True)
        plain = engine.url.render_as_string(hide_password=False)
    finally:
        engine.dispose()
    folder = data_folder(url).resolve()
    figures = "" if metrics_port is None else f"http://127.0.0.1:{metrics_port}/metrics"

    def ready(program: Running) -> None:
        starting.close()
        pages = program.api_url.removesuffix("/api")
        logs = [str(folder / name) for name in ("portal.log", "worker.log")] + [
            str(program.server.home / "server.log")
        ]
        portal = "" if program.portal is None else program.portal.url
        reply.give(
            {
                "portal": portal,
                "pages": pages,
                "api": program.api_url,
                "database": place,
                "logs": logs,
                "metrics": figures or None,
            },
            reply.say("服务已启动，按 Ctrl-C 停止。", "Up and running; Ctrl-C stops it."),
            reply.pairs(
                [
                    (reply.say("门户", "Portal"), portal),
                    (reply.say("运行情况", "What runs"), pages),
                    (reply.say("数据库", "Database"), place),
                    (reply.say("日志", "Logs"), "\n".join(logs)),
                    (reply.say("指标", "Metrics"), figures),
                    (
                        reply.say("办理后立即处理", "To wake it after acts"),
                        f"export PREFECT_API_URL={program.api_url}",
                    ),
                ]
            ),
        )

    with ExitStack() as starting:
        starting.enter_context(reply.working("正在启动服务器和工作进程……", "Starting server and worker…"))
        try:
            with _metrics(reply, plain, metrics_port):
                run.up(
                    folder,
                    plain,
                    port=port,
                    portal_port=portal_port,
                    portal_processes=portal_processes,
                    ready=ready,
                )
        except (ServerError, StartError, PortalError) as error:
            first, *rest = str(error).splitlines()
            raise Failure(
                ExitCode.SERVER,
                "not_started",
                reply.say(f"服务没有启动：{first}", f"It did not start: {first}"),
                reply.say(
                    "请换一个端口（--port、--portal-port），或查看日志。",
                    "Choose another --port or --portal-port, or look into the log.",
                ),
                tuple(rest),
            ) from None


def _open_to_visitors(reply: Reply, engine: Engine, folder: Path, port: int) -> None:
    try:
        make_ready(engine)
    except NoStory:
        raise Failure(
            ExitCode.USAGE,
            "no_story",
            reply.say(
                "这是实际业务的数据库，不能用于演示。",
                "This is a database of record, not for demonstrations.",
            ),
            reply.say(
                "请去掉 --demonstration，或指定 make run 留下的故事数据库。",
                "Leave out --demonstration, or name the story's database that `make run` left.",
            ),
        ) from None
    # The portal's processes and the worker read them from there.
    os.environ["BEIAN_PORTAL_DEMONSTRATION"] = "true"
    if not os.environ.get("BEIAN_PORTAL_URL"):
        os.environ["BEIAN_PORTAL_URL"] = f"http://127.0.0.1:{port}"
    if not os.environ.get("BEIAN_SECRET_KEY"):
        os.environ["BEIAN_SECRET_KEY"] = _own_key(folder / "demonstration.key")


def _own_key(file: Path) -> str:
    """Return the key that this demonstration seals with, made when it is first asked for."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return file.read_text(encoding="ascii")


@contextmanager
def _metrics(reply: Reply, url: str, port: int | None) -> Generator[None, None, None]:
    """Serve the metrics on this machine as long as the block runs, if a port is given."""
    if port is None:
        yield
        return
    engine = connect(url)
    try:
        server, _ = start_http_server(port, "127.0.0.1", metrics.registry(engine))
    except OSError as error:
        raise Failure(
            ExitCode.SERVER,
            "metrics_not_served",
            reply.say(f"不能在端口 {port} 提供指标。", f"The metrics cannot be served on port {port}."),
            reply.say("请换一个端口（--metrics-port）。", "Choose another --metrics-port."),
            (error.strerror or str(error),),
        ) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        engine.dispose()
