"""Draining a backlog of notices to a mail server on this machine, against bare `smtplib`.

Ours claims, renders, sends and records each with proof; the baseline hands letters of the same size, made
before the clock runs, to the same server over as many kept connections, and keeps no record at all.
"""

import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from typing import Any, Final

from sqlalchemy import Engine, insert, select

from benchmarks import city as cities
from benchmarks.result import Line, Target
from casework import clock
from casework.delivery import deliver_due
from casework.texts import texts_of
from models import Delivery, Notice, Person
from models.database import reading, writing
from notifications.settings import ChannelSettings

SENDERS: Final = 4
SLOWEST_MS: Final = 5.0
"""Milliseconds a notice: 200 a second."""

CONTEXT: Final = {
    "case_number": "YY2024-0001",
    "recipient_name": "李娜",
    "lead_name": "岳阳石化有限公司",
    "effective_at": "2024-07-08T09:00:00+08:00",
    "district_name": "平江县科学技术局",
}


class Undelivered(AssertionError):
    """Not every notice was sent and proved: the figure would mean nothing."""


def run(engine: Engine, notices: int = 3_000, warm_up: int = 200) -> list[Line]:
    """Measure the draining of `notices`, after those of a warm-up."""
    city = cities.found(engine)
    with sink() as port:
        settings = ChannelSettings(
            smtp_url=f"mailto://127.0.0.1:{port}", mail_from="beian@example.cn", senders=SENDERS
        )
        _drain(engine, city.case.subject, settings, warm_up)
        ours = _drain(engine, city.case.subject, settings, notices)
        bare = _bare(port, notices)
    return [
        Line(
            "deliver",
            engine.dialect.name,
            ours * 1_000 / notices,
            bare * 1_000 / notices,
            "ms",
            Target("ours", SLOWEST_MS),
            f"{notices / ours:.0f} notices a second; bare smtplib {notices / bare:.0f}",
        )
    ]


def _drain(engine: Engine, subject: int, settings: ChannelSettings, count: int) -> float:
    before = _owe(engine, subject, count)

    def now() -> Any:
        with reading(engine) as connection:
            return clock.now(connection)

    began = time.perf_counter()
    report = deliver_due(engine, cache(partial(texts_of, engine)), settings, now, count)
    took = time.perf_counter() - began
    with reading(engine) as connection:
        table = Delivery.__table__
        proved = connection.execute(select(table.c.ok).where(table.c.notice_id > before)).scalars().all()
    if [attempt.state for attempt in report.attempts] != ["sent"] * count or proved != [True] * count:
        raise Undelivered(report.attempts[:1])
    return took


def _owe(engine: Engine, subject: int, count: int) -> int:
    """Notices of one case to as many people; the number of the last one before them."""
    notices, people = Notice.__table__, Person.__table__
    with writing(engine) as connection:
        now = clock.now(connection)
        before = max(connection.execute(select(notices.c.id)).scalars(), default=0)
        connection.execute(notices.update().where(notices.c.state == "pending").values(state="dead"))
        for some in _chunks(count):
            rows = [
                {
                    "name": "李娜",
                    "handle": f"p{before}-{n}",
                    "email": f"p{n}@example.cn",
                    "language": "zh",
                    "active": True,
                }
                for n in some
            ]
            made = connection.execute(insert(people).returning(people.c.id), rows).scalars().all()
            connection.execute(
                insert(notices),
                [
                    {
                        "subject_id": subject,
                        "cause": "rung recommendation 1 benchmark",
                        "text": "submitted",
                        "recipient_id": person,
                        "channel": "email",
                        "language": "zh",
                        "urgency": 1,
                        "state": "pending",
                        "context": CONTEXT,
                        "created_at": now,
                        "not_before": now - timedelta(seconds=1),
                        "attempts": 0,
                        "strikes": 0,
                        "possibly_twice": False,
                        "message_id": f"<{before}-{person}@beian>",
                    }
                    for person in made
                ],
            )
    return before


def _chunks(count: int) -> Iterator[range]:
    return (range(first, min(first + 500, count)) for first in range(0, count, 500))


def _bare(port: int, count: int) -> float:
    letter = b"Subject: x\r\nContent-Type: text/plain\r\n\r\n" + (b"x" * 70 + b"\r\n") * 35

    def send(share: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            for _ in range(share):
                server.sendmail("beian@example.cn", ["p@example.cn"], letter)

    began = time.perf_counter()
    with ThreadPoolExecutor(SENDERS) as threads:
        list(threads.map(send, [count // SENDERS] * SENDERS))
    return time.perf_counter() - began


@contextmanager
def sink() -> Iterator[int]:
    """A mail server in a process of its own; gives its port."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.mail_sink"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.communicate()
