"""The processes of the storm: a worker does what nobody does, an actor carries out people's acts."""

import os
import random
import time
from functools import cache, partial
from pathlib import Path

from casework import clock, wake
from casework.access import Claim
from casework.acts import Busy, Receipt, Request, perform
from casework.delivery import deliver_due
from casework.texts import texts_of
from models.database import DatabaseUnusable, connect, reading
from notifications.settings import ChannelSettings
from tests.storm import guards
from tests.storm.fate import Step

PAUSE = 0.05


def work(url: str, idle: Path, without: str | None = None) -> None:
    """Sweep and deliver until killed, ``without`` a guard if one is named.

    Touches ``idle`` after each round in which there was nothing to do.
    """
    guards.IN_WORKER.get(without or "", lambda: None)()
    engine, settings = connect(url), ChannelSettings()
    texts = cache(partial(texts_of, engine))

    def now() -> object:
        with reading(engine) as connection:
            return clock.now(connection)

    while True:
        try:
            swept = [wake.sweep(engine, kind) for kind in ("call", "application")]
            sent = deliver_due(engine, texts, settings, now, limit=500)  # type: ignore[arg-type]
        except DatabaseUnusable:
            time.sleep(PAUSE)
            continue
        if not sent.attempts and not any(each.moved or each.climbed for each in swept):
            idle.touch()
            time.sleep(PAUSE)


def act(url: str, steps: list[Step], journal: Path, *, keys: bool = True) -> None:
    """Carry out each step when its time has come, noting it in ``journal`` a moment after it was answered.

    A step that was not noted is asked for again, with the same key (or with none). Each answer is told in
    the file beside the journal (`heard_by`) as it comes.
    """
    engine = connect(url)
    done = set(done_in(journal))
    with (
        journal.open("a", encoding="utf-8") as lines,
        heard_by(journal).open("a", encoding="utf-8", buffering=1) as heard,
    ):
        for step in steps:
            while step.key not in done:
                try:
                    with reading(engine) as connection:
                        come = clock.now(connection) >= step.at
                    if not come:
                        time.sleep(PAUSE)
                        continue
                    request = Request(
                        step.subject,
                        step.act,
                        Claim(step.person, step.role),
                        step.payload,
                        step.key if keys else None,
                    )
                    answer = perform(engine, request)
                except (DatabaseUnusable, Busy):
                    time.sleep(PAUSE)
                    continue
                said = "done" if isinstance(answer, Receipt) else answer.code
                heard.write(f"{step.key} {said}\n")
                # Time in which this process may die, the act done and nobody told.
                time.sleep(random.uniform(0.005, 0.03))  # noqa: S311
                lines.write(f"{step.key} {said}\n")
                lines.flush()
                os.fsync(lines.fileno())
                done.add(step.key)
    while True:
        time.sleep(PAUSE)


def heard_by(journal: Path) -> Path:
    """Return where an actor tells each answer as it comes, a line ``KEY ANSWER``."""
    return journal.with_suffix(".heard")


def asked_again(journal: Path) -> int:
    """Return how many answers an actor heard to what had been answered before and was not noted."""
    path = heard_by(journal)
    heard = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return len(heard) - len({line.split()[0] for line in heard})


def done_in(journal: Path) -> dict[str, str]:
    """Return the keys of the steps that were answered, each with the answer."""
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True) if journal.exists() else []
    return dict(line.split() for line in lines if line.endswith("\n"))  # type: ignore[misc]
