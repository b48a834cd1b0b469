"""Timers: what a deadline brings by itself, and when; the earliest that is pending wakes its subject."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, and_, bindparam, case, func, insert, or_, select, update

from casework.loading import Loaded
from models import Subject as SubjectRow
from models import Timer
from models.among import Among
from models.prepared import Prepared
from procedure import ladder
from procedure.deadlines import first_late
from procedure.event import TAKEN_BACK, ClockEntry
from procedure.instant import instant
from procedure.ladder import Planned
from procedure.subject import Deadline, Subject

LAPSE: Final = "due"
"""The rung of a deadline's timers at which it passes."""

_subjects = SubjectRow.__table__
_timers = Timer.__table__

_OF_DEADLINE = and_(
    _timers.c.subject_id == bindparam("of_id"),
    _timers.c.deadline == bindparam("of_name"),
    _timers.c.occurrence == bindparam("of_occurrence"),
)
_NEW: Final = Prepared(insert(_timers))
_END: Final = Prepared(
    update(_timers)
    .where(_OF_DEADLINE, _timers.c.state == "pending")
    .values(
        state=case((_timers.c.rung == LAPSE, bindparam("then")), else_="cancelled"),
        settled_at=bindparam("on"),
    )
)
_MOVE: Final = Prepared(
    update(_timers)
    .where(
        _OF_DEADLINE,
        _timers.c.rung == bindparam("of_rung"),
        or_(
            _timers.c.state == "pending",
            _timers.c.state == "cancelled",
            _timers.c.state == bindparam("or_state"),
        ),
    )
    .values(
        at=bindparam("to_at"),
        state=bindparam("then"),
        why=bindparam("because"),
        settled_at=bindparam("on"),
    )
)
_pending = and_(_timers.c.subject_id == _subjects.c.id, _timers.c.state == "pending")
WAKES: Final = {
    "wake_at": select(func.min(_timers.c.at)).where(_pending).scalar_subquery(),
    "passes_at": select(func.min(_timers.c.at)).where(_pending, _timers.c.rung == LAPSE).scalar_subquery(),
}
"""When a subject wakes, and when its next deadline passes: the earliest pending timers."""

_TO_WAKE: Final = (
    select(
        _timers.c.subject_id,
        func.min(_timers.c.at).label("wake_at"),
        func.min(case((_timers.c.rung == LAPSE, _timers.c.at))).label("passes_at"),
    )
    .where(_timers.c.state == "pending")
    .group_by(_timers.c.subject_id)
)
_WAKING_ONE: Final = Prepared(_TO_WAKE.where(_timers.c.subject_id == bindparam("of_id")))
_WAKING: Final = Prepared(_TO_WAKE.where(Among(_timers.c.subject_id, "subjects")))
_WAKING_BESIDE: Final = Prepared(_TO_WAKE.where(_OF_DEADLINE))


@dataclass(frozen=True, slots=True)
class Waking:
    """When the timers that begin here wake a subject, and when a deadline of theirs passes.

    ``beside`` names one other deadline (name, occurrence) whose pending timers count too and are to be asked.
    """

    wake_at: pendulum.DateTime | None
    passes_at: pendulum.DateTime | None
    beside: tuple[str, int] | None = None

    def settled(self, connection: Connection, subject_id: int) -> dict[str, Any]:
        """Return ``WAKES`` of the subject as values, what is pending of ``beside`` asked for."""
        assert self.beside is not None  # noqa: S101 - asked for only where there is one
        found: list[Any] = [self, *_WAKING_BESIDE.all(connection, _key(subject_id, *self.beside))]
        return {
            name: min((at for each in found if (at := getattr(each, name)) is not None), default=None)
            for name in WAKES
        }


def waking(connection: Connection, subjects: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return ``WAKES`` of each of ``subjects`` as values."""
    never: dict[str, Any] = {"wake_at": None, "passes_at": None}
    found = dict.fromkeys(subjects, never)
    if len(found) == 1:
        rows = _WAKING_ONE.all(connection, {"of_id": next(iter(found))})
    else:
        rows = _WAKING.all(connection, {"subjects": found})
    for row in rows:
        found[row.subject_id] = {"wake_at": row.wake_at, "passes_at": row.passes_at}
    return found


def set_wake(connection: Connection, subjects: Sequence[int]) -> None:
    """Set when each of ``subjects`` wakes, and when its next deadline passes."""
    connection.execute(update(_subjects).values(WAKES).where(_subjects.c.id.in_(subjects)))


class Timers:
    """The timers of ledger lines, gathered and written in a few statements for however many subjects."""

    def __init__(self) -> None:
        self._rows: dict[Prepared, list[dict[str, Any]]] = {_NEW: [], _END: [], _MOVE: []}
        self._begun: defaultdict[int, dict[tuple[str, int], list[dict[str, Any]]]] = defaultdict(dict)
        self._moved: set[tuple[int, str, int]] = set()
        self.subjects: set[int] = set()
        """Whose timers they are: what these subjects wake for has changed."""

    def begin(self, loaded: Loaded, entry: ClockEntry) -> None:
        """Take in the timers of a deadline that starts; what lies behind is skipped from the start."""
        assert entry.due_after is not None  # noqa: S101 - what starts has a due instant
        rule = loaded.procedure.life(loaded.subject.kind).deadline[entry.deadline]
        begun = [self._new(loaded, entry, LAPSE, first_late(rule, entry.due_after))]
        for planned in _plan(loaded, entry.deadline, entry.at, entry.due_after):
            row = self._new(loaded, entry, planned.rung.id, planned.at)
            if planned.unsent is not None:
                row |= {"state": "skipped", "why": planned.unsent, "settled_at": entry.at}
            begun.append(row)
        self._begun[loaded.id][entry.deadline, entry.occurrence] = begun
        for row in begun:
            self._put(_NEW, loaded.id, row)

    def follow(self, loaded: Loaded, entry: ClockEntry) -> None:
        """Take in what a later line does to the timers of its deadline.

        A rung that was sent is not sent again. The others move with the due instant; one that is behind by
        then was missed and comes at once, merged with others like it.
        """
        key = _key(loaded.id, entry.deadline, entry.occurrence)
        self._begun[loaded.id].pop((entry.deadline, entry.occurrence), None)
        if entry.kind in ("met", "lapsed", "cancelled", "suspended"):
            state = "fired" if entry.kind == "lapsed" else "cancelled"
            self._put(_END, loaded.id, {**key, "then": state, "on": entry.at})
            return
        self._moved.add((loaded.id, entry.deadline, entry.occurrence))
        overdue = entry.kind == "overdue"
        due = entry.due_before if overdue else entry.due_after
        assert due is not None  # noqa: S101 - what passed had a due instant, what runs on has one
        rule = loaded.procedure.life(loaded.subject.kind).deadline.get(entry.deadline)
        passes = _moved(LAPSE, due if rule is None else first_late(rule, due), "fired")
        if overdue:
            passes |= {"then": "fired", "on": entry.at}
        self._put(_MOVE, loaded.id, {**key, **passes})
        if not overdue or entry.reason == TAKEN_BACK:
            for planned in _plan(loaded, entry.deadline, None, due):
                self._put(_MOVE, loaded.id, {**key, **_moved_rung(planned, entry.at)})

    @property
    def begun(self) -> list[dict[str, Any]]:
        """The timers of deadlines that start."""
        return self._rows[_NEW]

    def wakes(self, subject_id: int, after: Subject) -> Waking | None:
        """Return what is known here of ``WAKES`` of a subject; None where too much is to be asked.

        Pending timers have only deadlines of ``after`` that are not suspended: those that begin here are
        known, and of the others there may be one, which nothing here moves.
        """
        begun = self._begun.get(subject_id, {})
        rows: list[dict[str, Any]] = []
        beside: tuple[str, int] | None = None
        for deadline in after.deadlines:
            key = deadline.name, deadline.occurrence
            if key in begun:
                rows += begun[key]
            elif deadline.state != "suspended":
                if beside is not None or (subject_id, *key) in self._moved:
                    return None
                beside = key
        pending = [row for row in rows if row["state"] == "pending"]
        passes = (row["at"] for row in pending if row["rung"] == LAPSE)
        return Waking(min((row["at"] for row in pending), default=None), min(passes, default=None), beside)

    def write(self, connection: Connection) -> None:
        """Write all of it; when the subjects wake is set with them."""
        for statement, rows in self._rows.items():
            if rows:
                statement.execute(connection, rows)

    def _put(self, statement: Prepared, subject_id: int, row: dict[str, Any]) -> None:
        self._rows[statement].append(row)
        self.subjects.add(subject_id)

    def _new(self, loaded: Loaded, entry: ClockEntry, rung: str, at: pendulum.DateTime) -> dict[str, Any]:
        return {
            "subject_id": loaded.id,
            "deadline": entry.deadline,
            "occurrence": entry.occurrence,
            "rung": rung,
            "at": at,
            "state": "pending",
            "why": None,
            "settled_at": None,
        }


def recount(connection: Connection, subjects: Sequence[tuple[Loaded, Subject]]) -> None:
    """Move what is pending of running ladders to where the calendar of ``Loaded`` places it.

    For dates that no calendar moves, whose rungs count in working days all the same.
    """
    clocks: dict[tuple[int, str, int], tuple[Loaded, Deadline]] = {
        (loaded.id, deadline.name, deadline.occurrence): (loaded, deadline)
        for loaded, subject in subjects
        for deadline in subject.deadlines
        if deadline.state != "suspended"
    }
    rows = connection.execute(
        select(_timers).where(
            _timers.c.subject_id.in_([loaded.id for loaded, _ in subjects]),
            _timers.c.state == "pending",
            _timers.c.rung != LAPSE,
        )
    ).all()
    moved: list[dict[str, Any]] = []
    for row in rows:
        found = clocks.get((row.subject_id, row.deadline, row.occurrence))
        if found is None:
            continue
        loaded, deadline = found
        for planned in _plan(loaded, deadline.name, None, deadline.due_at):
            if planned.rung.id == row.rung and planned.at != instant(row.at):
                key = _key(row.subject_id, row.deadline, row.occurrence)
                moved.append({**key, **_moved_rung(planned, loaded.now)})
    if moved:
        _MOVE.execute(connection, moved)
        set_wake(connection, list({row["of_id"] for row in moved}))


def _plan(
    loaded: Loaded, deadline: str, since: pendulum.DateTime | None, due: pendulum.DateTime
) -> tuple[Planned, ...]:
    of = ladder.of(loaded.procedure, loaded.subject.kind, deadline)
    return of.plan(since, due, loaded.calendar)


def _key(subject_id: int, deadline: str, occurrence: int) -> dict[str, Any]:
    return {"of_id": subject_id, "of_name": deadline, "of_occurrence": occurrence}


def _moved(rung: str, at: pendulum.DateTime, or_state: str) -> dict[str, Any]:
    return {
        "of_rung": rung,
        "or_state": or_state,
        "to_at": at,
        "then": "pending",
        "because": None,
        "on": None,
    }


def _moved_rung(planned: Planned, at: pendulum.DateTime) -> dict[str, Any]:
    # What was skipped may still come, as long as it lies ahead.
    row = _moved(planned.rung.id, planned.at, "skipped" if planned.at > at else "pending")
    if planned.unsent is not None:
        row |= {"then": "skipped", "because": planned.unsent, "on": at}
    return row
