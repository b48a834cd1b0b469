"""What must hold after a storm, whatever was killed."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Engine, Select, and_, bindparam, select

from casework.audit import verify
from casework.timers import LAPSE
from models import Deadline, Event, Incident, Notice, Person, Subject, Timer
from models.database import reading
from tests.storm import sink
from tests.storm.fate import Town
from tests.storm.weather import Storm

LEAST_MESSAGES: Final = 5
"""Letters a case that the mail server must have taken, or the storm does not count."""

LEAST_KILLS: Final = {"worker": 5, "actor": 1, "mail": 1, "database": 1}
"""Kills of each kind without which the storm does not count."""

MOMENT: Final = 1.0
"""Seconds within which the mail server has taken what had reached this machine's network."""

LEAST_TWICE: Final = 1
"""Letters that the mail server must have taken twice, or the storm does not count: the mark was not tried."""

LEAST_AGAIN: Final = 1
"""Acts that must have been asked for again once done, or the storm does not count: no key was tried."""

LEAST_PROMISED: Final = 1
"""Stops of PostgreSQL upon an act just promised without which the storm does not count."""

CHUNK: Final = 500
"""Cases whose rows are held in memory at once."""

_subjects = Subject.__table__
_events = Event.__table__
_timers = Timer.__table__
_deadlines = Deadline.__table__
_notices = Notice.__table__
_people = Person.__table__
_incidents = Incident.__table__


def wrong(storm: Storm, town: Town, calm: Engine, twin: Town) -> list[str]:
    """Return everything that is wrong after ``storm``; ``calm`` holds a town whose months were quiet."""
    return [
        *_lost_or_double(storm.engine, town, calm, twin),
        *_early(storm.engine),
        *_incidents_of(storm.engine),
        *_mail(storm),
        *_acts(storm),
        *_altered(storm.engine),
    ]


def uncounted(storm: Storm, town: Town) -> list[str]:
    """Return why a storm in which nothing went wrong shows too little to count."""
    kills = Counter(what for _, what in storm.kills)
    needed = {what: n for what, n in LEAST_KILLS.items() if what != "database" or storm.cluster}
    few = [f"{kills[what]} kills of {what}, needed {n}" for what, n in needed.items() if kills[what] < n]
    letters = sink.letters(storm.mail)
    taken = len({letter for _, letter in letters})
    twice, least = len(letters) - taken, LEAST_MESSAGES * len(town.cases)
    if taken < least:
        few.append(f"{taken} letters taken, needed {least}")
    if twice < LEAST_TWICE:
        few.append(f"{twice} letters taken twice, needed {LEAST_TWICE}")
    if storm.cluster and storm.promised < LEAST_PROMISED:
        few.append(f"PostgreSQL stopped {storm.promised} times upon an act, needed {LEAST_PROMISED}")
    if (again := storm.asked_again()) < LEAST_AGAIN:
        few.append(f"{again} acts asked for again once done, needed {LEAST_AGAIN}")
    return few


def _lost_or_double(engine: Engine, town: Town, calm: Engine, twin: Town) -> Iterator[str]:
    """Every case went the way of the case of its fate in the calm: events, rungs, notices, each once."""
    expected = dict(_ways(calm, twin))
    for place, way in _ways(engine, town):
        for part, rows in expected[town.fate(place)].items():
            for row, times in ((rows - way[part]) + (way[part] - rows)).items():
                which = "is missing" if rows[row] > way[part][row] else "should not be"
                yield f"case {place}: {part} {row} {which} ({times})"


def _ways(engine: Engine, town: Town) -> Iterator[tuple[int, "dict[str, Counter[Any]]"]]:
    """Each case's place with what became of it, the handle of its applicant apart."""
    for first in range(0, len(town.cases), CHUNK):
        places = {subject: first + n for n, subject in enumerate(town.cases[first : first + CHUNK])}
        ways = {place: {part: Counter[Any]() for part in _WAY} for place in places.values()}
        with reading(engine) as connection:
            for part, query in _WAY.items():
                for subject, *row in connection.execute(query, {"cases": list(places)}):
                    place = places[subject]
                    own = f"zhang{place}"
                    ways[place][part][tuple("applicant" if value == own else value for value in row)] += 1
        yield from ways.items()


_CASES = bindparam("cases", expanding=True)
_WAY: Final[dict[str, Select[Any]]] = {
    "state": select(_subjects.c.id, _subjects.c.stage, _subjects.c.outcome).where(_subjects.c.id.in_(_CASES)),
    "event": select(_events.c.subject_id, _events.c.seq, _events.c.kind, _events.c.effective_at).where(
        _events.c.subject_id.in_(_CASES)
    ),
    "rung": select(
        *(_timers.c[name] for name in ("subject_id", "deadline", "occurrence", "rung", "at", "state"))
    ).where(_timers.c.subject_id.in_(_CASES)),
    "notice": select(
        _notices.c.subject_id, _notices.c.cause, _notices.c.text, _people.c.handle, _notices.c.state
    )
    .join(_people, _people.c.id == _notices.c.recipient_id)
    .where(_notices.c.subject_id.in_(_CASES)),
}
"""What becomes of a case, by its number."""


def _early(engine: Engine) -> Iterator[str]:
    with reading(engine) as connection:
        # When a deadline passed stands in its event, which is compared with the calm's.
        early = and_(_timers.c.rung != LAPSE, _timers.c.state == "fired", _timers.c.settled_at < _timers.c.at)
        for row in connection.execute(select(_timers).where(early)):
            yield f"rung {row.rung} of {row.subject_id}/{row.deadline} came at {row.settled_at}, not {row.at}"


def _incidents_of(engine: Engine) -> Iterator[str]:
    """Cases that stay overdue are incidents, and a mail server that is away is one, however often."""
    with reading(engine) as connection:
        incidents = connection.execute(select(_incidents).where(_incidents.c.kind != "overdue")).all()
    for row in incidents:
        if row.kind != "delivery" or len(incidents) > 1:
            yield f"incident {row.kind}: {row.summary}"


def _mail(storm: Storm) -> Iterator[str]:
    """A letter that was taken is recorded as sent, and comes twice only after a kill, and marked."""
    with reading(storm.engine) as connection:
        rows = connection.execute(select(_notices.c.message_id, _notices.c.state, _notices.c.possibly_twice))
        notices = {row.message_id: row for row in rows}
    taken: dict[str, list[float]] = {}
    for at, letter in sink.letters(storm.mail):
        taken.setdefault(letter, []).append(at)
    for letter, times in taken.items():
        notice = notices.get(letter)
        if notice is None:
            yield f"letter {letter} is of no notice"
        elif notice.state != "sent" and not notice.possibly_twice:
            yield f"letter {letter} was taken, its notice is {notice.state}"
        elif len(times) > 1 and not notice.possibly_twice:
            yield f"letter {letter} was taken {len(times)} times and is not marked"
        for first, second in pairwise(times):
            # The server may take what a process sent just before it was killed.
            if not any(first - MOMENT <= at <= second for at, _ in storm.kills):
                yield f"letter {letter} was taken again, and nothing was killed between"
    for letter, notice in notices.items():
        if notice.state == "sent" and letter not in taken:
            yield f"notice {letter} is recorded as sent and was never taken"


def _acts(storm: Storm) -> Iterator[str]:
    answers = storm.answers()
    for step in storm.steps:
        said = answers.get(step.key)
        if said != "done":
            yield f"act {step.key} was answered {said}"


def _altered(engine: Engine) -> Iterator[str]:
    with reading(engine) as connection:
        for finding in verify(connection):
            yield f"audit: {finding}"
