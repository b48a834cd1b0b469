"""Delivers what waits in the outbox; the notices, and the proof of each attempt, are in the database."""

import asyncio
import datetime
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from prefect import flow, task
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from casework import clock, outbox, wake
from casework.delivery import Report, deliver_due
from casework.outbox import Attempt
from casework.texts import texts_of
from flows import linger as lingering
from flows.database import engine
from flows.report import SHOWN
from models.database import reading
from notifications.settings import ChannelSettings

BATCH = 500
PATIENCE = 300.0
"""Seconds after which a run leaves the rest to the next one, well before a worker gives it up as hanging."""
LOOK_EVERY = 0.25
"""Seconds from one look for new notices to the next."""


@task(name="deliver", retries=0)
async def deliver(linger: float) -> Report:
    """Deliver until nothing is due. The outbox repeats failed attempts itself, by its own pauses."""
    return await asyncio.to_thread(_deliver, linger)


@flow(name="notices")
async def notices(linger: float = 0) -> State:
    """Deliver every notice that is due; the run's state and table say what was sent and what was not.

    The run stays for `linger` seconds from its beginning, so that what an act owes leaves at once and not
    only when a run has been made for it.
    """
    started = await asyncio.to_thread(_now)
    report = await deliver(linger)
    states = Counter(attempt.state for attempt in report.attempts)
    await asyncio.to_thread(wake.note, engine(), "notices", started, states["sent"])
    if not report.configured:
        return Completed(name="No channel configured", message="Notices wait until BEIAN_SMTP_URL is set")
    if not report.attempts:
        return Completed(name="Nothing due")
    said = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    await acreate_table_artifact(
        key="notices", table=[_row(attempt) for attempt in report.attempts[-SHOWN:]], description=said
    )
    return Completed(name=f"Sent {states['sent']}", message=said)


def _deliver(linger: float) -> Report:
    settings = ChannelSettings()
    # Texts are pinned to a subject, but a call may move to another revision between two runs.
    texts = cache(partial(texts_of, engine()))
    attempts: list[Attempt] = []
    began = time.monotonic()
    ends = began + PATIENCE
    while time.monotonic() < ends:
        report = deliver_due(engine(), texts, settings, _now, BATCH, ends - time.monotonic())
        if not report.configured:
            return report
        if not report.attempts and not _something_new(settings.channels, began + linger):
            break
        attempts += report.attempts
    return Report(tuple(attempts))


def _something_new(channels: Sequence[str], until: float) -> bool:
    """Wait for a notice that nobody has tried yet; false when none came in time."""
    while time.monotonic() < until and lingering.stay(LOOK_EVERY):
        with reading(engine()) as connection:
            if outbox.fresh(connection, channels, clock.now(connection)):
                return True
    return False


def _now() -> datetime.datetime:
    with reading(engine()) as connection:
        return clock.now(connection)


def _row(attempt: Attempt) -> dict[str, Any]:
    """One line of the table, without the server's words: they name mailboxes, Prefect's pages are shared."""
    notice = attempt.notice
    return {
        "notice": notice.id,
        "case": notice.case,
        "text": notice.text,
        "to": notice.handle,
        "channel": notice.channel,
        "attempt": notice.attempt,
        "state": attempt.state,
        "possibly twice": notice.possibly_twice,
        "ms": attempt.answer.duration_ms,
    }
