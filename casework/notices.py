"""Notices: for every event that is told, one row for each person it is told to, in the same transaction."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, insert

from casework import recipients
from casework.loading import Loaded
from casework.recipients import BUREAU_AUDIENCES, Audience
from models import Notice
from models.prepared import Prepared
from procedure import event as events
from procedure.definition import Procedure
from procedure.instant import day_of, iso
from procedure.panel import late
from procedure.subject import Application, Subject

_NOTICE: Final = Prepared(insert(Notice.__table__))


@dataclass(frozen=True, slots=True)
class Tale:
    """An event to be told, with the subject as it was after it."""

    loaded: Loaded
    event: events.Event
    after: Subject


def write(connection: Connection, tales: Iterable[Tale], now: pendulum.DateTime) -> None:
    """Write the notices of ``tales``: a person gets one for an event, by its first text that names them."""
    meant = [
        (tale, told.text, audience)
        for tale in tales
        for told in tale.event.told
        for audience in _audiences(tale, told.to)
    ]
    if not meant:
        return
    found = recipients.find(connection, (audience for _, _, audience in meant), day_of(now))
    rows: dict[tuple[int, int, int], dict[str, Any]] = {}
    contexts: dict[tuple[int, int, str], dict[str, Any]] = {}
    for tale, text, audience in meant:
        of_event = (tale.loaded.id, tale.event.seq)
        for recipient in found.of(audience):
            if (*of_event, recipient.person) in rows:
                continue
            in_language = (*of_event, recipient.language)
            if in_language not in contexts:
                contexts[in_language] = _context(tale, recipient.language)
            rows[*of_event, recipient.person] = {
                "subject_id": tale.loaded.id,
                "seq": tale.event.seq,
                "text": text,
                "recipient_id": recipient.person,
                "channel": "email",
                "state": "pending",
                "attempts": 0,
                "possibly_twice": False,
                "context": {**contexts[in_language], "recipient_name": recipient.name},
                "created_at": now,
                "message_id": f"<{secrets.token_hex(16)}@beian>",
            }
    if rows:
        _NOTICE.execute(connection, list(rows.values()))


def _audiences(tale: Tale, names: tuple[str, ...]) -> list[Audience]:
    procedure, after = tale.loaded.procedure, tale.after
    return [audience for name in names if (audience := _audience(procedure, tale, after, name)) is not None]


def _audience(procedure: Procedure, tale: Tale, after: Subject, name: str) -> Audience | None:
    if name == "holder":
        if after.outcome is not None:
            return None
        name = procedure.life(after.kind).stage[after.stage].holder
    roles = BUREAU_AUDIENCES.get(name)
    if roles is not None:
        district = isinstance(after.record, Application) and name == "district"
        unit = after.application.district if district else procedure.bureau.code
        return Audience(roles, frozenset({unit}))
    if not isinstance(after.record, Application):
        return None
    record = after.record
    if name == "applicant":
        return Audience(("applicant",), frozenset({record.lead}))
    if name == "members":
        joined = (member.uscc for member in record.members if member.status != "declined")
        return Audience(("member",), frozenset(joined))
    if name == "acting_member":
        return Audience(("member",), frozenset({str(tale.event.data.get("uscc", ""))}))
    if name == "panel":
        return Audience((), people=frozenset(record.panel))
    if name == "late_experts":
        return Audience((), people=frozenset(late(procedure.application.stage[after.stage], record)))
    if name in ("seated_experts", "released_experts"):
        people = tale.event.data.get(name.removesuffix("_experts"), [])
        return Audience((), people=frozenset(people))
    return None


def _due_text(data: Mapping[str, Any], after: Subject) -> str:
    """Return the due instant a notice names: that of the event's own deadline, else the first to come."""
    if "due" in data:
        return str(data["due"])
    running = [each for each in after.deadlines if each.state == "running"]
    if "deadline" in data:
        running = [each for each in running if each.name == data["deadline"]]
    return min((iso(each.due_at) for each in running), default="")


def _context(tale: Tale, language: str) -> dict[str, Any]:
    """Return what the texts may say; agreed with the packs as ``NOTICE_VARIABLES``."""
    loaded, happening, after = tale.loaded, tale.event, tale.after
    procedure, data = loaded.procedure, happening.data
    at = 1 if language == "en" else 0
    life = procedure.life(after.kind)
    record = after.record if isinstance(after.record, Application) else None
    outcome = None if after.outcome is None else life.outcome[after.outcome]
    rule = next((rule for rule in procedure.rules if rule.id == data.get("rule")), None)
    ground = (rule or outcome or life.stage[after.stage]).clause
    filing = None if record is None else record.filing
    named = data.get("deadline")
    visit = None if record is None else record.visit
    defence = None if record is None else record.defence
    return {
        "case_number": after.ref,
        "call_title": loaded.call_title[at],
        "lead_name": "" if record is None else record.lead_name,
        "district_name": loaded.district[at],
        "bureau_name": procedure.bureau.name.of(language),
        "stage": "" if outcome is not None else life.stage[after.stage].title.of(language),
        "outcome": "" if outcome is None else outcome.title.of(language),
        "due": _due_text(data, after),
        "reason": str(data.get("reason") or data.get("findings") or data.get("opinion") or ""),
        "clause": ""
        if ground is None
        else f"{procedure.documents[ground.document].title.of(language)} {ground.clause}",
        "official_name": "" if filing is None else filing.name,
        "register_number": "" if filing is None else filing.number,
        "items": [f"{item['item']}: {item['remark']}" for item in data.get("items", [])],
        "rule": "" if rule is None else rule.title.of(language),
        "deadline": life.deadline[named].title.of(language) if named in life.deadline else "",
        "effective_at": iso(happening.effective_at),
        "visit_at": "" if visit is None else iso(visit.scheduled_for),
        "defence_at": "" if defence is None else iso(defence.scheduled_for),
        "defence_place": "" if defence is None else defence.place,
        "defence_position": "" if defence is None else str(defence.position),
    }
