"""What a doctor looks at: whether the program does by itself what it should, and can go on doing so.

Everything is read from the database and the disk, so it can be asked while Prefect is down.
"""

import datetime
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pendulum
from sqlalchemy import Connection, Engine, func, select

from casework import clock, conditions
from casework.documents import path_of
from casework.incidents import UNRESOLVED
from casework.terms import catalogue
from models import Event, Incident, Notice, StoredFile, Subject
from models.database import reading
from models.migrate import current, require_current
from procedure import written
from procedure.instant import instant, iso

_subjects = Subject.__table__
_events = Event.__table__
_notices = Notice.__table__
_incidents = Incident.__table__
_files = StoredFile.__table__

LATE_BY: Final = datetime.timedelta(minutes=10)
"""How long a thing that happens by itself may wait for its sweep (a setting)."""

UNSENT_FOR: Final = datetime.timedelta(hours=1)
"""How long a notice may wait for its turn (a setting)."""

SKEW: Final = 5.0
"""Seconds by which this machine's clock and the database server's may differ (a setting)."""

ROOM: Final = 1 << 30
"""Bytes that have to be free on the disk of files and logs (a setting)."""

LOOKED_AT: Final = 200
"""So many stored files, the latest, are looked for on the disk."""

State = Literal["good", "bad"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, and what was found, as facts for its words."""

    name: str
    state: State
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Finding:
    """A check in words: what was looked at, what was found, and where that is bad, what to do."""

    state: State
    title: str
    finding: str
    step: str


def told(check: Check, language: str) -> Finding:
    """Return a check in the words of a language."""
    table = catalogue(language)
    never = check.facts.get("since", "") is None and check.state == "bad"
    facts = {
        key: written.when(instant(value).replace(microsecond=0), language)
        if key == "since" and value
        else value
        for key, value in check.facts.items()
    }
    findings = table["findings_good" if check.state == "good" else "findings_bad"]
    return Finding(
        check.state,
        table["checks"][check.name].format_map(facts),
        findings[f"{check.name}_never" if never else check.name].format_map(facts),
        "" if check.state == "good" else table["check_steps"][check.name].format_map(facts),
    )


def whole(engine: Engine, folder: Path) -> list[Check]:
    """Return every check, the database itself first; raises DatabaseUnusable where it cannot be used."""
    require_current(engine)
    with reading(engine) as connection:
        found = examine(connection, folder)
    place = engine.url.render_as_string(hide_password=True)
    return [
        Check("database", "good", {"place": place}),
        Check("migrations", "good", {"revision": current(engine)}),
        *found,
    ]


def examine(connection: Connection, folder: Path) -> list[Check]:
    """Return every check of a database that is there and of this version; ``folder`` holds its files."""
    now = clock.now(connection)
    return [
        *_sweeping(connection, now),
        *_backlog(connection, now),
        *_incidents_of(connection),
        *_holidays(connection, now),
        *_clock(connection, now),
        *disk(folder),
        *_stored(connection, folder),
    ]


def disk(folder: Path) -> Iterator[Check]:
    """Look for room on the disk that the files lie on, or will lie on."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    facts = {"free": f"{free / (1 << 30):.1f}", "folder": str(there)}
    yield Check("disk", "good" if free >= ROOM else "bad", facts)


def _sweeping(connection: Connection, now: pendulum.DateTime) -> Iterator[Check]:
    found = conditions.sweeping(connection, now)
    lanes = conditions.last_sweeps(connection)
    seen = max(filter(None, lanes.values()), default=None)
    since = {"since": None if seen is None else iso(seen)}
    gone = any(each.kind == "worker" for each in found)
    yield Check("worker", "bad" if gone else "good", since)
    late = {each.of for each in found if each.kind == "lane"}
    for lane, at in lanes.items() if not gone else ():
        facts = {"lane": lane, "since": None if at is None else iso(at)}
        yield Check("lane", "bad" if lane in late else "good", facts)


def _backlog(connection: Connection, now: pendulum.DateTime) -> Iterator[Check]:
    waiting = (
        select(func.count(), func.min(_subjects.c.wake_at))
        .select_from(_subjects)
        .where(_subjects.c.wake_at.is_not(None), _subjects.c.wake_at < now - LATE_BY)
    )
    count, oldest = connection.execute(waiting).one()
    facts = {"count": count, "since": None if oldest is None else iso(oldest)}
    yield Check("backlog", "bad" if count and not clock.is_story(connection) else "good", facts)
    unsent = (
        select(func.count())
        .select_from(_notices)
        .where(
            _notices.c.state.in_(("pending", "sending", "failed")), _notices.c.not_before < now - UNSENT_FOR
        )
    )
    count = connection.execute(unsent).scalar_one()
    yield Check("notices", "bad" if count and not clock.is_story(connection) else "good", {"count": count})


def _incidents_of(connection: Connection) -> Iterator[Check]:
    open_ones = select(func.count()).select_from(_incidents).where(_incidents.c.state.in_(UNRESOLVED))
    count = connection.execute(open_ones).scalar_one()
    yield Check("incidents", "bad" if count else "good", {"count": count})


def _holidays(connection: Connection, now: pendulum.DateTime) -> Iterator[Check]:
    years = [each.of for each in conditions.missing_holidays(connection, now)]
    yield Check("holidays", "bad" if years else "good", {"years": ", ".join(years)})


def _clock(connection: Connection, now: pendulum.DateTime) -> Iterator[Check]:
    if clock.is_story(connection):
        return
    skew = clock.skew(connection)
    latest = connection.execute(select(func.max(_events.c.recorded_at))).scalar()
    ahead = 0.0 if latest is None else max(0.0, latest.timestamp() - now.timestamp())
    off = max(abs(skew), ahead)
    yield Check("clock", "bad" if off > SKEW else "good", {"seconds": f"{off:.1f}"})


def _stored(connection: Connection, folder: Path) -> Iterator[Check]:
    latest = select(_files.c.digest).order_by(_files.c.stored_at.desc()).limit(LOOKED_AT)
    digests = list(connection.execute(latest).scalars())
    gone = [digest for digest in digests if not path_of(folder, digest).exists()]
    facts = {"count": len(gone), "folder": str(folder)}
    yield Check("files", "bad" if gone else "good", facts)
