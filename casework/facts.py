"""The facts that an act declares, loaded for its decision."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import Connection, Row, case, func, insert, select, update

from casework import bars, consortium, desks, endorsements, grants, loading, panels, procedures, rectifying
from casework.loading import Loaded
from models import Case, Counter, Event, Organisation, RegisterEntry, Revision, StoredFile, Subject
from procedure import act, register
from procedure import event as events
from procedure import subject as subjects
from procedure.acts import ACTS
from procedure.change import Change
from procedure.definition import StageKind
from procedure.machine import replay, settle
from procedure.subject import Application
from procedure.uscc import InvalidUscc, valid

_organisations = Organisation.__table__
_files = StoredFile.__table__
_counters = Counter.__table__
_cases = Case.__table__
_events = Event.__table__
_subjects = Subject.__table__
_register = RegisterEntry.__table__
_revisions = Revision.__table__

LOCKING = frozenset(
    {
        "counter",
        "children",
        "names",
        "pool",
        "recommended",
        "rectification",
        "consortium",
        "entitled",
        "plan",
        "units",
    }
)
"""Facts that hold only while the write lock is held."""


def plain(loaded: Loaded) -> act.Facts:
    """Return the facts of an act that declares none: the calendar in force, and chance fresh each time.

    In a story, which comes out the same whenever it is told, a case's number stands for chance.
    """
    if loaded.in_story:
        return act.Facts(
            loaded.calendar, entropy=hashlib.sha256(loaded.subject.ref.encode()).hexdigest()[:32]
        )
    return act.Facts(loaded.calendar, entropy=secrets.token_hex(16))


def needs_lock(act_name: str) -> bool:
    """Return whether the act must be decided inside the transaction that writes it."""
    spec = ACTS.get(act_name)
    return spec is not None and not spec.facts.isdisjoint(LOCKING)


def _concerns(loaded: Loaded, act_name: str) -> bool:
    """Return whether an act can be one of this subject: those of applications have no facts about a call."""
    life = loaded.procedure.life(loaded.subject.kind)
    if loaded.subject.kind == "application" or act_name in life.everywhere or act_name in life.afterwards:
        return True
    return any(act_name in stage.acts for stage in life.stages)


def of_act(connection: Connection, loaded: Loaded, act_name: str, payload: Mapping[str, Any]) -> act.Facts:
    """Return the facts that ``act_name`` declares, for ``loaded``."""
    spec = ACTS.get(act_name)
    if spec is None or not spec.facts or not _concerns(loaded, act_name):
        return plain(loaded)
    try:
        payload = spec.payload.model_validate(dict(payload)).model_dump()
    except ValidationError:
        # The decision names what is wrong with the particulars, and looks at nothing else.
        return plain(loaded)
    values = {name: load(connection, loaded) for name, load in _OF_CASE.items() if name in spec.facts}
    if "bars" in spec.facts:
        values["bars"] = bars.standing(connection, loaded.bureau_id, _units(loaded, payload))
    if "organisations" in spec.facts:
        values["organisations"] = _known_organisations(connection, payload["uscc"])
    if "experts" in spec.facts:
        values["experts"] = panels.named(connection, loaded.bureau_id, _handles(payload))
    if "defences" in spec.facts:
        values["defences"] = panels.defences(connection, loaded, payload)
    if "files" in spec.facts:
        values["stored_files"] = _stored(connection, [payload, *_listed(payload.get("evidence"))])
    if "rectification" in spec.facts:
        values |= rectifying.known(connection, loaded, payload)
    if "names" in spec.facts:
        values["names_taken"] = _same_name(connection, loaded, payload)
    if "counter" in spec.facts:
        year = str(payload.get("document_date", ""))[:4]
        values["counter"] = next_number(connection, loaded.bureau_id, f"register:{year}")
    return replace(plain(loaded), **values)


def _units(loaded: Loaded, payload: Mapping[str, Any]) -> set[str]:
    """Return the units that lead, or are of a core layer, by what the subject and the act say."""
    record = loaded.subject.record
    named = {str(payload.get("uscc", "")).strip(), loaded.subject.lead or ""}
    if isinstance(record, Application):
        named |= {each.uscc for each in record.members}
    elif isinstance(record, Change):
        named |= {record.new_lead or "", *(each.uscc for each in record.joins)}
    return named - {""}


def _last_act(connection: Connection, loaded: Loaded) -> act.LastAct | None:
    rows = connection.execute(
        select(_events.c.act, _events.c.person_id, _events.c.data, _events.c.personal)
        .where(_events.c.subject_id == loaded.id)
        .order_by(_events.c.seq)
    ).all()
    last = rows[-1]
    if last.person_id is None or last.act is None or len(rows) == 1:
        return None
    before = replay(events.load(row.data, loading.personal(row.personal)) for row in rows[:-1])
    return act.LastAct(last.act, last.person_id, before)


def _open_evaluations(connection: Connection, loaded: Loaded) -> int:
    open_ones = select(func.count()).where(_subjects.c.parent_id == loaded.id, _subjects.c.outcome.is_(None))
    return int(connection.execute(open_ones).scalar_one())


def next_number(connection: Connection, bureau_id: int, name: str) -> int:
    """Take the next number of a counter; its row stays locked until the transaction ends."""
    taken = connection.execute(
        update(_counters)
        .where(_counters.c.bureau_id == bureau_id, _counters.c.name == name)
        .values(value=_counters.c.value + 1)
        .returning(_counters.c.value)
    ).scalar()
    if taken is None:
        connection.execute(insert(_counters).values(bureau_id=bureau_id, name=name, value=1))
        return 1
    return int(taken)


def children(connection: Connection, call: Loaded, *, kept: bool = True) -> dict[str, act.Child]:
    """Return where every application of a call stands, by number; with its mean if it waits for a list.

    What has fallen due counts as having happened, whether a sweep has been there or not. What is not ``kept``
    is only looked at.
    """
    stages = call.procedure.application.stages
    waiting = [stage.id for stage in stages if stage.kind is StageKind.SELECTION]
    in_play = _subjects.c.stage.in_(waiting) | (_subjects.c.passes_at <= call.now)
    statement = (
        select(
            _cases.c.number,
            _cases.c.direction,
            _subjects.c.stage,
            _subjects.c.outcome,
            _organisations.c.name.label("lead"),
            case((in_play & _subjects.c.outcome.is_(None), _subjects.c.state)).label("state"),
            _revisions.c.content_hash,
        )
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .join(_revisions, _revisions.c.id == _subjects.c.revision_id)
        .join(_organisations, _organisations.c.id == _cases.c.lead_id)
        .where(_subjects.c.parent_id == call.id)
        .order_by(_subjects.c.id)
    )
    if kept:
        # A case must not leave between the look at it and what follows for it.
        statement = statement.with_for_update(of=_subjects)
    rows = connection.execute(statement)
    return {row.number: _child(connection, call, row) for row in rows}


def _child(connection: Connection, call: Loaded, row: Row[Any]) -> act.Child:
    if row.state is None:
        return act.Child(row.stage, row.outcome, row.lead, row.direction or "")
    # While a call moves to another revision, a case may still be under the former.
    procedure = procedures.by_hash(connection, row.content_hash)
    now, _ = settle(procedure, subjects.load(row.state), plain(call), call.now)
    mean = now.application.mean
    return act.Child(now.stage, now.outcome, row.lead, row.direction or "", mean)


def _listed(things: object) -> list[Mapping[str, Any]]:
    return [thing for thing in things if isinstance(thing, Mapping)] if isinstance(things, Iterable) else []


def _stored(connection: Connection, named: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return which of the files named by their ``digest`` are stored, with their sizes."""
    digests = [str(each.get("digest", "")) for each in named]
    rows = connection.execute(select(_files.c.digest, _files.c.size).where(_files.c.digest.in_(digests)))
    return {row.digest: row.size for row in rows}


def _known_organisations(connection: Connection, typed: str) -> dict[str, act.Organisation]:
    try:
        uscc = valid(typed)
    except InvalidUscc:
        return {}
    rows = connection.execute(
        select(_organisations.c.uscc, _organisations.c.name, _organisations.c.kind).where(
            _organisations.c.uscc == uscc
        )
    )
    return {row.uscc: act.Organisation(row.uscc, row.name, row.kind) for row in rows}


def _handles(payload: Mapping[str, Any]) -> Iterator[str]:
    """Yield the experts' handles that an act's particulars name, whatever else stands there."""
    for name in ("experts", "present", "expert"):
        given = payload.get(name)
        for each in given if isinstance(given, Iterable) and not isinstance(given, str) else (given,):
            if isinstance(each, str):
                yield each


def _same_name(connection: Connection, loaded: Loaded, payload: Mapping[str, Any]) -> frozenset[str]:
    form = loaded.subject.application.form
    direction = str(payload.get("direction") or form.get("consortium.direction", ""))
    name = register.official_name(loaded.procedure, direction, form)
    rows = connection.execute(
        select(_register.c.name).where(
            _register.c.bureau_id == loaded.bureau_id, _register.c.name == name, _register.c.state == "valid"
        )
    )
    return frozenset(rows.scalars())


_OF_CASE: Final[dict[str, Callable[[Connection, Loaded], Any]]] = {
    "pool": panels.pool,
    "seated": panels.seated,
    "party_people": panels.party_people,
    "officers": desks.officers,
    "children": children,
    "last": _last_act,
    "open_evaluations": _open_evaluations,
    "recommended": endorsements.before,
    "consortium": consortium.known,
    "entitled": grants.entitled,
    "plan": consortium.plan,
    "units": consortium.units,
}
"""Facts that depend on the case or call alone."""
