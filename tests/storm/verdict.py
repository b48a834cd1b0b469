"""What must hold after a storm, whatever was killed."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Engine, and_, select

from casework.audit import verify
from casework.timers import LAPSE
from models import Deadline, Event, Incident, Notice, Person, Subject, Timer
from models.database import reading
from tests.storm import sink
from tests.storm.fate import FATES, Town
from tests.storm.weather import Storm

LEAST_MESSAGES: Final = 5
"""Letters a case that the mail server must have taken, or the storm does not count."""

LEAST_KILLS: Final = {"worker": 5, "actor": 1, "mail": 1, "database": 1}
"""Kills of each kind without which the storm does not count."""

MOMENT: Final = 1.0
"""Seconds within which the mail server has taken what had reached this machine's network."""

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
    taken = len({letter for _, letter in sink.letters(storm.mail)})
    least = LEAST_MESSAGES * len(town.cases)
    return few + ([f"{taken} letters taken, needed {least}"] if taken < least else [])


def _lost_or_double(engine: Engine, town: Town, calm: Engine, twin: Town) -> Iterator[str]:
    """Every case went the way of the case of its fate in the calm: events, rungs, notices, each once."""
    expected = [_way(calm, twin, place) for place in range(len(FATES))]
    for place in range(len(town.cases)):
        way = _way(engine, town, place)
        for part, rows in expected[town.fate(place)].items():
            for row, times in ((rows - way[part]) + (way[part] - rows)).items():
                which = "is missing" if rows[row] > way[part][row] else "should not be"
                yield f"case {place}: {part} {row} {which} ({times})"


def _way(engine: Engine, town: Town, place: int) -> dict[str, "Counter[Any]"]:
    subject, own = town.cases[place], f"zhang{place}"
    parts = {
        "state": select(_subjects.c.stage, _subjects.c.outcome).where(_subjects.c.id == subject),
        "event": select(_events.c.seq, _events.c.kind, _events.c.effective_at).where(
            _events.c.subject_id == subject
        ),
        "rung": select(
            _timers.c.deadline, _timers.c.occurrence, _timers.c.rung, _timers.c.at, _timers.c.state
        ).where(_timers.c.subject_id == subject),
        "notice": select(_notices.c.cause, _notices.c.text, _people.c.handle, _notices.c.state)
        .join(_people, _people.c.id == _notices.c.recipient_id)
        .where(_notices.c.subject_id == subject),
    }
    with reading(engine) as connection:
        return {
            part: Counter(
                tuple("applicant" if value == own else value for value in row)
                for row in connection.execute(query)
            )
            for part, query in parts.items()
        }


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
