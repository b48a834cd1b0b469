"""A filed consortium as it is now: its units, projects and history, from the entry and the application."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from casework import loading, panels
from casework.loading import Loaded, NoSuchSubject
from models import Bureau, Event, Matter, Organisation, RegisterEntry, Subject
from procedure import act, indicator
from procedure import event as events
from procedure import subject as subjects
from procedure.change import Change, Composition, Known, Tied, new_name, without_lead
from procedure.entry import Entry, Unit
from procedure.evaluation import Evaluation
from procedure.subject import Application

_matters = Matter.__table__
_subjects = Subject.__table__
_bureaus = Bureau.__table__
_register = RegisterEntry.__table__
_events = Event.__table__
_organisations = Organisation.__table__


@dataclass(frozen=True, slots=True)
class Filed:
    """An entry of the register: its row, its subject, and the consortium as it is."""

    entry_id: int
    loaded: Loaded
    composition: Composition

    @property
    def record(self) -> Entry:
        """The entry's particulars."""
        return _entry(self.loaded)

    @property
    def bureau(self) -> str:
        """The code of its city bureau."""
        return self.loaded.procedure.bureau.code

    @property
    def state(self) -> str:
        """What the register says of it."""
        return self.loaded.subject.outcome or self.loaded.subject.stage


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of an entry that was approved: when, by which change, and what it said before and since."""

    at: datetime.datetime
    cause: str
    aspect: str
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]


def filed(connection: Connection, number: str, bureau: str | None = None) -> Filed:
    """Return the consortium of a register number; raises NoSuchSubject for none, or several."""
    wanted = [_register.c.number == number]
    if bureau is not None:
        wanted.append(_bureaus.c.code == bureau)
    return _filed(connection, *wanted, called=number)


def of_matter(connection: Connection, loaded: Loaded) -> Filed:
    """Return the consortium that a matter after filing concerns."""
    entry = select(_matters.c.entry_id).where(_matters.c.subject_id == loaded.id).scalar_subquery()
    return _filed(connection, _register.c.id == entry, called=loaded.subject.ref)


def _filed(connection: Connection, *wanted: ColumnElement[bool], called: str) -> Filed:
    rows = connection.execute(
        select(_register.c.id, _matters.c.subject_id, _subjects.c.state)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .join(_subjects, _subjects.c.id == _register.c.subject_id)
        .join(_matters, (_matters.c.entry_id == _register.c.id) & (_matters.c.kind == "entry"))
        .where(*wanted)
    ).all()
    if len(rows) != 1:
        raise NoSuchSubject(f"no one entry {called!r}")
    loaded = loading.one(connection, rows[0].subject_id)
    record = _entry(loaded)
    application = subjects.load(rows[0].state).application
    return Filed(rows[0].id, loaded, composition(record, application, _kind_of(connection, record.lead)))


def _entry(loaded: Loaded) -> Entry:
    record = loaded.subject.record
    if not isinstance(record, Entry):
        raise TypeError(f"{loaded.subject.ref} is a {loaded.subject.kind}")
    return record


def _kind_of(connection: Connection, uscc: str) -> str:
    kind = select(_organisations.c.kind).where(_organisations.c.uscc == uscc)
    return str(connection.execute(kind).scalar_one())


def composition(entry: Entry, application: Application, kind: str) -> Composition:
    """Return the consortium as its changes have left it; ``kind`` is that of the present lead."""
    members = entry.members
    if members is None:
        joined = (each for each in application.members if each.status == "confirmed")
        members = tuple(Unit(each.uscc, each.name, each.kind, each.core_layer, each.form) for each in joined)
    same_lead = entry.lead == application.lead
    told = application.form if same_lead else without_lead(application.form)
    return Composition(Unit(entry.lead, entry.lead_name, kind), members, {**told, **entry.form})


def known(connection: Connection, loaded: Loaded) -> Known | None:
    """Return what a change is judged by, read anew; None for what is no change."""
    change = loaded.subject.record
    if not isinstance(change, Change):
        return None
    of_entry = of_matter(connection, loaded)
    told = Known(of_entry.record, of_entry.composition)
    name = new_name(loaded.procedure, told, change)
    taken = select(_register.c.name).where(
        _register.c.bureau_id == loaded.bureau_id, _register.c.name == name, _register.c.state == "valid"
    )
    return Known(
        told.entry,
        told.composition,
        tuple(_tied(connection, loaded, of_entry, change)),
        tuple(_open_matters(connection, of_entry.entry_id)),
        frozenset(connection.execute(taken).scalars()),
    )


def plan(connection: Connection, loaded: Loaded) -> dict[str, Any]:
    """Return the targets of the consortium that an evaluation is of, as its application or a change set them.

    By field; nothing where the procedure of the evaluation asks for no indicators.
    """
    asked = loaded.procedure.evaluation
    if not isinstance(loaded.subject.record, Evaluation) or asked is None or not asked.indicators:
        return {}
    return indicator.plan(loaded.procedure, of_matter(connection, loaded).composition.form)


def units(connection: Connection, loaded: Loaded) -> frozenset[str]:
    """Return the units of the consortium that an evaluation is of, as it is now; none for what is none."""
    if not isinstance(loaded.subject.record, Evaluation):
        return frozenset()
    return frozenset(each.uscc for each in of_matter(connection, loaded).composition.units)


def _open(connection: Connection, entry_id: int, *kinds: str) -> list[Any]:
    return list(
        connection.execute(
            select(_matters.c.number, _subjects.c.state)
            .join(_subjects, _subjects.c.id == _matters.c.subject_id)
            .where(_matters.c.entry_id == entry_id, _matters.c.kind.in_(kinds), _subjects.c.outcome.is_(None))
            .order_by(_matters.c.subject_id)
        )
    )


def _open_matters(connection: Connection, entry_id: int) -> Iterator[str]:
    for row in _open(connection, entry_id, "evaluation", "revocation"):
        yield row.number


def open_change(connection: Connection, entry_id: int) -> str | None:
    """Return the number of the entry's change that is open, if one is."""
    return next((row.number for row in _open(connection, entry_id, "change")), None)


def _tied(connection: Connection, loaded: Loaded, of_entry: Filed, change: Change) -> Iterator[Tied]:
    """Yield who reviews the entry now and is tied to a unit that is to join."""
    fresh = {each.uscc for each in change.joins}
    if not fresh:
        return
    for row in _open(connection, of_entry.entry_id, "evaluation"):
        record = subjects.load(row.state).record
        reviewers = record.experts if isinstance(record, Evaluation) else ()
        for expert in panels.by_person(connection, loaded.bureau_id, reviewers):
            for uscc in sorted(fresh & {expert.employer, *expert.ties}):
                yield Tied(row.number, expert.handle, expert.name, uscc)


def history(connection: Connection, entry: Filed) -> list[Changed]:
    """Return what was changed of an entry, in order; what it said before stays on record."""
    rows = connection.execute(
        select(_events.c.effective_at, _events.c.data)
        .where(_events.c.subject_id == entry.loaded.id, _events.c.kind == "entry_changed")
        .order_by(_events.c.seq)
    )
    told = [(row.effective_at, events.load(row.data).data) for row in rows]
    return [
        Changed(at, data["cause"], data["aspect"], data["reason"], data["before"], data["after"])
        for at, data in told
    ]


def organisations(connection: Connection, usccs: list[str]) -> dict[str, act.Organisation]:
    """Return the known organisations among these."""
    rows = connection.execute(
        select(_organisations.c.uscc, _organisations.c.name, _organisations.c.kind).where(
            _organisations.c.uscc.in_(usccs)
        )
    )
    return {row.uscc: act.Organisation(row.uscc, row.name, row.kind) for row in rows}
