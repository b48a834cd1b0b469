"""The portal's processes: on this machine only, on the same database as the worker.

They share one line, which stays open here while any of them is started again: whoever comes meanwhile waits
and is not refused.
"""

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx

from deployments.child import Child

MODULE: Final = "web.serve"
PATIENCE: Final = 60.0
WAITING: Final = 2048
"""How many may wait to be let in, as far as the system allows."""


class PortalError(Exception):
    """The portal did not come up; the message says why and ends with its log's last lines."""


class Portal:
    """The portal on a port of 127.0.0.1, its documents beside the database in `state`/files."""

    def __init__(self, state: Path, port: int, environment: Mapping[str, str], processes: int = 1) -> None:
        self.port = port
        self.children: tuple[Child, ...] = ()
        self._state, self._environment, self._processes = state, environment, processes
        self._line: socket.socket | None = None

    @property
    def url(self) -> str:
        """The address at which people on this machine open it."""
        return f"http://127.0.0.1:{self.port}/"

    def launch(self) -> None:
        """Start the processes without waiting for them.

        Raises PortalError when another program has the port.
        """
        try:
            self._line = socket.create_server(("127.0.0.1", self.port), backlog=WAITING)
        except OSError:
            raise PortalError(f"Port {self.port} of 127.0.0.1 is in use; choose another.") from None
        line = self._line.fileno()
        self.children = tuple(
            Child(
                MODULE,
                *(str(self._state), f"line:{line}"),
                environment=self._environment,
                log=self._state / "portal.log",
                keep=[line],
            )
            for _ in range(self._processes)
        )
        for child in self.children:
            child.start()

    def stop(self) -> None:
        """Stop the processes and free the port."""
        for child in self.children:
            child.stop()
        if self._line is not None:
            self._line.close()

    def wait_until_healthy(self, patience: float = PATIENCE) -> None:
        """Return once pages are answered; raise PortalError when it ends first or takes too long."""
        deadline = time.monotonic() + patience
        while not self._healthy():
            ended = next((child for child in self.children if not child.running), None)
            if ended is not None:
                raise PortalError(f"The portal ended at start:\n{ended.tail()}")
            if time.monotonic() > deadline:
                raise PortalError(f"The portal did not answer at {self.url}:\n{self.children[0].tail()}")
            time.sleep(0.1)

    def _healthy(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}health", timeout=2, trust_env=False).is_success
        return False
