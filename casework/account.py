"""The whole account of a call or a case as plain data: where it stands, why, and everything that led there.

The same story gives the same account, whatever the database and whenever sweeps ran: ids, hashes, salts and
message ids stay out of it.
"""

import datetime
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, select

from casework import loading, queries, urging
from casework.loading import Loaded
from models import Deadline, Member, Notice, Organisation, Person, RegisterEntry
from models import Event as EventRow
from procedure import event as events
from procedure.definition import Clause, DeadlineRule, Outcome, Procedure, Rule, Stage
from procedure.eligibility import of_application
from procedure.event import Event
from procedure.form import yuan
from procedure.instant import day_of, iso
from procedure.subject import Application, Subject

_deadlines = Deadline.__table__
_events = EventRow.__table__
_people = Person.__table__
_notices = Notice.__table__
_members = Member.__table__
_organisations = Organisation.__table__
_register = RegisterEntry.__table__
_PEOPLE: Final = frozenset(
    {"by", "cleared", "expert", "experts", "on_behalf_of", "order", "person", "present", "released", "seated"}
)
"""What in an event's data names people, or has them in it."""
_PEOPLE_OF: Final = {"reassigned": frozenset({"from", "to"})}


def account(connection: Connection, subject_id: int) -> dict[str, Any]:
    """Return everything about a subject as plain data, instants as ISO 8601 texts in Shanghai time.

    Raises NoSuchSubject.
    """
    loaded = loading.one(connection, subject_id)
    procedure, subject = loaded.procedure, loaded.subject
    told = _events_of(connection, subject_id)
    because = _because(told)
    common = {
        "ref": subject.ref,
        "kind": subject.kind,
        "stage": subject.stage,
        "outcome": subject.outcome,
        "title": _title(procedure, subject),
        "reason": None,
        "because": because,
        "grounds": _grounds(procedure, subject, because),
        "entered_at": None if subject.entered_at is None else iso(subject.entered_at),
        "deadlines": _deadlines_of(connection, subject_id),
        "events": told,
        "notices": _notices_of(connection, subject_id),
        "urges": [{**asdict(each), "at": iso(each.at)} for each in urging.of_subject(connection, subject_id)],
    }
    if isinstance(subject.record, Application):
        common |= _application(connection, loaded, subject.record)
    else:
        common |= {
            "dates": {name: iso(at) for name, at in subject.dates.items()},
            "selected": list(subject.call.selected),
            "passed_over": list(subject.call.passed_over),
        }
    return common


def _application(connection: Connection, loaded: Loaded, record: Application) -> dict[str, Any]:
    subject_id = loaded.id
    members = connection.execute(
        select(_organisations.c.uscc, _organisations.c.name, _members.c.kind, _members.c.status)
        .join(_organisations, _organisations.c.id == _members.c.organisation_id)
        .where(_members.c.subject_id == subject_id)
        .order_by(_members.c.id)
    )
    entry = connection.execute(select(_register).where(_register.c.subject_id == subject_id)).one_or_none()
    return {
        "lead": {"uscc": record.lead, "name": record.lead_name, "kind": record.lead_kind},
        "district": record.district,
        "direction": record.form.get("consortium.direction"),
        "reason": record.reason,
        "submitted_at": None if record.submitted_at is None else iso(record.submitted_at),
        "members": [
            {"uscc": row.uscc, "name": row.name, "kind": row.kind, "status": row.status} for row in members
        ],
        "eligibility": {
            each.rule: each.answer for each in of_application(loaded.procedure, record, day_of(loaded.now))
        },
        "waivers": [
            {
                "rule": each.rule,
                "reason": each.reason,
                "at": iso(each.waived_at),
                "used_at": _maybe(each.used_at),
            }
            for each in record.waivers
        ],
        "mean": None if record.mean is None else yuan(record.mean),
        "rank": record.rank,
        "register": None
        if entry is None
        else {
            "number": entry.number,
            "name": entry.name,
            "direction": entry.direction,
            "document_number": entry.document_number,
            "valid_from": entry.valid_from.isoformat(),
            "valid_to": None if entry.valid_to is None else entry.valid_to.isoformat(),
            "filed_at": iso(entry.filed_at),
            "state": entry.state,
        },
    }


def _events_of(connection: Connection, subject_id: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(_events, _people.c.handle)
        .outerjoin(_people, _people.c.id == _events.c.person_id)
        .where(_events.c.subject_id == subject_id)
        .order_by(_events.c.seq)
    )
    people = connection.execute(select(_people.c.id, _people.c.handle))
    handles: dict[int, str] = {person.id: person.handle for person in people}
    told: list[dict[str, Any]] = []
    for row in rows:
        event = events.load(row.data)
        told.append(
            {
                "seq": row.seq,
                "kind": row.kind,
                "at": iso(row.effective_at),
                "recorded_at": iso(row.recorded_at),
                "by": row.handle,
                "role": row.role,
                "act": row.act,
                "stage": event.stage,
                "outcome": event.outcome,
                "data": _named(event, handles),
            }
        )
    return told


def _named(event: Event, handles: dict[int, str]) -> dict[str, Any]:
    """Return the event's data with people by handle: their ids differ from one database to the next."""
    people = _PEOPLE | _PEOPLE_OF.get(event.kind, frozenset())

    def told(value: Any, *, person: bool) -> Any:
        if isinstance(value, dict) and person:
            return {handles.get(int(key)): each for key, each in value.items()}
        if isinstance(value, dict):
            return {key: told(each, person=key in people) for key, each in value.items()}
        if isinstance(value, list):
            return [told(each, person=person) for each in value]
        return handles.get(value) if person and isinstance(value, int) else value

    return told(dict(event.data), person=False)


def _because(told: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return what brought the subject to where it stands."""
    moving = [event for event in told if event["stage"] or event["outcome"]]
    if not moving:
        return None
    last = moving[-1]
    because = {"event": last["kind"], "at": last["at"], "act": last["act"], "by": last["by"]}
    return because | {key: last["data"][key] for key in ("deadline", "due", "rules") if key in last["data"]}


def _title(procedure: Procedure, subject: Subject) -> dict[str, str]:
    life = procedure.life(subject.kind)
    named = life.stage[subject.stage] if subject.outcome is None else life.outcome[subject.outcome]
    return {"zh": named.title.zh, "en": named.title.en}


def _grounds(procedure: Procedure, subject: Subject, because: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return where the pack grounds the outcome or stage, the deadline that led there, the rules named."""
    life = procedure.life(subject.kind)
    given = because or {}
    rules = {rule.id: rule for rule in procedure.rules}
    found: list[tuple[str, Stage | Outcome | DeadlineRule | Rule]] = []
    if subject.outcome is None:
        found.append(("stage", life.stage[subject.stage]))
    else:
        found.append(("outcome", life.outcome[subject.outcome]))
    if given.get("deadline") in life.deadline:
        found.append(("deadline", life.deadline[given["deadline"]]))
    found += [("rule", rules[name]) for name in given.get("rules", [])]
    return [
        {
            "of": kind,
            "id": ground.id,
            "title": {"zh": ground.title.zh, "en": ground.title.en},
            **_clause(ground.clause),
        }
        for kind, ground in found
    ]


def _clause(clause: Clause | None) -> dict[str, Any]:
    if clause is None:
        return {"basis": "setting", "document": None, "clause": None, "modality": None}
    return {
        "basis": "clause",
        "document": clause.document,
        "clause": clause.clause,
        "modality": clause.modality,
    }


def _deadlines_of(connection: Connection, subject_id: int) -> list[dict[str, Any]]:
    lines: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for line in queries.ledger(connection, subject_id):
        entry = line.entry
        lines.setdefault((line.deadline, line.occurrence), []).append(
            {
                "kind": entry.kind,
                "at": iso(entry.at),
                "due_before": _maybe(entry.due_before),
                "due_after": _maybe(entry.due_after),
                "remaining": entry.remaining,
                "reason": entry.reason,
                "calendar": entry.calendar,
                "provisional": entry.provisional,
                "by": line.person,
            }
        )
    rungs: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for rung in queries.rungs(connection, subject_id):
        rungs.setdefault((rung.deadline, rung.occurrence), []).append(
            {
                "rung": rung.rung,
                "at": iso(rung.at),
                "state": rung.state,
                "why": rung.why,
                "told": list(rung.people),
            }
        )
    rows = connection.execute(select(_deadlines).where(_deadlines.c.subject_id == subject_id)).all()
    # In Python, because databases order texts each in their own way.
    ordered = sorted(rows, key=lambda row: (row.started_at, row.name, row.occurrence))
    return [
        {
            "name": row.name,
            "occurrence": row.occurrence,
            "holder": row.holder,
            "state": row.state,
            "base_at": iso(row.base_at),
            "due": _maybe(row.due_at),
            "provisional": row.provisional,
            "started_at": iso(row.started_at),
            "ended_at": _maybe(row.ended_at),
            "ledger": lines.get((row.name, row.occurrence), []),
            "ladder": rungs.get((row.name, row.occurrence), []),
        }
        for row in ordered
    ]


def _notices_of(connection: Connection, subject_id: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(
            _notices.c.seq,
            _notices.c.cause,
            _notices.c.text,
            _notices.c.channel,
            _notices.c.created_at,
            _people.c.handle,
        )
        .join(_people, _people.c.id == _notices.c.recipient_id)
        .where(_notices.c.subject_id == subject_id)
    ).all()
    return [
        {
            "seq": row.seq,
            "cause": row.cause,
            "text": row.text,
            "to": row.handle,
            "channel": row.channel,
            "at": iso(row.created_at),
        }
        for row in sorted(rows, key=lambda row: (row.created_at, row.seq or 0, row.text, row.handle))
    ]


def _maybe(at: datetime.datetime | None) -> str | None:
    return None if at is None else iso(at)
