"""Server and warm worker as one tree of processes: the program on one machine."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name

import httpx

from deployments.api import Api, NoSuchLaneError
from deployments.catalog import CATALOG, Lane
from deployments.child import Child
from deployments.portal import Portal, PortalError
from deployments.server import Server

__all__ = ["PortalError", "Running", "StartError", "running", "up"]

logger = logging.getLogger(__name__)

READY_PATIENCE = 600.0
LOOK_EVERY = 0.5
REST = 5.0


class StartError(Exception):
    """Worker or lanes did not come up; the message ends with the worker's log's last lines."""


@dataclass(frozen=True)
class Running:
    """The processes of a running program."""

    server: Server
    worker: Child
    portal: Portal | None = None

    @property
    def api_url(self) -> str:
        """The address for `PREFECT_API_URL`, which portal and command line need for poke and trigger."""
        return self.server.api_url


@contextmanager
def running(
    state: Path,
    database_url: str,
    *,
    port: int | None = None,
    portal_port: int | None = None,
    portal_processes: int = 1,
    catalog: str = CATALOG,
) -> Generator[Running, None, None]:
    """Keep a server and a worker running on `state`, with every lane deployed, until the block ends.

    With `portal_port` the portal is served as well, by so many processes.

    Flows find the case database in BEIAN_DATABASE_URL. A child that dies is started again, and children end
    with this process even when it is killed. `catalog` names the function that returns the lanes.
    Raises ServerError, PortalError or StartError, each with a log's last lines.
    """
    lanes = resolve_name(catalog)()
    server = Server(state, port)
    worker = Child(
        "deployments.worker",
        catalog,
        environment={
            "PREFECT_WORKER_QUERY_SECONDS": "0.5",
            **server.environment(),
            "BEIAN_DATABASE_URL": database_url,
            "BEIAN_FOLDER": str(state.absolute()),
        },
        log=state / "worker.log",
        imports=("deployments.housekeeping", "prefect.workers.base", *(lane.module for lane in lanes)),
    )
    portal = None
    if portal_port is not None:
        environment = {**server.environment(), "BEIAN_DATABASE_URL": database_url}
        portal = Portal(state, portal_port, environment, portal_processes)
    stopping = threading.Event()
    keeper = threading.Thread(
        target=_keep, args=(server, worker, portal, stopping), name="keeper", daemon=True
    )
    try:
        server.launch()
        # At once, since all spend their first seconds importing.
        worker.start()
        if portal is not None:
            portal.launch()
            portal.wait_until_healthy()
        server.wait_until_healthy()
        _wait_until_deployed(server, worker, lanes)
        keeper.start()
        yield Running(server, worker, portal)
    finally:
        stopping.set()
        if keeper.ident:
            keeper.join()
        if portal is not None:
            portal.stop()
        worker.stop()
        server.stop()


def up(
    state: Path,
    database_url: str,
    *,
    port: int | None = 4200,
    portal_port: int | None = 8100,
    portal_processes: int = 1,
    catalog: str = CATALOG,
    ready: Callable[[Running], None] = lambda _running: None,
) -> None:
    """Run server, worker and portal until SIGINT or SIGTERM; `ready` is called once all is deployed."""
    asked = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with running(
            state,
            database_url,
            port=port,
            portal_port=portal_port,
            portal_processes=portal_processes,
            catalog=catalog,
        ) as program:
            ready(program)
            asked.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _keep(server: Server, worker: Child, portal: Portal | None, stopping: threading.Event) -> None:
    children = [server.child, worker, *(() if portal is None else portal.children)]
    while not stopping.wait(LOOK_EVERY):
        for child in children:
            try:
                _look_after(child)
            except OSError:
                logger.exception("%s could not be looked after; trying again", child.module)


def _look_after(child: Child) -> None:
    # The rest keeps a child that dies at once from taking the machine with it.
    if not child.running and child.age > REST:
        logger.warning("%s has died and is started again", child.module)
        child.start()
    child.trim_log()


def _wait_until_deployed(server: Server, worker: Child, catalog: Collection[Lane]) -> None:
    deadline = time.monotonic() + READY_PATIENCE
    missing = [lane.name for lane in catalog]
    with Api(server.api_url) as api:
        while missing:
            if not worker.running:
                raise StartError(f"The worker ended at start:\n{worker.tail()}")
            if time.monotonic() > deadline:
                raise StartError(f"Lanes {', '.join(missing)} were not deployed:\n{worker.tail()}")
            time.sleep(0.2)
            missing = [name for name in missing if not _deployed(api, name)]


def _deployed(api: Api, lane: str) -> bool:
    try:
        api.deployment_of(lane)
    except (NoSuchLaneError, httpx.HTTPError):
        return False
    return True
