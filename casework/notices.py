"""Notices: for everything that is told, one row for each person it is told to, in the same transaction."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from casework import recipients
from casework.choices import manner, next_morning
from casework.loading import Loaded
from casework.recipients import BUREAU_AUDIENCES, Audience, Recipient
from models import Notice, Person
from models.notice import LATER, ORDINARY
from models.prepared import Prepared
from procedure import event as events
from procedure import written
from procedure.change import Change
from procedure.definition import Procedure
from procedure.entry import OfEntry
from procedure.instant import day_of, iso
from procedure.panel import late
from procedure.subject import Application, Subject

_notices = Notice.__table__
_people = Person.__table__
NOTICE: Final = Prepared(insert(_notices))
_INSERT: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
# Both engines bound the parameters of one statement.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Tale:
    """An event to be told, with the subject as it was after it."""

    loaded: Loaded
    event: events.Event
    after: Subject


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of a deadline's ladder to be told: which text to which audiences, and to ``people`` by id.

    ``at`` is the instant that the rung stands for. The texts see the deadline's title and due instant, and
    what ``data`` has under the names that an event's data has (``reason``, ``items``), and what ``context``
    has by language (``zh``, ``en``), which comes first. Before ``not_before`` nothing is sent; ``urgency``
    is one of ``models.notice``. Of a person's own channels the first of ``channels`` is taken.
    """

    loaded: Loaded
    deadline: str
    occurrence: int
    rung: str
    at: pendulum.DateTime
    text: str
    to: tuple[str, ...] = ()
    people: frozenset[int] = frozenset()
    urgency: int = ORDINARY
    not_before: pendulum.DateTime | None = None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    context: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    channels: tuple[str, ...] = ()

    @property
    def cause(self) -> str:
        """What its notices are unique by, within the subject: one a person, however often it is written."""
        return f"rung {self.deadline} {self.occurrence} {self.rung}"


@dataclass(frozen=True, slots=True)
class Summons:
    """What operations owe their own people, such as the daily summary: a text of ``notifications``.

    ``cause`` names the occasion (``daily 2024-08-05``) and is told to each person once. ``context`` has the
    text's variables by language (``zh``, ``en``); what is ``sealed`` in it is opened when the message leaves.
    What is ``served`` cannot be declined.
    """

    cause: str
    text: str
    people: frozenset[int]
    context: Mapping[str, Mapping[str, Any]]
    urgency: int = LATER
    not_before: pendulum.DateTime | None = None
    served: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """One text of one cause for one audience."""

    loaded: Loaded
    after: Subject
    cause: str
    seq: int | None
    text: str
    audience: Audience
    data: Mapping[str, Any]
    at: pendulum.DateTime
    urgency: int = ORDINARY
    not_before: pendulum.DateTime | None = None
    context: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    channels: tuple[str, ...] = ()


def write(connection: Connection, tales: Iterable[Tale], now: pendulum.DateTime) -> None:
    """Write the notices of ``tales``: a person gets one for an event, by its first text that names them."""
    rows = _rows(connection, of_events(tales), now)
    if rows:
        NOTICE.execute(connection, rows)


def write_rungs(connection: Connection, rungs: Iterable[Rung], now: pendulum.DateTime) -> int:
    """Write the notices of ``rungs`` and return how many are new.

    A person gets one for a rung of a deadline's occurrence, by the first text that names them. Written
    again, by whichever process, a rung adds nothing.
    """
    return _add(connection, _rows(connection, _of_rungs(rungs), now))


def write_summons(connection: Connection, summons: Iterable[Summons], now: pendulum.DateTime) -> int:
    """Write what operations owe their people and return how many notices are new; again it adds nothing."""
    rows: list[dict[str, Any]] = []
    for each in summons:
        people = connection.execute(
            select(_people.c.id, _people.c.name, _people.c.language, _people.c.choices)
            .where(_people.c.id.in_(each.people), _people.c.active)
            .order_by(_people.c.id)
        )
        for person in people:
            how = manner(person.choices, each.text, person.language, served=each.served)
            rows += [
                {
                    **_row(channel, now, each.not_before),
                    "subject_id": None,
                    "cause": each.cause,
                    "seq": None,
                    "text": each.text,
                    "recipient_id": person.id,
                    "language": how.language,
                    "urgency": each.urgency,
                    "context": {**each.context[how.language], "recipient_name": person.name},
                }
                for channel in how.channels[:1]
            ]
    return _add(connection, _named(rows, now))


def preview(connection: Connection, rungs: Iterable[Rung], now: pendulum.DateTime) -> list[dict[str, Any]]:
    """Return the rows that ``write_rungs`` would write, without writing any."""
    return _rows(connection, _of_rungs(rungs), now)


def _add(connection: Connection, rows: list[dict[str, Any]]) -> int:
    added = 0
    for first in range(0, len(rows), _AT_ONCE):
        fresh = _INSERT[connection.dialect.name](_notices).on_conflict_do_nothing()
        chunk = rows[first : first + _AT_ONCE]
        added += len(connection.execute(fresh.returning(_notices.c.id), chunk).all())
    return added


def of_events(tales: Iterable[Tale]) -> list[Telling]:
    """Return what events tell to whom."""
    return [
        Telling(
            tale.loaded,
            tale.after,
            f"event {tale.event.seq}",
            tale.event.seq,
            told.text,
            audience,
            tale.event.data,
            tale.event.effective_at,
        )
        for tale in tales
        for told in tale.event.told
        for name in told.to
        if (audience := _audience(tale.loaded.procedure, tale.event.data, tale.after, name)) is not None
    ]


def _of_rungs(rungs: Iterable[Rung]) -> list[Telling]:
    tellings: list[Telling] = []
    for rung in rungs:
        procedure, subject = rung.loaded.procedure, rung.loaded.subject
        data = {**rung.data, "deadline": rung.deadline}
        found = [_audience(procedure, data, subject, name) for name in rung.to]
        if rung.people:
            found.append(Audience((), people=rung.people))
        tellings += [
            Telling(
                rung.loaded,
                subject,
                rung.cause,
                None,
                rung.text,
                audience,
                data,
                rung.at,
                rung.urgency,
                rung.not_before,
                rung.context,
                rung.channels,
            )
            for audience in found
            if audience is not None
        ]
    return tellings


def _rows(connection: Connection, meant: list[Telling], now: pendulum.DateTime) -> list[dict[str, Any]]:
    if not meant:
        return []
    contexts = Contexts()
    rows: dict[tuple[int, str, int], dict[str, Any]] = {}
    found = recipients.find(connection, (telling.audience for telling in meant), day_of(now))
    for telling in meant:
        for recipient in found.of(telling.audience):
            key = (telling.loaded.id, telling.cause, recipient.person)
            if key not in rows:
                row = told_to(telling, recipient, contexts, now)
                if row is not None:
                    rows[key] = row
    return _named(list(rows.values()), now)


class Contexts:
    """What the texts may say, found once for each cause, text and language."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str, str, int, str], dict[str, Any]] = {}

    def of(self, each: Telling, language: str) -> dict[str, Any]:
        """Return it for ``each``."""
        # Of one rung each recommending unit may be told figures of its own.
        figures = id(each.context) if each.context else 0
        key = (each.loaded.id, each.cause, each.text, figures, language)
        if key not in self._found:
            self._found[key] = _context(each, language)
        return self._found[key]


def told_to(
    each: Telling, recipient: Recipient, contexts: Contexts, now: pendulum.DateTime
) -> dict[str, Any] | None:
    """Return the row of what one person is told, by the first channel of their choice; None without one."""
    loaded = each.loaded
    text = loaded.procedure.notices.get(each.text)
    how = manner(recipient.choices, each.text, recipient.language, served=text is not None and text.served)
    if not how.channels:
        return None
    channel = next((one for one in each.channels if one in how.channels), how.channels[0])
    row = _row(channel, now, each.not_before)
    urgency = each.urgency
    if how.digest and urgency >= ORDINARY:
        morning = next_morning(loaded.calendar, max(now, each.not_before or now))
        row |= {"not_before": morning, "bundle": f"{day_of(morning)}"}
        urgency = LATER
    return {
        **row,
        "subject_id": loaded.id,
        "cause": each.cause,
        "seq": each.seq,
        "text": each.text,
        "recipient_id": recipient.person,
        "language": how.language,
        "urgency": urgency,
        "context": {**contexts.of(each, how.language), "recipient_name": recipient.name},
    }


def _row(channel: str, now: pendulum.DateTime, not_before: pendulum.DateTime | None) -> dict[str, Any]:
    return {
        "channel": channel,
        "state": "pending",
        "attempts": 0,
        "strikes": 0,
        "possibly_twice": False,
        "created_at": now,
        "not_before": now if not_before is None else max(now, not_before),
        "bundle": None,
    }


def _named(rows: list[dict[str, Any]], now: pendulum.DateTime) -> list[dict[str, Any]]:
    """Give each row the id of its message."""
    for row, message_id in zip(rows, message_ids(now, len(rows)), strict=True):
        row["message_id"] = message_id
    return rows


def message_ids(now: pendulum.DateTime, count: int) -> list[str]:
    """Return as many new ids of messages."""
    # Its time comes first, so that what is written together lies together in the index.
    time, chance = f"<{int(now.timestamp() * 1000):012x}", secrets.token_hex(10 * count)
    return [f"{time}{chance[at : at + 20]}@beian>" for at in range(0, 20 * count, 20)]


def _audience(procedure: Procedure, data: Mapping[str, Any], after: Subject, name: str) -> Audience | None:
    if name == "holder":
        if after.outcome is not None:
            return None
        if isinstance(after.record, Application) and after.record.desk is not None:
            return Audience((), people=frozenset({after.record.desk}))
        name = procedure.life(after.kind).stage[after.stage].holder
    roles = BUREAU_AUDIENCES.get(name)
    if roles is not None:
        unit = after.district if name == "district" else None
        return Audience(roles, frozenset({unit or procedure.bureau.code}))
    if name == "applicant":
        return None if after.lead is None else Audience(("applicant",), frozenset({after.lead}))
    if name == "members" and isinstance(after.record, Change):
        return Audience(("member",), frozenset(each.uscc for each in after.record.parties))
    if not isinstance(after.record, Application):
        return None
    record = after.record
    if name == "members":
        joined = (member.uscc for member in record.members if member.status != "declined")
        return Audience(("member",), frozenset(joined))
    if name == "acting_member":
        return Audience(("member",), frozenset({str(data.get("uscc", ""))}))
    if name == "assignee":
        return None if record.desk is None else Audience((), people=frozenset({record.desk}))
    if name == "panel":
        return Audience((), people=frozenset(record.panel))
    if name == "late_experts":
        return Audience((), people=frozenset(late(procedure.application.stage[after.stage], record)))
    if name in ("seated_experts", "released_experts"):
        people = data.get(name.removesuffix("_experts"), [])
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


def _reason(procedure: Procedure, data: Mapping[str, Any], language: str) -> str:
    if "rung" in data:
        return written.handed_on(procedure, data["deadline"], data["rung"], language)
    return str(data.get("reason") or data.get("findings") or data.get("opinion") or "")


def _context(each: Telling, language: str) -> dict[str, Any]:
    """Return what the texts may say; agreed with the packs as ``NOTICE_VARIABLES``."""
    loaded, after, data = each.loaded, each.after, each.data
    procedure = loaded.procedure
    at = 1 if language == "en" else 0
    life = procedure.life(after.kind)
    record = after.record if isinstance(after.record, Application) else None
    outcome = None if after.outcome is None else life.outcome[after.outcome]
    rule = procedure.rule.get(data.get("rule", ""))
    ground = (rule or outcome or life.stage[after.stage]).clause
    filing = None if record is None else record.filing
    filed = after.record if isinstance(after.record, OfEntry) else None
    named = data.get("deadline")
    visit = None if record is None else record.visit
    defence = None if record is None else record.defence
    return {
        "case_number": after.ref,
        "call_title": loaded.call_title[at],
        "lead_name": after.lead_name,
        "district_name": loaded.district[at],
        "bureau_name": procedure.bureau.name.of(language),
        "stage": "" if outcome is not None else life.stage[after.stage].title.of(language),
        "outcome": "" if outcome is None else outcome.title.of(language),
        "due": _due_text(data, after),
        "reason": _reason(procedure, data, language),
        "clause": ""
        if ground is None
        else f"{procedure.documents[ground.document].title.of(language)} {ground.clause}",
        "official_name": filed.name if filed is not None else "" if filing is None else filing.name,
        "register_number": filed.entry if filed is not None else "" if filing is None else filing.number,
        "facts": str(data.get("facts", "")),
        "ground": str(data.get("ground", "")),
        "items": [f"{item['item']}: {item['remark']}" for item in data.get("items", [])],
        "rule": "" if rule is None else rule.title.of(language),
        "deadline": life.deadline[named].title.of(language) if named in life.deadline else "",
        "effective_at": iso(each.at),
        "visit_at": "" if visit is None else iso(visit.scheduled_for),
        "defence_at": "" if defence is None else iso(defence.scheduled_for),
        "defence_place": "" if defence is None else defence.place,
        "defence_position": "" if defence is None else str(defence.position),
        **each.context.get(language, {}),
    }
