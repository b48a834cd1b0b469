"""The portal as `beian up` serves it, in processes of its own, with people who have signed in."""

import os
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, insert

from casework import clock
from casework.sessions import digest
from deployments.portal import Portal
from models import Session
from models.database import writing

PROCESSES: Final = 2
"""How many processes serve the portal, as `beian up` has it."""

UP: Final = "Application startup complete"
"""What each process writes to the log once it answers."""

_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A portal that answers: its port, and its processes."""

    port: int
    _pids: tuple[int, ...]

    def cpu(self) -> float:
        """Return the processor time that its processes have taken so far, in seconds."""
        return sum(_cpu(pid) for pid in self._pids)


@contextmanager
def served(engine: Engine) -> Iterator[Served]:
    """Serve the portal on the database of ``engine``, once it answers; ended afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = engine.url.render_as_string(hide_password=False)
    with tempfile.TemporaryDirectory(prefix="beian-portal-") as folder:
        portal = Portal(Path(folder), port, {**os.environ, "BEIAN_DATABASE_URL": address}, PROCESSES)
        portal.launch()
        try:
            portal.wait_until_healthy()
            # One of them is enough to answer that.
            while (Path(folder) / "portal.log").read_text(encoding="utf-8").count(UP) < PROCESSES:
                time.sleep(0.1)
            yield Served(port, tuple(child.pid for child in portal.children if child.pid is not None))
        finally:
            portal.stop()


def session(person: int) -> str:
    """Return the token of the session that ``sign_in`` began for a person."""
    return f"session-of-{person}"


def sign_in(engine: Engine, people: Iterable[int]) -> None:
    """Begin a session of an hour for each of ``people``, by their ids."""
    now = clock.present(None)
    with writing(engine) as connection:
        connection.execute(
            insert(Session.__table__),
            [
                {
                    "person_id": person,
                    "token_digest": digest(session(person)),
                    "browser_digest": digest(f"browser of {person}"),
                    "browser": "benchmark",
                    "started_at": now,
                    "seen_at": now,
                    "ends_at": now.add(hours=1),
                }
                for person in people
            ],
        )


def spread(seconds: Iterable[float]) -> dict[str, float]:
    """Return how long half, nine in ten, 99 in a hundred, and all of the measurements took at most."""
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    found = {name: ordered[min(len(ordered) - 1, int(len(ordered) * part))] for name, part in at.items()}
    return {name: round(value, 3) for name, value in {**found, "most": ordered[-1]}.items()}


def _cpu(pid: int) -> float:
    # The name of the program stands in brackets and may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
