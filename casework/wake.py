"""Waking: what happens by itself, swept from the database in chunks, idempotently.

Only what fell due before ``now - LAG`` is swept, so that an act received in time never loses to a sweep.
"""

import datetime
import time
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Engine, Row, bindparam, not_, select
from sqlalchemy.dialects import postgresql, sqlite

from casework import clock, consequences, ending, facts, ladders, loading, moving, timers
from casework.giving_way import Chunk
from casework.incidents import record_incident
from casework.ladders import Climbed
from casework.loading import COLUMNS, SOURCE, Loaded
from casework.moving import Overtaken
from casework.recording import Batch, Hand
from casework.uncollected import uncollected
from models import Subject as SubjectRow
from models import Sweep as SweepRow
from models.among import Among
from models.database import DatabaseUnusable, deciding, writing
from models.prepared import Prepared
from procedure.act import SYSTEM
from procedure.event import Event
from procedure.instant import instant
from procedure.machine import settle
from procedure.subject import Subject

LAG: Final = datetime.timedelta(seconds=30)
"""How long after its instant a thing that happens by itself is left to people's acts (a setting)."""

CHUNK: Final = 200
"""The most subjects moved in one transaction."""

_PROGRAM: Final = str(Path(__file__).parents[1])
_LIBRARIES: Final = "site-packages"
_INSERT: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_subjects = SubjectRow.__table__
_sweeps = SweepRow.__table__
_NARROWING: Final = {
    "stage": _subjects.c.stage == bindparam("stage"),
    "stages": Among(_subjects.c.stage, "stages"),
    "parent": _subjects.c.parent_id == bindparam("parent"),
    "subject": _subjects.c.id == bindparam("subject"),
    "failed": not_(Among(_subjects.c.id, "failed")),
}
_STILL_DUE: Final = Prepared(
    select(_subjects.c.id, _subjects.c.wake_at).where(
        Among(_subjects.c.id, "subjects"), _subjects.c.wake_at <= bindparam("until")
    )
)


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that happened by itself: to which subject, what, when it took effect, and where it led."""

    ref: str
    event: str
    deadline: str
    at: pendulum.DateTime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep did: everything that moved, in order, and how many subjects failed (now incidents).

    ``climbed`` are the rungs of ladders that came.
    """

    moved: tuple[Moved, ...] = ()
    failed: int = 0
    climbed: tuple[Climbed, ...] = ()


@dataclass(frozen=True, slots=True)
class _Decided:
    """What is to be done with the subjects of a chunk: ``moved`` tells what ``batch`` writes.

    ``unmoved`` are the versions of those that ``batch`` leaves alone. ``climbing`` are those whose rungs may
    be due and ``ended`` those that closed, as they were loaded and as they are then.
    """

    batch: Batch
    unmoved: dict[int, int]
    moved: list[Moved]
    climbing: list[tuple[Loaded, Subject]]
    ended: list[tuple[Loaded, Subject]]
    until: pendulum.DateTime
    now: pendulum.DateTime


def sweep(
    engine: Engine,
    kind: str,
    *,
    stages: Iterable[str] | None = None,
    parent: int | None = None,
    subject: int | None = None,
) -> Sweep:
    """Apply all that is due to subjects of ``kind`` (at ``stages``, under ``parent``, or one); say what.

    A subject that fails becomes an incident and never stops the others.
    """
    within = None if stages is None else frozenset(stages)
    given: dict[str, Any] = {"stages": within, "parent": parent, "subject": subject}
    if within is not None and len(within) == 1:
        # Of one stage the index has them in their order, of several they are sorted.
        (given["stage"],) = given.pop("stages")
    narrowed = {name: value for name, value in given.items() if value is not None}
    moved: list[Moved] = []
    climbed: list[Climbed] = []
    failed: set[int] = set()
    chunk = Chunk(engine, CHUNK)
    overtaken = False
    while True:
        rows: list[Row[Any]] = []
        began = time.perf_counter()
        try:
            with uncollected(), deciding(engine) as (connection, lock):
                if overtaken:
                    lock()
                chunk.look(connection)
                now = clock.now(connection)
                asked = narrowed | ({"failed": failed} if failed else {})
                rows = _query(*asked).all(
                    connection, {"until": now - LAG, "kind": kind, "limit": chunk.size, **asked}
                )
                if not rows:
                    break
                decided = _decide(connection, rows, within, now)
                if not overtaken:
                    lock()
                    began = time.perf_counter()
                done, told = _write(connection, decided)
            overtaken = False
        except DatabaseUnusable:
            raise
        except Overtaken:
            # Somebody acted meanwhile: next time nobody can.
            overtaken = True
            continue
        except Exception:
            if not rows:
                raise
            done, told, broken = _one_by_one(engine, [row.id for row in rows], within)
            failed |= broken
        # Only now is it committed.
        moved += done
        climbed += told
        chunk.give_way(len(rows), time.perf_counter() - began)
    return Sweep(tuple(moved), len(failed), tuple(climbed))


def note(engine: Engine, lane: str, started_at: datetime.datetime, moved: int) -> None:
    """Record that a lane was swept with success, for the health page."""
    with writing(engine) as connection:
        values = {"started_at": started_at, "finished_at": clock.now(connection), "moved": moved}
        fresh = _INSERT[connection.dialect.name](_sweeps).values(lane=lane, **values)
        connection.execute(fresh.on_conflict_do_update(index_elements=["lane"], set_=values))


def next_wake(connection: Connection) -> pendulum.DateTime | None:
    """Return the earliest instant at which anything at all wants waking."""
    at = connection.execute(
        select(_subjects.c.wake_at)
        .where(_subjects.c.wake_at.is_not(None))
        .order_by(_subjects.c.wake_at)
        .limit(1)
    ).scalar()
    return None if at is None else instant(at)


@cache
def _query(*narrowed: str) -> Prepared:
    """Return the query for what is due, by the names of what it is narrowed to."""
    due = (
        select(*COLUMNS)
        .select_from(SOURCE)
        .where(
            _subjects.c.wake_at.is_not(None),
            _subjects.c.wake_at <= bindparam("until"),
            _subjects.c.kind == bindparam("kind"),
        )
        .order_by(_subjects.c.wake_at)
        .limit(bindparam("limit"))
        .with_for_update(of=_subjects, skip_locked=True)
    )
    return Prepared(due.where(*(_NARROWING[name] for name in narrowed)))


def _decide(
    connection: Connection, rows: Iterable[Row[Any]], stages: frozenset[str] | None, now: pendulum.DateTime
) -> _Decided:
    batch = Batch(now)
    until = instant(now - LAG)
    moved: list[Moved] = []
    climbing: list[tuple[Loaded, Subject]] = []
    ended: list[tuple[Loaded, Subject]] = []
    unmoved: dict[int, int] = {}
    for row in rows:
        loaded = loading.of_row(connection, row, now)
        after, events = settle(loaded.procedure, loaded.subject, facts.plain(loaded), until, stages)
        # Between a failed chunk and its repetition somebody may have moved it on.
        if after.outcome is None and (stages is None or after.stage in stages):
            climbing.append((loaded, after))
        if events:
            batch.add(loaded, events, after, (Hand(SYSTEM),) * len(events))
            moved += _told(loaded.subject, events)
            if after.outcome is not None:
                ended.append((loaded, after))
        else:
            unmoved[loaded.id] = loaded.subject.version
    return _Decided(batch, unmoved, moved, climbing, ended, until, now)


def _write(connection: Connection, decided: _Decided) -> tuple[list[Moved], list[Climbed]]:
    """Write what was decided; raises Overtaken when a subject is no longer what it was decided on."""
    if decided.unmoved:
        moving.hold(connection, decided.unmoved)
    decided.batch.write(connection)
    for loaded, after in decided.ended:
        consequences.follow(connection, loaded, after)
        ending.follow(connection, loaded, after)
    told = ladders.climb(connection, decided.climbing, decided.until, decided.now)
    _settled(connection, decided.climbing, decided.until)
    return decided.moved, told


def _settled(
    connection: Connection, subjects: Sequence[tuple[Loaded, Subject]], until: pendulum.DateTime
) -> None:
    """Set when those still due wake next; RuntimeError for one that is due although nothing happens to it.

    What ``Batch`` wrote, and what waits for later, has its next waking already.
    """
    refs = {loaded.id: subject.ref for loaded, subject in subjects}
    left = _still_due(connection, refs, until)
    if left:
        timers.set_wake(connection, [row.id for row in left])
        left = _still_due(connection, [row.id for row in left], until)
    if left:
        raise RuntimeError(f"{refs[left[0].id]} is due at {left[0].wake_at} but nothing happens to it")


def _still_due(
    connection: Connection, subjects: Iterable[int], until: pendulum.DateTime
) -> Sequence[Row[Any]]:
    return _STILL_DUE.all(connection, {"subjects": subjects, "until": until})


def _one_by_one(
    engine: Engine, ids: Iterable[int], stages: frozenset[str] | None
) -> tuple[list[Moved], list[Climbed], set[int]]:
    moved: list[Moved] = []
    climbed: list[Climbed] = []
    failed: set[int] = set()
    for subject_id in ids:
        try:
            with writing(engine) as connection:
                query = (
                    select(*COLUMNS)
                    .select_from(SOURCE)
                    .where(_subjects.c.id == subject_id)
                    .with_for_update(of=_subjects)
                )
                rows = connection.execute(query).all()
                decided = _decide(connection, rows, stages, clock.now(connection))
                done, told = _write(connection, decided)
        except DatabaseUnusable:
            raise
        except Exception as error:
            failed.add(subject_id)
            report(engine, "wake", subject_id, error)
        else:
            moved += done
            climbed += told
    return moved, climbed, failed


def report(engine: Engine, kind: str, subject_id: int, error: Exception) -> None:
    """Make an incident of what a subject failed with while something was done to many.

    Subjects that fail alike, with one kind of error at one place of the program, have one incident.
    """
    with writing(engine) as connection:
        record_incident(
            connection,
            fingerprint=f"{kind}:{type(error).__name__}:{_place(error)}",
            kind=kind,
            summary=f"{type(error).__name__}: {error}"[:1000],
            detail="".join(traceback.format_exception(error)),
            now=clock.now(connection),
            subject_id=subject_id,
        )


def _place(error: Exception) -> str:
    """Return the innermost function of this program that the error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame for frame in frames if frame.filename.startswith(_PROGRAM) and _LIBRARIES not in frame.filename
    ]
    return f"{Path(own[-1].filename).stem}.{own[-1].name}" if own else ""


def _told(before: Subject, events: Iterable[Event]) -> list[Moved]:
    told: list[Moved] = []
    place = before.stage
    for event in events:
        onward = event.outcome or event.stage or place
        told.append(
            Moved(
                before.ref, event.kind, str(event.data.get("deadline", "")), event.effective_at, place, onward
            )
        )
        place = onward
    return told
