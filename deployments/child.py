"""Child processes that end when their parent does, however it ends, and start again in a moment."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

GRACE = 20.0
LARGEST_LOG = 10_000_000


class Child:
    """One Python module run as a process, writing to a log, startable again after it ends.

    It is forked by a nursery of its own (see `deployments.nursery`), which has `imports` in memory already.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str],
        log: Path,
        keep: Sequence[int] = (),
        imports: Sequence[str] = (),
    ) -> None:
        self.module = module
        self.log = log
        self._arguments = [",".join(imports), module, *arguments]
        self._environment = dict(environment)
        self._keep = tuple(keep)
        self._nursery: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._told: int | None = None
        self._listening = threading.Lock()
        self._started = 0.0

    def start(self) -> None:
        """Start the process; its output is appended to the log. Only when it is not running."""
        with self._listening:
            if self._nursery is None or self._nursery.poll() is not None:
                self._open_nursery()
            self._told = None
            self._order()
        self._started = time.monotonic()

    @property
    def pid(self) -> int | None:
        """The process id, awaited while the nursery imports; None where there is no process."""
        while self.running and self._told is None:
            self._listen(0.1)
        return self._told or None

    @property
    def running(self) -> bool:
        """Whether the process is there, or about to be."""
        if self._nursery is None or self._nursery.poll() is not None:
            return False
        self._listen(0)
        return self._told != 0

    @property
    def age(self) -> float:
        """Seconds since the last start."""
        return time.monotonic() - self._started

    def stop(self, grace: float = GRACE) -> None:
        """Ask the process to end, and kill it when it has not after `grace` seconds."""
        if self._nursery is None or self._line is None:
            return
        self._line.shutdown(socket.SHUT_WR)
        try:
            self._nursery.wait(grace)
        except subprocess.TimeoutExpired:
            if pid := self._told:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._nursery.kill()
            self._nursery.wait()
        self._line.close()
        self._nursery = self._line = None

    def tail(self, lines: int = 20) -> str:
        """Return the last lines of the log, for an error message."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def trim_log(self) -> None:
        """Move a log that has grown large aside, keeping one old copy."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            shutil.copyfile(self.log, self.log.with_name(f"{self.log.name}.1"))
            os.truncate(self.log, 0)

    def _open_nursery(self) -> None:
        if self._line:
            self._line.close()
        self._line, theirs = socket.socketpair()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output, theirs:
            # A session of its own keeps the terminal's Ctrl-C away: the parent stops children in order.
            self._nursery = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", "-m", "deployments.nursery", f"{theirs.fileno()}", *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                pass_fds=[theirs.fileno(), *self._keep],
                start_new_session=True,
            )

    def _order(self) -> None:
        if self._line:
            self._line.sendall(b"\n")

    def _listen(self, patience: float) -> None:
        with self._listening:
            if self._line and select.select([self._line], [], [], patience)[0]:
                said = self._line.recv(1024).split()
                if said:
                    self._told = int(said[-1])
