"""What comes after filing is done by the program: an entry begins with its filing, and is acted on."""

from collections.abc import Sequence
from typing import Any

import pendulum
from sqlalchemy import Connection, select

from casework import facts, loading
from casework.beginning import Beginning, Where, begin_all
from casework.loading import Loaded
from casework.recording import Batch, Hand
from models import Matter, RegisterEntry
from models import Subject as SubjectRow
from procedure.act import SYSTEM, Act, Refusal
from procedure.entry import Entry
from procedure.event import Event
from procedure.instant import calendar_day, end_of, instant
from procedure.machine import decide

_matters = Matter.__table__
_subjects = SubjectRow.__table__
_entries = RegisterEntry.__table__


def follow(connection: Connection, case: Loaded, happened: Sequence[Event]) -> None:
    """Do to the entry of the register what follows from what has happened to its application."""
    for event in happened:
        if event.kind == "filed" and "entry" in case.procedure.lives:
            _begin_entry(connection, case, event)
        elif event.kind == "rectified" and "valid_to" in event.data.get("filing", ()):
            _move_validity(connection, case, event)


def _begin_entry(connection: Connection, case: Loaded, event: Event) -> None:
    data, application = event.data, case.subject.application
    valid_to = calendar_day(data["valid_to"])
    record = Entry(
        data["number"],
        data["name"],
        application.lead,
        application.lead_name,
        application.district,
        case.subject.ref,
        calendar_day(data["valid_from"]),
        valid_to,
    )
    row = connection.execute(
        select(_entries.c.id, _subjects.c.revision_id)
        .join(_subjects, _subjects.c.id == _entries.c.subject_id)
        .where(_entries.c.subject_id == case.id)
    ).one()
    where = Where(case.bureau_id, row.revision_id, case.procedure, case.calendar, event.effective_at)
    dates = {"valid_to": end_of(valid_to)}
    answer = begin_all(
        connection, where, [Beginning("entry", data["number"], record, row.id, dates=dates)], Hand(SYSTEM)
    )
    if isinstance(answer, Refusal):
        raise RuntimeError(f"the entry {data['number']} cannot begin: {answer.code}")


def _move_validity(connection: Connection, case: Loaded, event: Event) -> None:
    found = (
        select(_matters.c.subject_id)
        .join(_entries, _entries.c.id == _matters.c.entry_id)
        .where(_matters.c.kind == "entry", _entries.c.subject_id == case.id)
    )
    subject_id = connection.execute(found).scalar()
    if subject_id is not None:
        valid_to = calendar_day(event.data["filing"]["valid_to"])
        act(connection, subject_id, "move_validity", {"valid_to": valid_to}, event.effective_at)


def act(
    connection: Connection, subject_id: int, name: str, payload: dict[str, Any], now: pendulum.DateTime
) -> None:
    """Do an act of the program to a matter in the transaction; RuntimeError where it is refused."""
    loaded = loading.one(connection, subject_id)
    answer = decide(
        loaded.procedure, loaded.subject, facts.plain(loaded), Act(name, SYSTEM, payload), instant(now)
    )
    if isinstance(answer, Refusal):
        raise RuntimeError(f"{loaded.subject.ref}: {name} is refused: {answer.code} {dict(answer.facts)}")
    batch = Batch(loaded.now)
    settled = (Hand(SYSTEM),) * (len(answer.events) - 1)
    batch.add(loaded, answer.events, answer.subject, (*settled, Hand(SYSTEM, name)))
    batch.write(connection)
