"""Child processes that end when their parent does, however it ends.

A child holds the reading end of a pipe whose writing end only its parent has: even a killed parent closes it.
"""

import os
import runpy
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE = 15.0
LARGEST_LOG = 10_000_000


class Child:
    """One Python module run as a process, writing to a log, startable again after it ends."""

    def __init__(
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str],
        log: Path,
        keep: Sequence[int] = (),
    ) -> None:
        self.module = module
        self.log = log
        self._command = [sys.executable, "-P", "-m", "deployments.child", module, *arguments]
        self._environment = dict(environment)
        self._keep = tuple(keep)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def start(self) -> None:
        """Start the process; its output is appended to the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            # A session of its own keeps the terminal's Ctrl-C away: the parent stops children in order.
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                pass_fds=self._keep,
                start_new_session=True,
            )
        self._started = time.monotonic()

    @property
    def pid(self) -> int | None:
        """The process id, or None before the first start."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def age(self) -> float:
        """Seconds since the last start."""
        return time.monotonic() - self._started

    def stop(self, grace: float = GRACE) -> None:
        """Ask the process to end, and kill it when it has not after `grace` seconds."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None

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


def _end_with_parent() -> None:
    # Not sys.stdin: a thread blocked in it makes the interpreter abort at exit.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def _main() -> None:
    module, *arguments = sys.argv[1:]
    threading.Thread(target=_end_with_parent, name="tether", daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
