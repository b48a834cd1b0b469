"""From a person's act to the message handed to the mail server, with everything `beian up` keeps running.

Server and worker are processes of their own; this process acts and pokes as portal and terminal do, and is
the mail server too, so that one clock tells both instants.
"""

import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from statistics import median
from typing import Any, Final
from unittest.mock import patch

from aiosmtpd.controller import Controller
from sqlalchemy import Engine, select

from benchmarks import city as cities
from benchmarks.herd import copies
from benchmarks.result import Line, Target
from deployments.poke import flush, poke
from deployments.run import running
from models import Notice
from models.database import reading

SLOWEST_S: Final = 2.0
PATIENCE: Final = 60.0
WARM_UP: Final = 3

_notices = Notice.__table__


class NotHandedOver(AssertionError):
    """A notice of an act did not arrive: the figure would mean nothing."""


class Arrivals:
    """A mail server that remembers when each message came."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._came = threading.Condition()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content)
        with self._came:
            self._at.setdefault(str(message["Message-ID"]), time.perf_counter())
            self._came.notify_all()
        return "250 taken"

    def last_of(self, messages: frozenset[str]) -> float:
        """Wait for all of `messages`; return when the last of them came. Raises NotHandedOver."""
        with self._came:
            if not self._came.wait_for(lambda: messages <= self._at.keys(), PATIENCE):
                raise NotHandedOver(f"{len(messages - self._at.keys())} of {len(messages)} did not come")
            return max(self._at[each] for each in messages)


def run(engine: Engine, acts: int = 30) -> list[Line]:
    """Measure `acts` acts, one at a time, each some seconds after the last: the lane is idle before each."""
    city = cities.found(engine)
    cities.move(engine, "2024-08-05T09:00")
    cities.act(engine, city, city.case, "district", "accept_online", {})
    cases = copies(engine, city.case, acts + WARM_UP)
    cities.move(engine, "2024-08-05T09:30")
    took: list[float] = []
    with _up(engine) as arrivals:
        arrivals.last_of(_owed(engine, [city.case.subject, *(case.subject for case in cases)]))
        for n, case in enumerate(cases):
            # Neither in step with the lanes' schedules nor with the worker's questions.
            time.sleep(1 + n * 0.37 % 1.5)
            cities.act(engine, city, case, "district", "endorse", {"opinion": "同意推荐"})
            began = time.perf_counter()
            poke("recommendation")
            poke("notices")
            took.append(arrivals.last_of(_owed(engine, [case.subject])) - began)
    took = sorted(took[WARM_UP:])
    line = Line(
        "handover",
        engine.dialect.name,
        took[-1],
        median(took),
        "s",
        Target("ours", SLOWEST_S),
        f"the slowest of {acts} acts (p99), against our own median",
    )
    return [line]


def _owed(engine: Engine, subjects: list[int]) -> frozenset[str]:
    with reading(engine) as connection:
        query = select(_notices.c.message_id).where(_notices.c.subject_id.in_(subjects))
        found = frozenset(connection.execute(query).scalars())
    if not found:
        raise NotHandedOver("the act told nobody")
    return found


@contextmanager
def _up(engine: Engine) -> Iterator[Arrivals]:
    arrivals = Arrivals()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(arrivals, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        mail = {"BEIAN_SMTP_URL": f"mailto://127.0.0.1:{port}", "BEIAN_MAIL_FROM": "beian@example.cn"}
        address = engine.url.render_as_string(hide_password=False)
        with (
            tempfile.TemporaryDirectory(prefix="beian-bench-") as folder,
            patch.dict(os.environ, mail),
            running(Path(folder), address) as program,
            patch.dict(os.environ, {"PREFECT_API_URL": program.api_url}),
        ):
            yield arrivals
            flush()
    finally:
        controller.stop(no_assert=True)
