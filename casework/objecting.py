"""An objection that anybody lodges against an entry of a published list, without an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Engine, select

from casework import acts, attempts, case_view, clock, sessions
from casework.access import PUBLIC
from casework.acts import Receipt, Request
from casework.standing import standing
from models import Case, Event, Objection, Publicity, PublicityEntry
from models.database import reading, writing
from procedure.act import Refusal
from procedure.definition import Material, Words

_cases = Case.__table__
_entries = PublicityEntry.__table__
_publicity = Publicity.__table__
_objections = Objection.__table__
_events = Event.__table__

ACT: Final = "lodge_objection"

EVIDENCE: Final = Material(
    id="evidence",
    title=Words(zh="证明材料", en="Evidence"),
    by="applicant",
    formats=("pdf", "docx", "jpg", "png"),
    basis="setting",
)
"""What a file of evidence may be (a setting)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a published list that objections may be lodged against now; ``id`` is its case's."""

    id: int
    case: str
    position: int
    lead_name: str
    direction: str


@dataclass(frozen=True, slots=True)
class Lodged:
    """The receipt of an objection: its number, when it was received, and its digest in the record."""

    number: str
    at: pendulum.DateTime
    digest: str


def entries(connection: Connection, call: int, number: int) -> list[Entry]:
    """Return the entries of a call's list that objections may be lodged against, by their position."""
    last = (
        select(_publicity.c.id)
        .where(_publicity.c.call_id == call, _publicity.c.number == number)
        .order_by(_publicity.c.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            _entries.c.subject_id,
            _cases.c.number,
            _entries.c.position,
            _entries.c.lead_name,
            _entries.c.direction,
        )
        .join(_cases, _cases.c.subject_id == _entries.c.subject_id)
        .where(_entries.c.publicity_id == last, _cases.c.closed.is_(False))
        .order_by(_entries.c.position)
    )
    found = [Entry(*row) for row in rows]
    return [each for each in found if ACT in case_view.allowed(standing(connection, each.id), PUBLIC.role)]


def may_try(engine: Engine, address: str) -> bool:
    """Return whether one more objection is taken from a network address within the quarter of an hour."""
    with writing(engine) as connection:
        place = sessions.digest(address)
        return attempts.note(connection, ACT, place, clock.present(None)) is not None


def lodge(
    engine: Engine,
    case: int,
    payload: Mapping[str, Any],
    key: str | None,
    received_at: pendulum.DateTime | None,
) -> Lodged | Refusal:
    """Record an objection as the act ``lodge_objection`` of the public; with the same key it is one."""
    answer = acts.perform(engine, Request(case, ACT, PUBLIC, payload, key, None, received_at))
    if not isinstance(answer, Receipt):
        return answer
    with reading(engine) as connection:
        row = connection.execute(
            select(_objections.c.number, _events.c.hash)
            .join(
                _events,
                (_events.c.subject_id == _objections.c.subject_id) & (_events.c.seq == _objections.c.seq),
            )
            .where(_objections.c.subject_id == case, _objections.c.seq == answer.seq)
        ).one()
    return Lodged(f"{answer.ref}-Y{row.number}", answer.at, row.hash)
