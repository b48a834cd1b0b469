"""Writing decisions: every row that follows from events, gathered and written in a few batched statements.

An act writes one subject, a sweep many; both go through a ``Batch`` inside the caller's transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
import pendulum
from sqlalchemy import Connection, bindparam, insert, select, update

from casework import chain, notices
from casework.loading import Loaded
from casework.moving import Moves
from casework.notices import Tale
from casework.particulars import PARTICULARS
from casework.timers import Timers
from models import Case, Deadline, Event, LedgerEntry, Matter, RegisterEntry, RegisterState, WorkItem
from models.prepared import Prepared, together
from procedure import event as events
from procedure.act import Actor
from procedure.event import ClockEntry
from procedure.machine import evolve
from procedure.subject import Application, Subject

_cases = Case.__table__
_deadlines = Deadline.__table__
_work_items = WorkItem.__table__
_matters = Matter.__table__
_entries = RegisterEntry.__table__

_CASE: Final = Prepared(
    update(_cases)
    .where(_cases.c.subject_id == bindparam("of_id"))
    .values(
        direction=bindparam("direction"), submitted_at=bindparam("submitted_at"), closed=bindparam("closed")
    )
)
_CLOCK: Final = Prepared(
    update(_deadlines)
    .where(
        _deadlines.c.subject_id == bindparam("of_id"),
        _deadlines.c.name == bindparam("of_name"),
        _deadlines.c.occurrence == bindparam("of_occurrence"),
    )
    .values(
        state=bindparam("state"),
        due_at=bindparam("due_at"),
        provisional=bindparam("provisional"),
        ended_at=bindparam("ended_at"),
    )
)
_DONE: Final = Prepared(
    update(_work_items)
    .where(_work_items.c.subject_id == bindparam("of_id"), _work_items.c.done_at.is_(None))
    .values(done_at=bindparam("at"))
)
_DUE: Final = Prepared(
    update(_work_items)
    .where(_work_items.c.subject_id == bindparam("of_id"), _work_items.c.done_at.is_(None))
    .values(due_at=bindparam("due"))
)
_GIVEN: Final = Prepared(
    update(_work_items)
    .where(_work_items.c.subject_id == bindparam("of_id"), _work_items.c.done_at.is_(None))
    .values(person_id=bindparam("given_to"))
)
_LEFT: Final = Prepared(
    update(_work_items)
    .where(
        _work_items.c.subject_id == bindparam("of_id"),
        _work_items.c.person_id == bindparam("of_person"),
        _work_items.c.done_at.is_(None),
    )
    .values(done_at=bindparam("at"))
)
_ENTRY_OF: Final = select(_matters.c.entry_id).where(_matters.c.subject_id == bindparam("of_id"))
STATE: Final = Prepared(
    insert(RegisterState.__table__).values(
        entry_id=_ENTRY_OF.scalar_subquery(),
        number=bindparam("number"),
        state=bindparam("state"),
        since=bindparam("since"),
    )
)
ENTRY: Final = Prepared(
    update(_entries).where(_entries.c.id == _ENTRY_OF.scalar_subquery()).values(state=bindparam("state"))
)
EVENT: Final = Prepared(insert(Event.__table__))
NEW_CLOCK: Final = Prepared(insert(_deadlines))
LEDGER: Final = Prepared(insert(LedgerEntry.__table__))
_NEW_WORK: Final = Prepared(insert(_work_items))
_ORDER: Final = (
    EVENT,
    NEW_CLOCK,
    _CLOCK,
    LEDGER,
    _DONE,
    _DUE,
    _GIVEN,
    _LEFT,
    _NEW_WORK,
    _CASE,
    STATE,
    ENTRY,
)
"""In this order the rows are written."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand an event is recorded under, and under which act and key."""

    actor: Actor
    act: str | None = None
    key: str | None = None


class Batch:
    """Rows to write in one transaction; ``write`` writes them all or raises Overtaken."""

    def __init__(self, now: pendulum.DateTime) -> None:
        self._now = now
        self._rows: dict[Prepared, list[dict[str, Any]]] = {each: [] for each in _ORDER}
        self.moves = Moves()
        self.timers = Timers()
        self.tales: list[Tale] = []
        self._particulars: list[Callable[[Connection], None]] = []

    def add(
        self, loaded: Loaded, happened: tuple[events.Event, ...], after: Subject, hands: tuple[Hand, ...]
    ) -> None:
        """Take in what happened to one subject: its events in order, who caused each, and the result."""
        head, then = loaded.head, loaded.subject
        for happening, hand in zip(happened, hands, strict=True):
            before = then
            then = after if happening is happened[-1] else evolve(then, happening)
            row, personal = self._event_row(loaded.id, happening, hand)
            row["prev_hash"], row["hash"] = head, chain.seal(row, head)
            row["personal"] = personal
            head = row["hash"]
            self._put(EVENT, row)
            self._clock(loaded, before, happening, hand)
            self.tales.append(Tale(loaded, happening, then))
            project = PARTICULARS.get(happening.kind)
            if project is not None:
                self._particulars.append(_bound(project, loaded, happening, hand))
        moved = any(each.stage or each.outcome for each in happened)
        self._work(loaded, happened[-1], after, moved=moved)
        self.moves.add(loaded, after, head, self.timers)
        self._case(loaded, after)
        self._register(loaded, happened)

    def write(self, connection: Connection) -> None:
        """Write everything; raises Overtaken when a subject's version is no longer what was decided on."""
        if not self.moves.rows:
            return
        self.moves.begin(connection)
        with together(connection):
            for statement, rows in self._rows.items():
                if rows:
                    statement.execute(connection, rows)
            self.timers.write(connection)
            self.moves.finish(connection)
        for project in self._particulars:
            project(connection)
        notices.write(connection, self.tales, self._now)

    def rows(self, statement: Prepared) -> list[dict[str, Any]]:
        """Return what is to be written by one of the statements of this module."""
        return self._rows[statement]

    def _put(self, statement: Prepared, row: dict[str, Any]) -> None:
        self._rows[statement].append(row)

    def _event_row(
        self, subject_id: int, happening: events.Event, hand: Hand
    ) -> tuple[dict[str, Any], str | None]:
        personal = None
        if happening.personal:
            stored, digests = chain.salted(happening.personal)
            happening = replace(happening, digests=digests)
            personal = orjson.dumps(stored).decode()
        row = {
            "subject_id": subject_id,
            "seq": happening.seq,
            "kind": happening.kind,
            "schema_version": happening.schema,
            "effective_at": happening.effective_at,
            "recorded_at": self._now,
            "person_id": hand.actor.person,
            "role": hand.actor.role,
            "on_behalf_of": hand.actor.on_behalf_of,
            "act": hand.act,
            "act_key": hand.key,
            "data": events.dump(happening),
        }
        return row, personal

    def _clock(self, loaded: Loaded, before: Subject, happening: events.Event, hand: Hand) -> None:
        for entry in happening.clock:
            self._put(
                LEDGER,
                {
                    "subject_id": loaded.id,
                    "name": entry.deadline,
                    "occurrence": entry.occurrence,
                    "entry": happening.seq,
                    "seq": happening.seq,
                    "kind": entry.kind,
                    "at": entry.at,
                    "due_before": entry.due_before,
                    "due_after": entry.due_after,
                    "remaining": None if entry.remaining is None else str(entry.remaining),
                    "reason": entry.reason,
                    "person_id": hand.actor.person,
                    "calendar": entry.calendar,
                    "provisional": entry.provisional,
                },
            )
            running = before.deadline(entry.deadline)
            if entry.kind == "started":
                self._started(loaded.id, entry)
                self.timers.begin(loaded, entry)
            else:
                # What had ended and runs again, because an act was taken back, has its row already.
                provisional = entry.provisional if running is None else running.provisional
                self._changed(loaded.id, entry, provisional=provisional)
                self.timers.follow(loaded, entry)

    def _started(self, subject_id: int, entry: ClockEntry) -> None:
        self._put(
            NEW_CLOCK,
            {
                "subject_id": subject_id,
                "name": entry.deadline,
                "occurrence": entry.occurrence,
                "holder": entry.holder,
                "state": "running",
                "base_at": entry.base_at,
                "due_at": entry.due_after,
                "provisional": entry.provisional,
                "started_at": entry.at,
                "ended_at": None,
            },
        )

    def _changed(self, subject_id: int, entry: ClockEntry, *, provisional: bool) -> None:
        key = {"of_id": subject_id, "of_name": entry.deadline, "of_occurrence": entry.occurrence}
        runs = entry.kind in ("resumed", "extended", "recalculated", "restored")
        ended = entry.kind in ("met", "lapsed", "cancelled")
        self._put(
            _CLOCK,
            {
                **key,
                "state": "running" if runs else entry.kind,
                "due_at": None if entry.kind == "suspended" else _due(entry),
                "provisional": entry.provisional if runs else provisional,
                "ended_at": entry.at if ended else None,
            },
        )

    def _work(self, loaded: Loaded, last: events.Event, after: Subject, *, moved: bool) -> None:
        if not isinstance(after.record, Application):
            return
        due = None
        if after.outcome is None:
            stage = loaded.procedure.application.stage[after.stage]
            main = next(
                (each for name in stage.deadlines if (each := after.deadline(name)) is not None), None
            )
            due = None if main is None or main.state == "suspended" else main.due_at
        if not moved:
            if last.clock:
                self._put(_DUE, {"of_id": loaded.id, "due": due})
            self._seats(loaded, last, after.application, due)
            if after.application.desk != loaded.subject.application.desk:
                self._put(_GIVEN, {"of_id": loaded.id, "given_to": after.application.desk})
            return
        if loaded.subject.version:
            self._put(_DONE, {"of_id": loaded.id, "at": after.entered_at})
        if after.outcome is not None:
            return
        # The last event need not be the one that moved the case.
        common = {**self._common(loaded, last, after.stage, due), "opened_at": after.entered_at}
        common["person_id"] = after.application.desk
        holder = loaded.procedure.application.stage[after.stage].holder
        if holder == "applicant":
            self._put(_NEW_WORK, {**common, "role": "applicant", "organisation_id": loaded.lead_id})
        elif holder == "district":
            self._put(_NEW_WORK, {**common, "role": "district_officer", "bureau_id": loaded.district_id})
        elif holder == "bureau":
            self._put(_NEW_WORK, {**common, "role": "city_officer", "bureau_id": loaded.bureau_id})
        elif holder == "panel":
            for person in after.application.panel:
                self._put(_NEW_WORK, {**common, "role": "expert", "person_id": person})

    def _common(
        self, loaded: Loaded, last: events.Event, stage: str, due: pendulum.DateTime | None
    ) -> dict[str, Any]:
        return {
            "subject_id": loaded.id,
            "seq": last.seq,
            "stage": stage,
            "bureau_id": None,
            "organisation_id": None,
            "person_id": None,
            "opened_at": last.effective_at,
            "due_at": due,
            "priority": 0,
            "done_at": None,
        }

    def _seats(
        self, loaded: Loaded, last: events.Event, after: Application, due: pendulum.DateTime | None
    ) -> None:
        """Take the case off the desk of who lost a seat on the panel, and lay it on that of who took one."""
        before, stage = loaded.subject.application.panel, loaded.subject.stage
        if before == after.panel or loaded.procedure.application.stage[stage].holder != "panel":
            return
        for person in before:
            if person not in after.panel:
                self._put(_LEFT, {"of_id": loaded.id, "of_person": person, "at": last.effective_at})
        for person in after.panel:
            if person not in before:
                common = self._common(loaded, last, stage, due)
                self._put(_NEW_WORK, {**common, "role": "expert", "person_id": person})

    def _case(self, loaded: Loaded, after: Subject) -> None:
        if not isinstance(after.record, Application):
            return
        row = _case_columns(after)
        if loaded.subject.version == 0 or row != _case_columns(loaded.subject):
            self._put(_CASE, {"of_id": loaded.id, **row})

    def _register(self, loaded: Loaded, happened: tuple[events.Event, ...]) -> None:
        """Take in what the register says of an entry since each event that moved it."""
        if loaded.subject.kind != "entry":
            return
        moves = [each for each in happened if each.stage or each.outcome]
        for each in moves:
            state = each.outcome or each.stage
            row = {"of_id": loaded.id, "number": each.seq, "state": state, "since": each.effective_at}
            self._put(STATE, row)
        if moves:
            self._put(ENTRY, {"of_id": loaded.id, "state": moves[-1].outcome or moves[-1].stage})


def _bound(
    project: Callable[[Connection, Loaded, events.Event, Actor], None],
    loaded: Loaded,
    happening: events.Event,
    hand: Hand,
) -> Callable[[Connection], None]:
    return lambda connection: project(connection, loaded, happening, hand.actor)


def _due(entry: ClockEntry) -> pendulum.DateTime:
    due = entry.due_after or entry.due_before
    if due is None:
        raise ValueError(f"a ledger line {entry.kind} of {entry.deadline} without a due instant")
    return due


def _case_columns(subject: Subject) -> dict[str, Any]:
    return {
        "direction": subject.application.form.get("consortium.direction"),
        "submitted_at": subject.application.submitted_at,
        "closed": subject.outcome is not None,
    }
