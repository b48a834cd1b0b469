"""The subjects' own rows: each moves once, and only from the version that was decided on."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from casework import timers
from casework.loading import Loaded
from casework.timers import Timers, Waking
from models import Subject as SubjectRow
from models.among import Among
from models.prepared import Prepared
from procedure import subject as subjects
from procedure.deadlines import due_at
from procedure.subject import Subject

_subjects = SubjectRow.__table__

_TO_HOLD: Final = select(_subjects.c.id, _subjects.c.version).with_for_update(key_share=True)
_HELD_ONE: Final = Prepared(_TO_HOLD.where(_subjects.c.id == bindparam("of_id")))
_HELD: Final = Prepared(_TO_HOLD.where(Among(_subjects.c.id, "subjects")).order_by(_subjects.c.id))
_TO_MOVE: Final = (
    update(_subjects)
    .where(_subjects.c.id == bindparam("of_id"), _subjects.c.version == bindparam("of_version"))
    .values(
        version=bindparam("version"),
        stage=bindparam("stage"),
        outcome=bindparam("outcome"),
        state=bindparam("state"),
        head=bindparam("head"),
        entered_at=bindparam("entered_at"),
        due_at=bindparam("due_at"),
        closed_at=bindparam("closed_at"),
    )
)
_MOVE: Final = Prepared(_TO_MOVE)
_MOVE_AND_WAKE: Final = Prepared(_TO_MOVE.values(timers.WAKES))
_MOVE_TO_WAKE: Final = Prepared(
    _TO_MOVE.values(wake_at=bindparam("wake_at"), passes_at=bindparam("passes_at"))
)
_CLOSE: Final = Prepared(_TO_MOVE.values(wake_at=None, passes_at=None))


class Overtaken(Exception):
    """Somebody else moved the subject since it was read."""


class Moves:
    """What becomes of subjects' own rows; with when each wakes, where its timers here tell that."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._begun: dict[int, Waking] = {}
        self._asking: set[int] = set()
        self._left: list[dict[str, Any]] = []

    def add(self, loaded: Loaded, after: Subject, head: str | None, own: Timers) -> None:
        """Take in what became of one subject, whose last event has the hash ``head``."""
        row = {
            "of_id": loaded.id,
            "of_version": loaded.subject.version,
            "version": after.version,
            "stage": after.stage,
            "outcome": after.outcome,
            "state": subjects.dump(after),
            "head": head,
            "entered_at": after.entered_at,
            "due_at": due_at(after),
            "closed_at": after.entered_at if after.outcome is not None else None,
        }
        changed = loaded.id in own.subjects
        if loaded.subject.version == 0 or changed:
            waking = own.wakes(loaded.id, after)
            if waking is not None and waking.beside is None:
                row |= {"wake_at": waking.wake_at, "passes_at": waking.passes_at}
            elif changed:
                self._asking.add(loaded.id)
                if waking is not None:
                    self._begun[loaded.id] = waking
        self.rows.append(row)

    def begin(self, connection: Connection) -> None:
        """Lock the subjects before anything else is written; raises Overtaken.

        One alone is moved at once where it can be told when it wakes: changing the row locks it as well as
        asking for it does, and is one question less.
        """
        self._left = self.rows
        if len(self.rows) == 1:
            [row] = self.rows
            # PostgreSQL tells what others have committed since only once the row is locked.
            waking = self._begun.get(row["of_id"]) if connection.dialect.name == "sqlite" else None
            if waking is not None:
                row = row | waking.settled(connection, row["of_id"])
                self._asking.clear()
            statement = self._statement(row)
            if statement is not _MOVE_AND_WAKE:
                if not statement.execute(connection, [row]):
                    raise Overtaken
                self._left = []
                return
        hold(connection, {row["of_id"]: row["of_version"] for row in self.rows})

    def finish(self, connection: Connection) -> None:
        """Move what ``begin`` only locked, now that the timers are written."""
        moves: dict[Prepared, list[dict[str, Any]]] = {
            statement: [] for statement in (_CLOSE, _MOVE_TO_WAKE, _MOVE_AND_WAKE, _MOVE)
        }
        for row in self._left:
            moves[self._statement(row)].append(row)
        asking = moves[_MOVE_AND_WAKE]
        if asking and connection.dialect.name == "sqlite":
            # An update that looks things up itself costs SQLite three times as much as asking first.
            waking = timers.waking(connection, [row["of_id"] for row in asking])
            moves[_MOVE_TO_WAKE] += [row | waking[row["of_id"]] for row in asking]
            moves[_MOVE_AND_WAKE] = []
        for statement, rows in moves.items():
            if rows:
                statement.execute(connection, rows)

    def _statement(self, row: Mapping[str, Any]) -> Prepared:
        if row["closed_at"] is not None:
            return _CLOSE
        if "wake_at" in row:
            return _MOVE_TO_WAKE
        return _MOVE_AND_WAKE if row["of_id"] in self._asking else _MOVE


def hold(connection: Connection, versions: Mapping[int, int]) -> None:
    """Lock the subjects, if they still have the versions that were decided on; raises Overtaken.

    The lock comes first: two that have written rows which refer to a subject, and then both want to change
    it, would wait for each other.
    """
    if len(versions) == 1:
        rows = _HELD_ONE.all(connection, {"of_id": next(iter(versions))})
    else:
        rows = _HELD.all(connection, {"subjects": versions})
    if {row.id: row.version for row in rows} != versions:
        raise Overtaken
