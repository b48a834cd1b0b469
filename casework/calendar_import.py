"""A new or amended holiday arrangement: imported, and every open deadline it touches counted anew."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pendulum
from sqlalchemy import Engine, insert, select, union

from casework import calendars, clock, facts, loading, timers, wake
from casework.loading import COLUMNS, SOURCE, Loaded
from casework.recording import Batch, Hand
from models import Calendar, Publicity
from models import Deadline as DeadlineRow
from models import Subject as SubjectRow
from models import Sweep as SweepRow
from models.database import DatabaseUnusable, reading, writing
from procedure.act import SYSTEM
from procedure.event import Event
from procedure.fault import Fault
from procedure.instant import day_of, instant
from procedure.machine import recalculated, settle
from procedure.subject import Subject
from procedure.working_days import Arrangement, ArrangementError, calendar_from, packaged

_calendars = Calendar.__table__
_subjects = SubjectRow.__table__
_deadlines = DeadlineRow.__table__
_publicity = Publicity.__table__
_sweeps = SweepRow.__table__

CHUNK: Final = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """One deadline that another calendar moved, or whose date is no longer (or newly) provisional."""

    ref: str
    deadline: str
    before: datetime.datetime
    after: datetime.datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the arrangements it stored, and every deadline that moved."""

    stored: tuple[Arrangement, ...]
    moved: tuple[Moved, ...]


def import_arrangements(engine: Engine, arrangements: Iterable[Arrangement]) -> Imported:
    """Store arrangements that are not known yet, then recount by what is in force.

    One that says the same as what is known, packaged or imported, is not stored again. Raises
    ArrangementError, nothing stored, when they contradict those that are known.
    """
    stored: list[Arrangement] = []
    with writing(engine) as connection:
        held = [
            Arrangement.model_validate(content)
            for content in connection.execute(select(_calendars.c.content)).scalars()
        ]
        known = {(each.year, each.version): each for each in (*packaged(), *held)}
        for arrangement in arrangements:
            former = known.get((arrangement.year, arrangement.version))
            if former == arrangement:
                continue
            if former is not None:
                raise ArrangementError(
                    Fault("in_force_otherwise", year=arrangement.year, version=arrangement.version)
                )
            held.append(arrangement)
            stored.append(arrangement)
            known[arrangement.year, arrangement.version] = arrangement
            connection.execute(
                insert(_calendars).values(
                    year=arrangement.year,
                    version=arrangement.version,
                    document=arrangement.document,
                    issued=arrangement.issued,
                    content=arrangement.model_dump(mode="json"),
                )
            )
        calendar_from([*packaged(), *held])
    return Imported(tuple(stored), recount(engine))


def recount(engine: Engine) -> tuple[Moved, ...]:
    """Apply the calendar in force to every open deadline in working days, once for each calendar.

    What it moves is recorded as an event and a ledger line of its own. A subject that fails becomes an
    incident, and is tried again the next time.
    """
    with reading(engine) as connection:
        now = clock.now(connection)
        version = calendars.current(connection, day_of(now)).version
        lane = f"calendar {version}"
        if connection.execute(select(_sweeps.c.lane).where(_sweeps.c.lane == lane)).scalar():
            return ()
        ids = list(
            connection.execute(
                union(
                    select(_deadlines.c.subject_id).where(_deadlines.c.state.in_(("running", "overdue"))),
                    select(_publicity.c.call_id).where(_publicity.c.until >= now),
                ).order_by("subject_id")
            ).scalars()
        )
    moved: list[Moved] = []
    failed = 0
    for at in range(0, len(ids), CHUNK):
        chunk = ids[at : at + CHUNK]
        try:
            done = _recount(engine, chunk)
        except DatabaseUnusable:
            raise
        except Exception:
            done = list[Moved]()
            for subject_id in chunk:
                try:
                    done += _recount(engine, [subject_id])
                except DatabaseUnusable:
                    raise
                except Exception as error:
                    failed += 1
                    wake.report(engine, "calendar", subject_id, error)
        moved += done
    if not failed:
        wake.note(engine, lane, now, len(moved))
    return tuple(moved)


def recount_again(engine: Engine, subject_id: int) -> int:
    """Count one subject's open deadlines anew; return how many moved. Whatever it fails with is raised."""
    return len(_recount(engine, [subject_id]))


def _recount(engine: Engine, ids: Sequence[int]) -> list[Moved]:
    with writing(engine) as connection:
        now: pendulum.DateTime = clock.now(connection)
        batch = Batch(now)
        moved: list[Moved] = []
        standing: list[tuple[Loaded, Subject]] = []
        query = select(*COLUMNS).select_from(SOURCE).where(_subjects.c.id.in_(ids))
        for row in connection.execute(query.with_for_update(of=_subjects)).all():
            loaded = loading.of_row(connection, row, now)
            # What passed before the calendar changed has passed, whether a sweep has noticed or not.
            then, before = settle(
                loaded.procedure, loaded.subject, facts.plain(loaded), instant(now - wake.LAG)
            )
            answer = recalculated(loaded.procedure, then, loaded.calendar, now)
            if answer is None:
                standing.append((loaded, loaded.subject))
                continue
            after, event = answer
            standing.append((loaded, after))
            happened = (*before, event)
            batch.add(loaded, happened, after, (Hand(SYSTEM),) * len(happened))
            moved += _told(loaded.subject.ref, event)
        batch.write(connection)
        # A date that no calendar moves has reminders that count in working days.
        timers.recount(connection, standing)
    return moved


def _told(ref: str, event: Event) -> list[Moved]:
    return [
        Moved(ref, entry.deadline, entry.due_before, entry.due_after, entry.provisional)
        for entry in event.clock
        if entry.due_before is not None and entry.due_after is not None
    ]
