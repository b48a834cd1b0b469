"""A Prefect API server of our own: local, private to one state folder, gone when we are."""

import fcntl
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

import httpx

from deployments.child import Child

LOCK_PATIENCE = 10.0
START_PATIENCE = 600.0

# What the design wants of the server; an operator's environment may say otherwise.
TASTE = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    # A lane every ten seconds makes 8,640 runs a day, and nothing of record lives in them.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(3 * 24 * 3600),
    # Runs planned an hour ahead (the default) would all be late after an hour's outage.
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT5M",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "50",
}

IMPORTS = (
    "prefect.cli.server",
    "prefect.server.api.server",
    "prefect.server.database.query_components",
    "prefect.flows",
    "alembic.command",
)


class ServerError(Exception):
    """The server did not come up; the message says why and ends with its log's last lines."""


class Server:
    """A Prefect API server on 127.0.0.1 whose database, home and log live in `state`/prefect.

    Without a port it takes a free one and keeps it over restarts. One server at most runs on a state folder.
    """

    def __init__(self, state: Path, port: int | None = None) -> None:
        self.home = (state / "prefect").absolute()
        self.port = port or _free_port()
        self._lock: BinaryIO | None = None
        self._child: Child | None = None

    @property
    def api_url(self) -> str:
        """The address for `PREFECT_API_URL`."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def child(self) -> Child:
        """The server's process; only after `launch`."""
        if self._child is None:
            raise ServerError("The Prefect server has not been launched.")
        return self._child

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that talks to this server: ours, with the server's settings."""
        unproxied = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1,localhost"]))
        return {
            **TASTE,
            **os.environ,
            "PREFECT_API_URL": self.api_url,
            "PREFECT_HOME": str(self.home),
            "NO_PROXY": unproxied,
            "no_proxy": unproxied,
        }

    def launch(self) -> None:
        """Start the process without waiting for it.

        Raises ServerError when another program has the port or another server the state folder.
        """
        # Asked first: a stranger on our port would otherwise pass for our healthy server.
        if not is_free(self.port):
            raise ServerError(f"Port {self.port} of 127.0.0.1 is in use; choose another.")
        self.home.mkdir(parents=True, exist_ok=True)
        self._lock = self._take_lock()
        database = self.home / "prefect.db"
        self._child = Child(
            "deployments.server_process",
            *("server", "start", "--host", "127.0.0.1", "--port", str(self.port)),
            environment={
                **self.environment(),
                "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
            },
            log=self.home / "server.log",
            # The process shares the lock, so that it outlives a killed parent exactly as long as the process.
            keep=[self._lock.fileno()],
            imports=IMPORTS,
        )
        self._child.start()

    def wait_until_healthy(self, patience: float = START_PATIENCE) -> None:
        """Return once the API answers; raise ServerError when it ends first or takes too long."""
        deadline = time.monotonic() + patience
        while not self.healthy():
            if not self.child.running:
                raise ServerError(f"The Prefect server ended at start:\n{self.child.tail()}")
            if time.monotonic() > deadline:
                raise ServerError(
                    f"The Prefect server did not answer at {self.api_url} within {patience:.0f} s:\n"
                    f"{self.child.tail()}"
                )
            time.sleep(0.1)

    def healthy(self) -> bool:
        """Whether our own process answers its health check."""
        if not self.child.running:
            return False
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.api_url}/health", timeout=2, trust_env=False).is_success
        return False

    def stop(self) -> None:
        """Stop the process and free the state folder."""
        if self._child:
            self._child.stop()
        if self._lock:
            self._lock.close()

    def __enter__(self) -> Self:
        self.launch()
        try:
            self.wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _take_lock(self) -> BinaryIO:
        lock = (self.home / "lock").open("ab")
        deadline = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    lock.close()
                    raise ServerError(f"Another Prefect server runs on {self.home}; stop it first.") from None
                time.sleep(0.2)
            else:
                return lock


def is_free(port: int) -> bool:
    """Whether no other program listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
