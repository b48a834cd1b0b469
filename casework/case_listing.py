"""Cases for programs: page after page by id, so that none is missed or told twice while others change."""

import datetime
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from casework import clock, search
from casework.access import Claim, sees
from models import Bureau, Call, Case, Organisation, Subject
from procedure.instant import day_of

_cases = Case.__table__
_calls = Call.__table__
_subjects = Subject.__table__
_leads = Organisation.__table__
_bureaus = Bureau.__table__
_districts = Bureau.__table__.alias("districts")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a listing is narrowed to; None and empty ask for everything."""

    call: str | None = None
    stage: str | None = None
    outcome: str | None = None
    district: str | None = None
    search: str = ""
    is_open: bool | None = None


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One case of a listing; ``due_at`` is when a deadline of it passes next."""

    id: int
    bureau: str
    number: str
    call: str | None
    lead_uscc: str
    lead_name: str
    lead_kind: str
    direction: str
    district: str
    stage: str
    outcome: str | None
    version: int
    submitted_at: datetime.datetime | None
    due_at: datetime.datetime | None


def page(connection: Connection, claim: Claim, wanted: Wanted, after: int, limit: int) -> list[ListedCase]:
    """Return up to ``limit`` cases that the claim sees today, by id, those after the id ``after``."""
    statement = (
        select(
            _cases.c.subject_id,
            _bureaus.c.code,
            _cases.c.number,
            _calls.c.code,
            _leads.c.uscc,
            _leads.c.name,
            _leads.c.kind,
            func.coalesce(_cases.c.direction, ""),
            _districts.c.code,
            _subjects.c.stage,
            _subjects.c.outcome,
            _subjects.c.version,
            _cases.c.submitted_at,
            _subjects.c.passes_at,
        )
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.bureau_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_districts, _districts.c.id == _cases.c.district_id)
        .outerjoin(_calls, _calls.c.subject_id == _cases.c.call_id)
        .where(_cases.c.subject_id > after, sees(claim, day_of(clock.now(connection))))
        .order_by(_cases.c.subject_id)
        .limit(limit)
    )
    if wanted.call is not None:
        statement = statement.where(_calls.c.code == wanted.call)
    if wanted.stage is not None:
        statement = statement.where(_subjects.c.stage == wanted.stage, _subjects.c.outcome.is_(None))
    if wanted.outcome is not None:
        statement = statement.where(_subjects.c.outcome == wanted.outcome)
    if wanted.district is not None:
        statement = statement.where(_districts.c.code == wanted.district)
    if wanted.is_open is not None:
        statement = statement.where(_cases.c.closed.is_(not wanted.is_open))
    if wanted.search:
        statement = statement.where(search.cases(connection, wanted.search))
    return [ListedCase(*row) for row in connection.execute(statement)]
