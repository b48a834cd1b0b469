"""The storm: simulated months pass while workers, people, mail and database are killed and come back.

Time moves only while everything that is due has been done, so that the storm must end as a calm does.
"""

import os
import random
import signal
import socket
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Engine, and_, func, or_, select

from casework import breakers, clock, story
from casework.wake import LAG
from models import Notice
from models.database import DatabaseUnusable, reading
from models.notice import UNSENT
from procedure.instant import instant
from tests.storm import people, sink
from tests.storm.cluster import Cluster
from tests.storm.fate import ENDS, Step

_notices = Notice.__table__
_fork = get_context("fork")

WORKERS: Final = 2
ACTORS: Final = 2
PAUSE: Final = (0.05, 0.4)
"""Seconds between two blows, from and to, while there is something to do."""

CALMER: Final = 600
"""Cases for which ``PAUSE`` holds; more have as much more work to do between two blows."""

BLOWS: Final = ("worker", "worker", "worker", "worker", "actor", "actor", "mail", "database")
"""What is killed in each round of blows, in an order of chance."""


AIMED: Final = 0.7
"""How many of the blows at workers wait for a letter, between whose taking and recording they fall.

Those at people all wait for an answer, to fall before it is noted, and those at the database while people act
for a note, to fall when an act has just been promised.
"""

AT_ACTS: Final = ("actor", "database")
"""What is struck while people act, before anything else in a round."""

MOMENT: Final = 0.5
"""Seconds for which such a blow waits."""


class Stuck(AssertionError):
    """What is due stays undone, or a process that nobody killed has ended."""


@dataclass
class Storm:
    """A storm over one database; ``kills`` are its blows so far: when, by the machine's clock, and what."""

    engine: Engine
    folder: Path
    port: int
    cases: int
    steps: list[Step]
    cluster: Cluster | None = None
    without: str | None = None
    chance: random.Random = field(default_factory=random.Random)
    say: Callable[[str], None] = lambda _: None
    kills: list[tuple[float, str]] = field(default_factory=list)
    _alive: dict[str, BaseProcess] = field(default_factory=dict)
    _blows: list[str] = field(default_factory=list)
    promised: int = 0
    """How often the database was stopped when an act had just been promised."""
    _next: float = 0.0
    _calm: bool = False

    @property
    def mail(self) -> Path:
        """What the mail server acknowledged."""
        return self.folder / "mail"

    def answers(self) -> dict[str, str]:
        """Return what each act was answered, by its key."""
        return {
            key: said
            for n in range(ACTORS)
            for key, said in people.done_in(self.folder / f"actor-{n}").items()
        }

    def asked_again(self) -> int:
        """Return how often an act was asked for again after it had been answered."""
        return sum(people.asked_again(self.folder / f"actor-{n}") for n in range(ACTORS))

    def rage(self, *, calm: bool = False) -> None:
        """Let the months pass; in a ``calm`` nothing is killed."""
        self._calm, self._next = calm, time.monotonic() + 1
        try:
            for name in ("mail", *self._names()):
                self._start(name)
            self._pass()
        finally:
            for process in self._alive.values():
                process.kill()
                process.join()

    def _words(self, name: str) -> Path:
        return self.folder / f"{name}.words"

    def _names(self) -> list[str]:
        return [f"worker-{n}" for n in range(WORKERS)] + [f"actor-{n}" for n in range(ACTORS)]

    def _start(self, name: str) -> None:
        kind, _, n = name.partition("-")
        url = self.engine.url.render_as_string(hide_password=False)
        jobs: dict[str, Callable[[], None]] = {
            "mail": lambda: sink.serve(self.port, self.mail),
            "worker": lambda: people.work(url, self.folder / f"{name}.idle", self.without),
            "actor": lambda: people.act(
                url, self.steps[int(n or 0) :: ACTORS], self.folder / name, keys=self.without != "keys"
            ),
        }
        # A child must not speak over its parent's connections.
        self.engine.dispose()
        self._alive[name] = _fork.Process(
            target=_speaking, args=(jobs[kind], self._words(name)), name=name, daemon=True
        )
        self._alive[name].start()
        if name == "mail":
            # Time must not pass while it only begins: what is tried in vain too often is given up.
            _await(self.port)

    def _pass(self) -> None:
        while True:
            self._settle()
            to = self._ask(self._next_instant)
            self.say(f"{to}: {len(self.kills)} kills, {len(sink.letters(self.mail))} letters")
            if to is None or to > ENDS:
                return
            self._ask(lambda at=to: story.move(self.engine, at))

    def _settle(self) -> None:
        """Wait until everything due is done and every worker has found nothing to do since."""
        patience = 120 + len(self.steps) / 20
        until = time.monotonic() + patience
        quiet: float | None = None
        while time.monotonic() < until:
            looked = time.monotonic()
            for name, process in self._alive.items():
                if not process.is_alive():
                    raise Stuck(f"{name} ended by itself: {_last_words(self._words(name))}")
            if left := self._ask(self._left):
                quiet = None
                if not self._calm:
                    self._blow(self._acting(left))
            elif quiet is None:
                quiet = time.time()
            elif all(self._idle_since(n) > quiet for n in range(WORKERS)):
                return
            # Looking is work too, and more of it in a large town.
            time.sleep(max(0.03, 5 * (time.monotonic() - looked)))
        raise Stuck(f"still to do after {patience} s: {self._ask(self._left)}")

    def _idle_since(self, n: int) -> float:
        path = self.folder / f"worker-{n}.idle"
        return path.stat().st_mtime if path.exists() else 0.0

    def _left(self) -> set[str]:
        """What is due now and not done."""
        due = story.left_due(self.engine)
        with reading(self.engine) as connection:
            now = clock.now(connection)
            waiting = connection.execute(
                select(func.count()).where(
                    UNSENT,
                    _notices.c.not_before <= now,
                    or_(_notices.c.state != "sending", _notices.c.leased_until <= now),
                )
            ).scalar_one()
            if (again := _mail_again(connection)) is not None and again > now:
                # Mail is known to be away: it is tried again later.
                waiting = 0
        answered = self.answers()
        left = {step.key for step in self.steps if step.at <= now and step.key not in answered}
        if due:
            left.add(f"{len(due)} subjects")
        if waiting:
            left.add(f"{waiting} notices")
        return left

    def _next_instant(self) -> pendulum.DateTime | None:
        """When something happens next, by itself, by a person or because a notice has its turn."""
        with reading(self.engine) as connection:
            now = clock.now(connection)
            turn = connection.execute(
                select(func.min(_notices.c.not_before)).where(and_(UNSENT, _notices.c.not_before > now))
            ).scalar()
            again = _mail_again(connection)
        wakes = story.next_due(self.engine, ())
        return min(
            (
                # Pauses differ by milliseconds: what has its turn within a minute has it together.
                *([] if turn is None else [_full_minute(instant(turn))]),
                *([] if again is None or again <= now else [again]),
                *([] if wakes is None else [instant(wakes + LAG)]),
                *(step.at for step in self.steps if step.at > now),
            ),
            default=None,
        )

    def _ask(self, question: Callable[[], Any]) -> Any:
        while True:
            try:
                return question()
            except DatabaseUnusable:
                time.sleep(0.05)

    def _acting(self, left: set[str]) -> list[str]:
        """The actors that have an act to carry out now."""
        return [
            f"actor-{n}"
            for n in range(ACTORS)
            if not left.isdisjoint(step.key for step in self.steps[n::ACTORS])
        ]

    def _blow(self, acting: list[str]) -> None:
        """Kill something, when it is time, and start it again; of the actors one that is ``acting``.

        People act for moments only: the turn of what is struck then comes at once.
        """
        if not self._blows:
            self._blows = self.chance.sample(BLOWS, len(BLOWS))
        their_turn = bool(acting) and any(what in self._blows for what in AT_ACTS)
        if time.monotonic() < self._next and not their_turn:
            return
        able = [what for what in self._blows if (what in AT_ACTS if their_turn else what != "actor")]
        if not able:
            # Only people are left in this round, and nobody acts.
            self._blows = []
            return
        what = able[0]
        self._blows.remove(what)
        choice = acting if what == "actor" else [name for name in self._alive if name.startswith(what)]
        name = self.chance.choice(choice or [what])
        if name == "database" and self.cluster is None:
            return
        if what == "actor":
            self._aim(people.heard_by(self.folder / name))
        elif what == "worker" and self.chance.random() < AIMED:
            self._aim(self.mail)
        elif what == "database" and their_turn:
            self.promised += self._aim(*(self.folder / name for name in acting))
        self.kills.append((time.time(), what))
        if self.cluster is not None and name == "database":
            self.cluster.stop()
            time.sleep(self.chance.uniform(0, 0.5))
            self.cluster.start(durable=self.without != "durability")
        else:
            process = self._alive[name]
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            if name == "mail":
                time.sleep(self.chance.uniform(0, 0.5))
            self._start(name)
        self._next = time.monotonic() + self.chance.uniform(*PAUSE) * max(1, self.cases / CALMER)

    def _aim(self, *at: Path) -> bool:
        """Wait a moment for another line in one of ``at``, and tell whether it came."""
        until, before = time.monotonic() + MOMENT, sum(map(_size, at))
        while time.monotonic() < until:
            if sum(map(_size, at)) != before:
                return True
            time.sleep(0.002)
        return False


def _speaking(job: Callable[[], None], words: Path) -> None:
    """Do the job; what ends it otherwise than by a kill is left in ``words``."""
    try:
        job()
    except BaseException:
        words.write_text(traceback.format_exc(), encoding="utf-8")
        raise


def _last_words(words: Path) -> str:
    return words.read_text(encoding="utf-8") if words.exists() else "without a word"


def _await(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _full_minute(at: pendulum.DateTime) -> pendulum.DateTime:
    minute = at.start_of("minute")
    return at if at == minute else minute.add(minutes=1)


def _mail_again(connection: Connection) -> pendulum.DateTime | None:
    """When mail that is out of order is tried again."""
    health = breakers.health(connection, "email").get(breakers.SHARED)
    return None if health is None or health.retry_at is None else instant(health.retry_at)
