"""What the register said on a past day: who stood in it, under which name and lead, and in which state.

States are kept with the instant since when; what a change or a rectification has altered since is made anew
from the events up to that instant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pendulum
from sqlalchemy import Connection, select

from casework import loading, register
from casework.register import Entry
from models import Bureau, Event, Matter, RegisterEntry, RegisterState
from procedure import entry as entries
from procedure import event as events
from procedure.machine import replay
from procedure.subject import Subject

_bureaus = Bureau.__table__
_events = Event.__table__
_matters = Matter.__table__
_register = RegisterEntry.__table__
_states = RegisterState.__table__


def said(
    connection: Connection,
    at: pendulum.DateTime,
    bureau: str | None = None,
    query: str = "",
    *,
    number: str | None = None,
) -> list[Entry]:
    """Return the register by number as it stood at an instant, of one bureau or all.

    What was not filed by then is left out. ``query`` narrows it to what held it then, as in
    ``register.entries``; ``number`` asks for one entry by its whole number.
    """
    states = _states_at(connection, at, bureau, number)
    altered = _altered_since(connection, at, bureau, number)
    told: list[Entry] = []
    for each in register.entries(connection, bureau, number=number):
        key = (each.bureau, each.number)
        if key not in states:
            continue
        then = replace(each, state=states[key])
        if key in altered:
            then = _as_it_was(connection, then, *altered[key], at)
        if query in then.name or query in then.number or query in then.lead or query in then.direction:
            told.append(then)
    return told


def _states_at(
    connection: Connection, at: pendulum.DateTime, bureau: str | None, number: str | None
) -> dict[tuple[str, str], str]:
    statement = (
        select(_bureaus.c.code, _register.c.number, _states.c.state)
        .join(_register, _register.c.id == _states.c.entry_id)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .where(_states.c.since <= at, *_wanted(bureau, number))
        .order_by(_states.c.entry_id, _states.c.number)
    )
    # Of each entry the last one is kept.
    return {(row.code, row.number): row.state for row in connection.execute(statement)}


def _altered_since(
    connection: Connection, at: pendulum.DateTime, bureau: str | None, number: str | None
) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the application and the entry of what was changed or rectified since, by bureau and number."""
    columns = (
        _bureaus.c.code,
        _register.c.number,
        _register.c.subject_id,
        _matters.c.subject_id.label("own"),
    )
    found = (
        select(*columns)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .join(_matters, (_matters.c.entry_id == _register.c.id) & (_matters.c.kind == "entry"))
        .where(_events.c.effective_at > at, *_wanted(bureau, number))
    )
    changed = found.join(_events, _events.c.subject_id == _matters.c.subject_id).where(
        _events.c.kind == "entry_changed"
    )
    rectified = found.join(_events, _events.c.subject_id == _register.c.subject_id).where(
        _events.c.kind == "rectified"
    )
    return {
        (row.code, row.number): (row.subject_id, row.own)
        for row in connection.execute(changed.union(rectified))
    }


def _wanted(bureau: str | None, number: str | None) -> Iterator[Any]:
    if bureau is not None:
        yield _bureaus.c.code == bureau
    if number is not None:
        yield _register.c.number == number


def _as_it_was(
    connection: Connection, told: Entry, application: int, own: int, at: pendulum.DateTime
) -> Entry:
    filing = _subject(connection, application, at).application.filing
    record = _subject(connection, own, at).record
    if filing is None or not isinstance(record, entries.Entry):
        return told
    return replace(
        told,
        # A change may have named it anew; what was rectified stands in the filing.
        name=record.name if record.name != _first_name(connection, own) else filing.name,
        lead=record.lead_name,
        uscc=record.lead,
        direction=record.direction or filing.direction,
        valid_from=filing.valid_from,
        valid_to=record.valid_to,
        document_number=filing.document_number,
    )


def _first_name(connection: Connection, own: int) -> str:
    [begun] = _read(connection, own, _events.c.seq == 1)
    record = replay([begun]).record
    return record.name if isinstance(record, entries.Entry) else ""


def _subject(connection: Connection, subject_id: int, at: pendulum.DateTime) -> Subject:
    return replay(_read(connection, subject_id, _events.c.effective_at <= at))


def _read(connection: Connection, subject_id: int, wanted: Any) -> Iterable[events.Event]:
    rows = connection.execute(
        select(_events.c.data, _events.c.personal)
        .where(_events.c.subject_id == subject_id, wanted)
        .order_by(_events.c.seq)
    ).all()
    return [events.load(row.data, loading.personal(row.personal)) for row in rows]
