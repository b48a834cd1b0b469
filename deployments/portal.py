"""The portal's process: on this machine only, on the same database as the worker."""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx

from deployments.child import Child
from deployments.server import is_free

MODULE: Final = "web.serve"
PATIENCE: Final = 60.0


class PortalError(Exception):
    """The portal did not come up; the message says why and ends with its log's last lines."""


class Portal:
    """The portal on a port of 127.0.0.1, its documents beside the database in `state`/files."""

    def __init__(self, state: Path, port: int, environment: Mapping[str, str]) -> None:
        self.port = port
        self.child = Child(MODULE, str(state), str(port), environment=environment, log=state / "portal.log")

    @property
    def url(self) -> str:
        """The address at which people on this machine open it."""
        return f"http://127.0.0.1:{self.port}/"

    def launch(self) -> None:
        """Start the process without waiting for it; raises PortalError when another program has the port."""
        if not is_free(self.port):
            raise PortalError(f"Port {self.port} of 127.0.0.1 is in use; choose another.")
        self.child.start()

    def wait_until_healthy(self, patience: float = PATIENCE) -> None:
        """Return once pages are answered; raise PortalError when it ends first or takes too long."""
        deadline = time.monotonic() + patience
        while not self._healthy():
            if not self.child.running:
                raise PortalError(f"The portal ended at start:\n{self.child.tail()}")
            if time.monotonic() > deadline:
                raise PortalError(f"The portal did not answer at {self.url}:\n{self.child.tail()}")
            time.sleep(0.1)

    def _healthy(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}health", timeout=2, trust_env=False).is_success
        return False
