"""The published lists of a call and the objections to their entries: how they are kept and read."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, ScalarSelect, and_, func, insert, select, update

from casework import loading
from casework.loading import Loaded
from models import Case, Deadline, Objection, ObjectionEvidence, Publicity, PublicityEntry, Subject
from models import Event as EventRow
from procedure.act import Actor
from procedure.event import Event
from procedure.instant import instant
from procedure.publicity import clock, snapshot
from procedure.subject import ListEntry

_publicity = Publicity.__table__
_entries = PublicityEntry.__table__
_objections = Objection.__table__
_evidence = ObjectionEvidence.__table__
_cases = Case.__table__
_subjects = Subject.__table__
_deadlines = Deadline.__table__
_events = EventRow.__table__


@dataclass(frozen=True, slots=True)
class PublishedLine:
    """One entry of a list, with where its case stands now.

    ``until`` is the last instant for objections to this entry by its own clock, None while an objection
    holds it (``held``).
    """

    position: int
    case: str
    lead_name: str
    direction: str
    held: bool
    stage: str
    outcome: str | None
    until: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version of a list as it was published; the last of a ``number`` is the one in force.

    ``until`` of the version in force follows the calendar, as each entry's own clock does.
    ``intact`` says whether the rows still have the digest under which they were published.
    """

    number: int
    version: int
    document: str
    title: str | None
    reason: str | None
    published_at: datetime.datetime
    until: datetime.datetime
    provisional: bool
    snapshot: str
    intact: bool
    lines: tuple[PublishedLine, ...]


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    """An objection and the decision on it; ``objector`` and ``contact`` are None once erased, or never given.

    ``evidence`` pairs the name of each file with the digest of its content.
    """

    number: int
    list: int
    anonymous: bool
    objector: str | None
    contact: str | None
    text: str
    evidence: tuple[tuple[str, str], ...]
    lodged_at: datetime.datetime
    result: str | None
    decision: str | None
    decided_at: datetime.datetime | None


def lists(connection: Connection, call_id: int) -> list[PublishedVersion]:
    """Return every version of every list of a call, in the order of numbers and versions."""
    versions = connection.execute(
        select(_publicity)
        .where(_publicity.c.call_id == call_id)
        .order_by(_publicity.c.number, _publicity.c.version)
    ).all()
    if not versions:
        return []
    lines = _lines(connection, call_id)
    return [
        PublishedVersion(
            row.number,
            row.version,
            row.document,
            row.title,
            row.reason,
            row.published_at,
            row.until,
            row.provisional,
            row.snapshot_hash,
            _digest(row, lines.get(row.id, ())) == row.snapshot_hash,
            tuple(lines.get(row.id, ())),
        )
        for row in versions
    ]


def _digest(row: Any, lines: "list[PublishedLine] | tuple[()]") -> str:
    entries = [ListEntry(line.position, line.case, line.lead_name, line.direction) for line in lines]
    return snapshot(row.document, instant(row.published_at), entries)


def _lines(connection: Connection, call_id: int) -> dict[int, list[PublishedLine]]:
    name = clock(loading.one(connection, call_id).procedure).id
    last = (
        select(_deadlines.c.subject_id, func.max(_deadlines.c.occurrence).label("occurrence"))
        .where(_deadlines.c.name == name)
        .group_by(_deadlines.c.subject_id)
        .subquery()
    )
    rows = connection.execute(
        select(
            _entries,
            _cases.c.number,
            _subjects.c.stage,
            _subjects.c.outcome,
            _deadlines.c.due_at,
        )
        .join(_publicity, _publicity.c.id == _entries.c.publicity_id)
        .join(_cases, _cases.c.subject_id == _entries.c.subject_id)
        .join(_subjects, _subjects.c.id == _entries.c.subject_id)
        .join(last, last.c.subject_id == _entries.c.subject_id)
        .join(
            _deadlines,
            and_(
                _deadlines.c.subject_id == last.c.subject_id,
                _deadlines.c.name == name,
                _deadlines.c.occurrence == last.c.occurrence,
            ),
        )
        .where(_publicity.c.call_id == call_id)
        .order_by(_entries.c.publicity_id, _entries.c.position)
    )
    lines: dict[int, list[PublishedLine]] = {}
    for row in rows:
        held = row.held and row.outcome is None
        line = PublishedLine(
            row.position,
            row.number,
            row.lead_name,
            row.direction,
            held,
            row.stage,
            row.outcome,
            None if held else row.due_at,
        )
        lines.setdefault(row.publicity_id, []).append(line)
    return lines


def objections(connection: Connection, case_id: int) -> list[ObjectionLine]:
    """Return the objections to a case's entry, with who lodged them: not for the applicant's eyes."""
    files: dict[int, list[tuple[str, str]]] = {}
    for row in connection.execute(
        select(_evidence)
        .join(_objections, _objections.c.id == _evidence.c.objection_id)
        .where(_objections.c.subject_id == case_id)
        .order_by(_evidence.c.name, _evidence.c.digest)
    ):
        files.setdefault(row.objection_id, []).append((row.name, row.digest))
    rows = connection.execute(
        select(_objections, _publicity.c.number.label("list_number"), _events.c.personal)
        .join(_publicity, _publicity.c.id == _objections.c.publicity_id)
        .join(
            _events,
            and_(_events.c.subject_id == _objections.c.subject_id, _events.c.seq == _objections.c.seq),
        )
        .where(_objections.c.subject_id == case_id)
        .order_by(_objections.c.number)
    )
    found: list[ObjectionLine] = []
    for row in rows:
        personal = loading.personal(row.personal)
        found.append(
            ObjectionLine(
                row.number,
                row.list_number,
                row.anonymous,
                personal.get("objector"),
                personal.get("contact"),
                row.text,
                tuple(files.get(row.id, ())),
                row.lodged_at,
                row.result,
                row.decision,
                row.decided_at,
            )
        )
    return found


def _published(connection: Connection, loaded: Loaded, event: Event, _actor: Actor) -> None:
    data = event.data
    before = _version(connection, loaded.id, data["list"])
    added = connection.execute(
        insert(_publicity)
        .values(
            call_id=loaded.id,
            number=data["list"],
            version=data["version"],
            snapshot_hash=data["snapshot"],
            document=data["document"],
            title=data["title"],
            reason=data.get("reason"),
            published_at=event.effective_at,
            until=instant(data["until"]),
            provisional=data["provisional"],
        )
        .returning(_publicity.c.id)
    ).scalar_one()
    ids = {
        row.number: row.subject_id
        for row in connection.execute(
            select(_cases.c.number, _cases.c.subject_id).where(_cases.c.call_id == loaded.id)
        )
    }
    held = set(
        connection.execute(
            select(_entries.c.subject_id).where(_entries.c.publicity_id == before, _entries.c.held)
        ).scalars()
    )
    if data["entries"]:
        connection.execute(
            insert(_entries),
            [
                {
                    "publicity_id": added,
                    "subject_id": ids[entry["case"]],
                    "position": entry["position"],
                    "lead_name": entry["lead_name"],
                    "direction": entry["direction"],
                    "held": ids[entry["case"]] in held,
                }
                for entry in data["entries"]
            ],
        )


def _version(connection: Connection, call_id: int, number: int) -> int | None:
    """Return the row of the version in force of a list; None before the first."""
    return connection.execute(
        select(_publicity.c.id)
        .where(_publicity.c.call_id == call_id, _publicity.c.number == number)
        .order_by(_publicity.c.version.desc())
        .limit(1)
    ).scalar()


def _newest(case_id: int) -> ScalarSelect[Any]:
    """The version in force of the list that a case is on: a case is on one list, and versions only follow."""
    return select(func.max(_entries.c.publicity_id)).where(_entries.c.subject_id == case_id).scalar_subquery()


def _hold(connection: Connection, case_id: int, *, held: bool) -> None:
    connection.execute(
        update(_entries)
        .where(_entries.c.subject_id == case_id, _entries.c.publicity_id == _newest(case_id))
        .values(held=held)
    )


def _lodged(connection: Connection, loaded: Loaded, event: Event, _actor: Actor) -> None:
    data = event.data
    added = connection.execute(
        insert(_objections)
        .values(
            publicity_id=_newest(loaded.id),
            subject_id=loaded.id,
            number=data["objection"],
            seq=event.seq,
            anonymous=data["anonymous"],
            text=data["text"],
            lodged_at=instant(data["received_at"]) if "received_at" in data else event.effective_at,
        )
        .returning(_objections.c.id)
    ).scalar_one()
    if data["evidence"]:
        connection.execute(insert(_evidence), [{"objection_id": added, **each} for each in data["evidence"]])
    _hold(connection, loaded.id, held=True)


def _decided(connection: Connection, loaded: Loaded, event: Event, _actor: Actor) -> None:
    data = event.data
    connection.execute(
        update(_objections)
        .where(_objections.c.subject_id == loaded.id, _objections.c.number == data["objection"])
        .values(result=data["result"], decision=data["reason"], decided_at=event.effective_at)
    )
    _hold(connection, loaded.id, held=data["open"] > 0)


def _recounted(connection: Connection, loaded: Loaded, event: Event, _actor: Actor) -> None:
    for moved in event.data.get("lists", ()):
        connection.execute(
            update(_publicity)
            .where(_publicity.c.id == _version(connection, loaded.id, moved["list"]))
            .values(until=instant(moved["until"]), provisional=moved["provisional"])
        )


PARTICULARS: Final[dict[str, Callable[[Connection, Loaded, Event, Actor], None]]] = {
    "list_published": _published,
    "list_changed": _published,
    "calendar_changed": _recounted,
    "objection_lodged": _lodged,
    "objection_decided": _decided,
}
"""What the events of lists and objections write beside the subject."""
