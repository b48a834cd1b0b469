"""What comes after filing as the people it concerns see it: every matter of an entry."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, column, exists, false, func, or_, select

from casework import access, clock, procedures
from casework.access import Claim
from casework.loading import NoSuchSubject
from casework.standing import Standing, standing
from models import Bureau, Deadline, Matter, RegisterEntry, Revision, Subject
from models.subject import OPEN_MATTER
from procedure import subject as subjects
from procedure.change import CONSENT, Change
from procedure.evaluation import Evaluation, Evidence
from procedure.instant import day_of

_matters = Matter.__table__
_subjects = Subject.__table__
_entries = RegisterEntry.__table__
_bureaus = Bureau.__table__
_deadlines = Deadline.__table__
_revisions = Revision.__table__

EVALUATED: Final = ("evaluation", "revocation")
"""What a round of evaluation brings forth."""

MOST: Final = 200
"""So many matters a list has, the most urgent, unless more are asked for."""

OF_ENTRY: Final = (*EVALUATED, "change", "claim", "disqualification")
"""What concerns one entry of the register, the entry itself apart."""


@dataclass(frozen=True, slots=True)
class MatterLine:
    """One matter in a list: of which entry, its particulars, where it stands and until when."""

    id: int
    bureau: str
    number: str
    kind: str
    entry: str
    name: str
    stage: str
    holder: str
    outcome: str | None
    title_zh: str
    title_en: str
    due_at: datetime.datetime | None
    record: Any

    def place(self, language: str) -> str:
        """Return the title of the outcome, or of the stage while it is open."""
        return self.title_en if language == "en" else self.title_zh

    def as_data(self) -> dict[str, Any]:
        """Return the line for programs: without its particulars, of which not everybody sees everything."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in told.items() if name not in ("id", "record")}


@dataclass(frozen=True, slots=True)
class MatterView:
    """One matter as a page shows it; ``claims`` are those of the visitor's that see it."""

    id: int
    bureau: str
    stands: Standing
    claims: tuple[Claim, ...]

    @property
    def roles(self) -> frozenset[str]:
        """The roles in which the visitor sees it."""
        return frozenset(claim.role for claim in self.claims)

    @property
    def files(self) -> tuple[Evidence, ...]:
        """The materials of a change, or the evidence of a self-report."""
        record = self.stands.subject.record
        if isinstance(record, Change):
            return tuple(record.materials.values())
        report = record.report if isinstance(record, Evaluation) else None
        return () if report is None else report.evidence


def lines(
    connection: Connection,
    claims: Sequence[Claim] | None = None,
    *,
    kinds: Sequence[str] = OF_ENTRY,
    round_code: str | None = None,
    entry: str | None = None,
    bureau: str | None = None,
    is_open: bool | None = None,
    search: str = "",
    at: ColumnElement[bool] | None = None,
    after: int | None = None,
    limit: int | None = MOST,
) -> list[MatterLine]:
    """Return matters of these kinds, what is open first, the most urgent first, then in order of beginning.

    With ``claims`` those that one of them sees; with ``at`` those of which that condition holds; with
    ``after`` those whose ids follow it, in the order of their ids alone.
    """
    statement = _seen(connection, claims).where(_matters.c.kind.in_(kinds))
    if round_code is not None:
        statement = statement.where(_matters.c.number.startswith(f"{round_code}/", autoescape=True))
    if entry is not None:
        statement = statement.where(_entries.c.number == entry)
    if bureau is not None:
        statement = statement.where(_bureaus.c.code == bureau)
    if search:
        statement = statement.where(
            or_(*(c.contains(search, autoescape=True) for c in (_entries.c.number, _entries.c.name)))
        )
    if at is not None:
        statement = statement.where(at)
    if is_open is not None:
        statement = statement.where(
            _subjects.c.outcome.is_(None) if is_open else _subjects.c.outcome.isnot(None)
        )
    order: tuple[ColumnElement[Any], ...] = (_subjects.c.id,)
    if after is None:
        order = (_subjects.c.outcome.is_not(None), column("due_at").is_(None), column("due_at"), *order)
    else:
        statement = statement.where(_subjects.c.id > after)
    rows = connection.execute(statement.order_by(*order).limit(limit)).all()
    return [_line(connection, row) for row in rows]


def waiting(connection: Connection, claim: Claim, limit: int = MOST) -> list[MatterLine]:
    """Return what waits for the holder of the claim, the most urgent first, ``limit`` at most.

    A unit's consent is asked of whoever speaks for it as a member, a review of the expert it was given to.
    """
    if claim.role == "expert":
        return lines(connection, [claim], is_open=True, limit=limit)
    if claim.role == "member":
        own = units(connection, [claim])
        found = lines(connection, [claim], at=_subjects.c.stage == CONSENT, is_open=True, limit=None)
        return [each for each in found if _unanswered(each.record, own)][:limit]
    holder = {"applicant": "applicant", "district_officer": "district"}.get(claim.role, "bureau")
    return lines(connection, [claim], at=_held(connection, holder), is_open=True, limit=limit)


def _held(connection: Connection, holder: str) -> ColumnElement[bool]:
    """Return the condition that an open matter is at a stage of ``holder``, as the pack it follows has it."""
    followed = exists().where(_subjects.c.revision_id == _revisions.c.id, OPEN_MATTER)
    revisions = connection.execute(select(_revisions.c.id, _revisions.c.content_hash).where(followed)).all()
    stages = (
        (revision.id, kind, stage.id)
        for revision in revisions
        for kind, life in procedures.by_hash(connection, revision.content_hash).lives.items()
        for stage in life.stages
        if stage.holder == holder and stage.id != CONSENT
    )
    of = _subjects.c
    places = [and_(of.revision_id == id_, of.kind == kind, of.stage == stage) for id_, kind, stage in stages]
    return or_(false(), *places)


def _unanswered(record: Any, own: set[str]) -> bool:
    return isinstance(record, Change) and not record.unanswered.isdisjoint(own)


def view(connection: Connection, claims: Sequence[Claim], bureau: str, number: str) -> MatterView:
    """Return a matter as it stands; raises NoSuchSubject for one that no claim sees."""
    of_number = (_bureaus.c.code == bureau, _matters.c.number == number)
    seeing = [
        claim for claim in claims if connection.execute(_seen(connection, [claim]).where(*of_number)).first()
    ]
    if not seeing:
        raise NoSuchSubject(number)
    subject_id = connection.execute(_seen(connection, None).where(*of_number)).one().subject_id
    return MatterView(subject_id, bureau, standing(connection, subject_id), tuple(seeing))


def may_see(connection: Connection, claim: Claim, subject_id: int) -> bool:
    """Return whether the claim sees this matter, or may run this round."""
    day = day_of(clock.now(connection))
    of_round = select(_matters.c.subject_id).where(
        _matters.c.subject_id == subject_id, _matters.c.kind == "round", access.runs_rounds(claim, day)
    )
    if connection.execute(of_round).first() is not None:
        return True
    return (
        connection.execute(_seen(connection, [claim]).where(_matters.c.subject_id == subject_id)).first()
        is not None
    )


def units(connection: Connection, claims: Sequence[Claim]) -> set[str]:
    """Return the units, by USCC, that the claims speak for."""
    day = day_of(clock.now(connection))
    found = (actor.organisation for claim in claims for actor in access.roles_of(connection, claim, day))
    return {uscc for uscc in found if uscc is not None}


def bureaus(connection: Connection, claims: Sequence[Claim]) -> list[str]:
    """Return the codes of the city bureaus that the claims serve."""
    day = day_of(clock.now(connection))
    codes = {actor.bureau for claim in claims for actor in access.roles_of(connection, claim, day)}
    return sorted(code for code in codes if code is not None)


def _seen(connection: Connection, claims: Sequence[Claim] | None) -> Select[Any]:
    due = (
        select(func.min(_deadlines.c.due_at))
        .where(
            _deadlines.c.subject_id == _matters.c.subject_id, _deadlines.c.state.in_(("running", "overdue"))
        )
        .scalar_subquery()
    )
    statement = (
        select(
            _matters.c.subject_id,
            _matters.c.number,
            _matters.c.kind,
            _bureaus.c.code,
            _entries.c.number.label("entry"),
            _entries.c.name,
            _subjects.c.stage,
            _subjects.c.outcome,
            due.label("due_at"),
            _subjects.c.state,
            _revisions.c.content_hash,
        )
        .join(_subjects, _subjects.c.id == _matters.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _matters.c.bureau_id)
        .join(_entries, _entries.c.id == _matters.c.entry_id)
        .join(_revisions, _revisions.c.id == _subjects.c.revision_id)
        .where(_matters.c.kind.in_(("entry", *OF_ENTRY)))
    )
    if claims is None:
        return statement
    day = day_of(clock.now(connection))
    return statement.where(or_(false(), *(access.sees_matter(claim, day) for claim in claims)))


def _line(connection: Connection, row: Any) -> MatterLine:
    life = procedures.by_hash(connection, row.content_hash).life(row.kind)
    title = (life.outcome[row.outcome] if row.outcome else life.stage[row.stage]).title
    return MatterLine(
        row.subject_id,
        row.code,
        row.number,
        row.kind,
        row.entry,
        row.name,
        row.stage,
        life.stage[row.stage].holder,
        row.outcome,
        title.zh,
        title.en,
        row.due_at,
        subjects.load(row.state).record,
    )
