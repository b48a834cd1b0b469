"""What a person did, in their own name or for somebody else: their own trail in the record."""

import datetime
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from models import Call, Case, Event, Person, Subject

_events = Event.__table__
_subjects = Subject.__table__
_cases = Case.__table__
_calls = Call.__table__
_absent = Person.__table__.alias("absent")


@dataclass(frozen=True, slots=True)
class OwnAct:
    """One act: what it did to which case or call, in which role, for whom, and its digest in the record."""

    at: datetime.datetime
    kind: str
    ref: str
    role: str
    on_behalf_of: str | None
    digest: str


def lines(connection: Connection, person: int, limit: int = 50, offset: int = 0) -> list[OwnAct]:
    """Return the acts of a person, the latest first."""
    rows = connection.execute(
        select(
            _events.c.recorded_at,
            _events.c.kind,
            func.coalesce(_cases.c.number, _calls.c.code, ""),
            _events.c.role,
            _absent.c.name,
            _events.c.hash,
        )
        .join(_subjects, _subjects.c.id == _events.c.subject_id)
        .outerjoin(_cases, _cases.c.subject_id == _subjects.c.id)
        .outerjoin(_calls, _calls.c.subject_id == _subjects.c.id)
        .outerjoin(_absent, _absent.c.id == _events.c.on_behalf_of)
        .where(_events.c.person_id == person)
        .order_by(_events.c.recorded_at.desc(), _events.c.subject_id, _events.c.seq.desc())
        .limit(limit)
        .offset(offset)
    )
    return [OwnAct(*row) for row in rows]


def size(connection: Connection, person: int) -> int:
    """Return how many acts a person has done."""
    query = select(func.count()).select_from(_events).where(_events.c.person_id == person)
    return int(connection.execute(query).scalar_one())
