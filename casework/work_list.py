"""What lies on a desk: the cases that somebody sees in one role, and each of them whole."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

from sqlalchemy import Connection, func, select

from casework import clock, procedures, roster, work_order
from casework.access import Claim, in_force, sees
from casework.loading import NoSuchSubject
from casework.roster import BureauLine
from casework.work_order import Narrowing, Total
from models import Bureau, Call, Case, Event, Organisation, Revision, Role, Subject
from procedure.definition import Procedure
from procedure.instant import day_of

_cases = Case.__table__
_calls = Call.__table__
_subjects = Subject.__table__
_districts = Bureau.__table__.alias("districts")
_bureaus = Bureau.__table__
_leads = Organisation.__table__
_revisions = Revision.__table__
_events = Event.__table__
_roles = Role.__table__


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One case on a desk; ``due_at`` is the earliest instant that runs or is overdue, whoever holds it."""

    id: int
    bureau: str
    number: str
    lead: str
    direction: str
    district_zh: str
    district_en: str
    call_zh: str
    call_en: str
    stage: str
    outcome: str | None
    submitted_at: datetime.datetime | None
    due_at: datetime.datetime | None
    procedure: Procedure

    def place(self, language: str) -> str:
        """Return the title of where it stands."""
        life = self.procedure.application
        if self.outcome is not None:
            return life.outcome[self.outcome].title.of(language)
        return life.stage[self.stage].title.of(language)

    @property
    def holder(self) -> str | None:
        """Who holds it: None once it has ended."""
        return None if self.outcome is not None else self.procedure.application.stage[self.stage].holder


def lines(
    connection: Connection,
    claim: Claim,
    *,
    limit: int = 50,
    offset: int = 0,
    **narrowing: Unpack[Narrowing],
) -> list[DeskLine]:
    """Return the cases that the claim sees today, first what is due earliest, what has ended last.

    What is due at the same instant follows by district and stage, as the radar has it, and then in the order
    in which it came. Ended cases, and those at the desks of units and experts, follow by number.
    """
    return _lines(connection, claim, work_order.ids(connection, claim, limit, offset, narrowing))


def page(
    connection: Connection, claim: Claim, *, number: int, limit: int, **narrowing: Unpack[Narrowing]
) -> tuple[Total, list[DeskLine]]:
    """Return how many cases ``lines`` finds, and page ``number`` of them (from 1); past the end, the last."""
    total, ids = work_order.page(connection, claim, number, limit, narrowing)
    return total, _lines(connection, claim, ids)


def _lines(connection: Connection, claim: Claim, ids: Sequence[int]) -> list[DeskLine]:
    """Return the lines of these cases, in this order."""
    if not ids:
        return []
    due = work_order.due_of(claim)
    statement = (
        select(
            _cases.c.subject_id,
            _bureaus.c.code,
            _cases.c.number,
            _leads.c.name,
            func.coalesce(_cases.c.direction, ""),
            _districts.c.name_zh,
            _districts.c.name_en,
            func.coalesce(_calls.c.title_zh, ""),
            func.coalesce(_calls.c.title_en, ""),
            _subjects.c.stage,
            _subjects.c.outcome,
            _cases.c.submitted_at,
            due.label("due_at"),
            _revisions.c.content_hash,
        )
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.bureau_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_districts, _districts.c.id == _cases.c.district_id)
        .join(_revisions, _revisions.c.id == _subjects.c.revision_id)
        .outerjoin(_calls, _calls.c.subject_id == _cases.c.call_id)
        .where(_cases.c.subject_id.in_(ids))
    )
    found = {
        row.subject_id: DeskLine(*row[:-1], procedure=procedures.by_hash(connection, row.content_hash))
        for row in connection.execute(statement)
    }
    return [found[each] for each in ids]


def find(connection: Connection, claim: Claim, bureau: str, number: str) -> int:
    """Return the id of a case that the claim sees today; raises NoSuchSubject for any other."""
    found = connection.execute(
        select(_cases.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.bureau_id)
        .where(
            _bureaus.c.code == bureau,
            _cases.c.number == number,
            sees(claim, day_of(clock.now(connection))),
        )
    ).scalar()
    if found is None:
        raise NoSuchSubject(f"no case {bureau}/{number} for {claim.role}")
    return int(found)


@dataclass(frozen=True, slots=True)
class Submission:
    """The last submission or resubmission of a case: when it took effect, and its digest in the record."""

    seq: int
    at: datetime.datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation; ``district`` is the code of its recommending unit."""

    uscc: str
    name: str
    kind: str
    district: str | None


def submission(connection: Connection, case_id: int) -> Submission | None:
    """Return what a receipt attests, None before the first submission."""
    row = connection.execute(
        select(_events.c.seq, _events.c.effective_at, _events.c.hash)
        .where(_events.c.subject_id == case_id, _events.c.kind.in_(("submitted", "resubmitted")))
        .order_by(_events.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Submission(*row)


def closes_at(connection: Connection, case_id: int) -> datetime.datetime | None:
    """Return the instant at which the case's call closes, None for one that does not."""
    query = (
        select(_calls.c.closes_at)
        .join(_cases, _cases.c.call_id == _calls.c.subject_id)
        .where(_cases.c.subject_id == case_id)
    )
    return connection.execute(query).scalar()


def units(connection: Connection, claim: Claim) -> list[Unit]:
    """Return the organisations that the claim speaks for today."""
    rows = connection.execute(
        select(_leads.c.uscc, _leads.c.name, _leads.c.kind, _bureaus.c.code)
        .join(_roles, _roles.c.organisation_id == _leads.c.id)
        .outerjoin(_bureaus, _bureaus.c.id == _leads.c.district_id)
        .where(
            _roles.c.person_id == claim.holder,
            _roles.c.role == claim.role,
            in_force(day_of(clock.now(connection))),
        )
        .order_by(_roles.c.id)
    )
    return [Unit(*row) for row in rows]


def organisation(connection: Connection, uscc: str) -> Unit | None:
    """Return a known organisation by its USCC."""
    row = connection.execute(
        select(_leads.c.uscc, _leads.c.name, _leads.c.kind, _bureaus.c.code)
        .outerjoin(_bureaus, _bureaus.c.id == _leads.c.district_id)
        .where(_leads.c.uscc == uscc)
    ).one_or_none()
    return None if row is None else Unit(*row)


def districts(connection: Connection, bureau: str) -> list[BureauLine]:
    """Return the recommending units of a city bureau."""
    return [each for each in roster.bureaus(connection) if each.of == bureau]
