"""Back after a day: every rung that fell due meanwhile is out or merged, while people go on working.

Sweeps and delivery run in this thread as their lanes run them; a person acts in another one, on cases of
their own. The baseline of the acts is the same person at work once all is quiet again.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from statistics import quantiles
from typing import Any, Final

from sqlalchemy import Engine, func, select, update

from benchmarks import city as cities
from benchmarks.city import Case, City
from benchmarks.deliver import SENDERS, sink
from benchmarks.due import LATER, TO_FORMAL_REVIEW
from benchmarks.herd import copies, settle
from benchmarks.result import Line, Target
from casework import clock, wake
from casework.delivery import deliver_due
from casework.ladders import Climbed
from casework.texts import texts_of
from casework.timers import LAPSE
from models import Delivery, Notice, Subject, Timer
from models.database import reading, writing
from models.notice import UNSENT
from notifications.settings import ChannelSettings
from procedure.instant import local_instant

DOWN: Final = "2024-08-12T09:00"
BACK: Final = "2024-08-13T09:01"
"""A day later, and the minute that sweeps leave to people's acts."""

REVIEWED_SINCE: Final = ("2024-08-05T09:00", "2024-08-06T09:00", "2024-08-12T08:00")
"""When the cases came under review, for five working days: they end during the outage, today, and later."""
ENDORSED: Final = "2024-08-09T09:00"

DEADLINE: Final = "formal_review"
LATE: Final = frozenset(
    {("last_day", "skipped", "merged"), (LAPSE, "fired", None), ("to_supervisor", "fired", None)}
)
NEARLY: Final = frozenset({("one_day_before", "skipped", "merged"), ("last_day", "fired", None)})
"""What is to come of the rungs of the first two."""

BATCH: Final = 500
MINUTES: Final = 10
"""For ten thousand cases; fewer have as much less."""
ACT_SECONDS: Final = 2
PAUSE: Final = 0.1
"""Seconds between two acts of the person."""
QUIET: Final = 100
"""Acts that are measured afterwards, at most."""

_notices = Notice.__table__
_subjects = Subject.__table__
_timers = Timer.__table__


class NotCaughtUp(AssertionError):
    """Something overdue is still waiting, or came twice: the figure would mean nothing."""


@dataclass(frozen=True, slots=True)
class Herd:
    """Cases numbered from `first` to `last` with what is to come of their rungs, and which rung is sent."""

    first: int
    last: int
    rungs: frozenset[tuple[str, str, str | None]]
    sends: str

    @property
    def size(self) -> int:
        """How many cases."""
        return self.last - self.first + 1


@dataclass(slots=True)
class Worker:
    """A person who reviews one case after the other, and how long each act took, in seconds."""

    engine: Engine
    city: City
    cases: list[Case]
    took: list[float] = field(default_factory=list[float])

    def act(self) -> None:
        """Review the next case."""
        case = self.cases.pop()
        began = time.perf_counter()
        cities.act(self.engine, self.city, case, "officer", "pass_review", {})
        self.took.append(time.perf_counter() - began)


def run(engine: Engine, cases: int = 1_000, acts: int = 400) -> list[Line]:
    """Let `cases` cases miss a day, and measure how long it takes to make up for it."""
    city = cities.found(engine)
    herds, reviewed = _seed(engine, city, cases, acts)
    # Whatever the person has time for meanwhile, some are left for afterwards.
    kept = min(QUIET, len(reviewed) // 2)
    person, quiet = Worker(engine, city, reviewed[kept:]), Worker(engine, city, reviewed[:kept])
    with sink() as port:
        settings = ChannelSettings(
            smtp_url=f"mailto://127.0.0.1:{port}", mail_from="beian@example.cn", senders=SENDERS
        )
        began = time.perf_counter()
        with _at_work(person):
            climbed = _sweep(engine, city)
            swept = time.perf_counter() - began
            sent = _deliver(engine, settings)
            took = time.perf_counter() - began
        # The last act may have told people after the last look at what waits.
        sent += _deliver(engine, settings)
    _check(engine, herds, climbed, sent)
    while quiet.cases:
        quiet.act()
    name = engine.dialect.name
    return [
        Line(
            "outage",
            name,
            took,
            swept,
            "s",
            Target("ours", MINUTES * 60 * cases / 10_000),
            f"{cases} cases, {sum(sent.values())} notices; the baseline is the sweep alone",
        ),
        Line(
            "outage_act_p99",
            name,
            _p99(person.took),
            _p99(quiet.took),
            "s",
            Target("ours", ACT_SECONDS),
            f"{len(person.took)} acts meanwhile, slowest {max(person.took):.2f} s; baseline: afterwards",
        ),
    ]


def _seed(engine: Engine, city: City, cases: int, acts: int) -> tuple[tuple[Herd, ...], list[Case]]:
    """Make `cases` cases with a review that ended during the outage or ends today, and cases for a person."""
    models = copies(engine, city.case, len(REVIEWED_SINCE))
    for model, day in zip(models, REVIEWED_SINCE, strict=True):
        for name, who, payload in TO_FORMAL_REVIEW:
            cities.move(engine, day if name == "deliver_papers" else min(day, ENDORSED))
            cities.act(engine, city, model, who, name, payload)
    cities.move(engine, DOWN)
    _sweep(engine, city)
    with writing(engine) as connection:
        # What people were to be told before the outage, they were told.
        connection.execute(update(_notices).values(state="dead"))
    late, nearly, later = models
    herds = (
        _herd(engine, late, cases // 2, 10, LATE, "to_supervisor"),
        _herd(engine, nearly, cases - cases // 2, 200_010, NEARLY, "last_day"),
    )
    reviewed = copies(engine, later, acts, 400_010)
    with writing(engine) as connection:
        # The models are not of the ten thousand.
        ids = [model.subject for model in models]
        connection.execute(update(_subjects).where(_subjects.c.id.in_(ids)).values(wake_at=LATER))
    settle(engine)
    cities.move(engine, BACK)
    return herds, reviewed


def _herd(
    engine: Engine,
    model: Case,
    size: int,
    first: int,
    rungs: frozenset[tuple[str, str, str | None]],
    sends: str,
) -> Herd:
    made = copies(engine, model, size, first)
    return Herd(made[0].subject, made[-1].subject, rungs, sends)


def _sweep(engine: Engine, city: City) -> list[Climbed]:
    """Sweep the call, then its cases until nothing is due; SQLite's politeness sleep is part of it."""
    wake.sweep(engine, "call")
    done = wake.sweep(engine, "application", parent=city.call)
    if done.failed:
        raise NotCaughtUp(f"{done.failed} cases failed")
    return list(done.climbed)


def _deliver(engine: Engine, settings: ChannelSettings) -> Counter[str]:
    """Deliver in the lane's batches until nothing is due."""

    def now() -> Any:
        with reading(engine) as connection:
            return clock.now(connection)

    texts = cache(partial(texts_of, engine))
    states: Counter[str] = Counter()
    while attempts := deliver_due(engine, texts, settings, now, BATCH).attempts:
        states.update(attempt.state for attempt in attempts)
    return states


@contextmanager
def _at_work(person: Worker) -> Iterator[None]:
    """Let the person act in a thread of their own until the block ends; what went wrong there is raised."""
    over = threading.Event()

    def work() -> None:
        while person.cases:
            person.act()
            if over.wait(PAUSE):
                return

    with ThreadPoolExecutor(1) as thread:
        working = thread.submit(work)
        try:
            yield
        finally:
            over.set()
        working.result()


def _check(engine: Engine, herds: Sequence[Herd], climbed: Sequence[Climbed], sent: Counter[str]) -> None:
    """Raise NotCaughtUp unless every rung came or was merged, exactly once, and every notice left."""
    told: Counter[str] = Counter()
    with reading(engine) as connection:
        now = clock.now(connection)
        for herd in herds:
            rows = connection.execute(
                select(_timers.c.rung, _timers.c.state, _timers.c.why, func.count())
                .where(
                    _timers.c.subject_id.between(herd.first, herd.last),
                    _timers.c.deadline == DEADLINE,
                    _timers.c.at.between(local_instant(DOWN), now),
                )
                .group_by(_timers.c.rung, _timers.c.state, _timers.c.why)
            )
            found = {(rung, state, why): count for rung, state, why, count in rows}
            wanted = {(*each, herd.size) for each in herd.rungs}
            if {(*key, count) for key, count in found.items()} != wanted:
                raise NotCaughtUp(f"{herd.size} cases of each were wanted as {herd.rungs}: {found}")
            told[herd.sends] += herd.size
        fired = Counter(each.sent for each in climbed)
        if fired != told or any(each.people == 0 for each in climbed):
            raise NotCaughtUp(f"{told} were to be sent, each to somebody: {fired}")
        of_rungs = connection.execute(
            select(func.count()).where(
                _notices.c.cause.like(f"rung {DEADLINE} %"), _notices.c.state == "sent"
            )
        ).scalar_one()
        if of_rungs != sum(each.people for each in climbed):
            raise NotCaughtUp(f"{of_rungs} notices of rungs were sent")
        left = {
            "subjects are due": select(func.count()).where(_subjects.c.wake_at <= now - wake.LAG),
            "notices wait": select(func.count()).where(UNSENT, _notices.c.not_before <= now),
        }
        for what, query in left.items():
            if count := connection.execute(query).scalar_one():
                raise NotCaughtUp(f"{count} {what}")
        proved = connection.execute(select(func.count()).select_from(Delivery.__table__)).scalar_one()
        owed = connection.execute(select(func.count()).where(_notices.c.state == "sent")).scalar_one()
    if sent != {"sent": proved} or proved != owed:
        raise NotCaughtUp(f"{owed} notices are sent, {proved} attempts recorded: {sent}")


def _p99(took: Sequence[float]) -> float:
    return quantiles(took, n=100, method="inclusive")[98] if len(took) > 1 else took[0]
