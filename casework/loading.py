"""Loading a subject for a decision: one statement brings its state and everything its rows refer to."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pendulum
from sqlalchemy import Connection, and_, bindparam, func, select, true, union_all

from casework import calendars, procedures
from casework.access import HELD, Claim
from casework.calendars import IMPORTED
from casework.clock import IN_STORY, TOLD_AT, present
from models import Bureau, Call, Case, Event, Matter, Revision, Subject
from models.prepared import Prepared
from procedure import subject as subjects
from procedure.definition import Procedure
from procedure.instant import day_of, instant
from procedure.working_days import WorkingCalendar

_subjects = Subject.__table__
_cases = Case.__table__
_calls = Call.__table__
_bureaus = Bureau.__table__
_revisions = Revision.__table__
_events = Event.__table__
_matters = Matter.__table__

_own_call = _calls.alias("own_call")
COLUMNS = (
    _subjects.c.id,
    _subjects.c.bureau_id,
    _subjects.c.version,
    _subjects.c.state,
    _subjects.c.head,
    _revisions.c.content_hash,
    _cases.c.lead_id,
    _cases.c.district_id,
    _bureaus.c.name_zh.label("district_zh"),
    _bureaus.c.name_en.label("district_en"),
    _own_call.c.title_zh,
    _own_call.c.title_en,
    IMPORTED.label("imported"),
    TOLD_AT.label("told_at"),
    IN_STORY.label("in_story"),
)
SOURCE = (
    _subjects.join(_revisions, _revisions.c.id == _subjects.c.revision_id)
    .outerjoin(_cases, _cases.c.subject_id == _subjects.c.id)
    .outerjoin(_bureaus, _bureaus.c.id == _cases.c.district_id)
    .outerjoin(_own_call, _own_call.c.subject_id == func.coalesce(_subjects.c.parent_id, _subjects.c.id))
)

_ONE: Final = Prepared(select(*COLUMNS).select_from(SOURCE).where(_subjects.c.id == bindparam("subject_id")))
_FOR_ACT: Final = Prepared(
    select(
        *COLUMNS,
        _events.c.seq.label("done_seq"),
        _events.c.act.label("done_act"),
        _events.c.person_id.label("done_person"),
        _events.c.effective_at.label("done_at"),
        *HELD.c,
    )
    .select_from(
        SOURCE.outerjoin(
            _events, and_(_events.c.subject_id == _subjects.c.id, _events.c.act_key == bindparam("key"))
        ).outerjoin(HELD, true())
    )
    .where(_subjects.c.id == bindparam("subject_id"))
)


class NoSuchSubject(LookupError):
    """No call or case of this reference that the person may act on."""


@dataclass(frozen=True, slots=True)
class Done:
    """An event that bears an act's key: its number, the act, whose it was and when it took effect."""

    seq: int
    act: str
    person: int | None
    at: pendulum.DateTime


@dataclass(frozen=True, slots=True)
class Loaded:
    """A subject with its procedure and what its rows need to know; ``now`` is this database's time.

    ``done`` is the event that bears the same act key already. ``in_story`` says that time is moved here.
    ``ahead`` is by how much this machine's clock is ahead of the database's, for an act.
    """

    id: int
    bureau_id: int
    head: str
    procedure: Procedure
    subject: subjects.Subject
    lead_id: int | None
    district_id: int | None
    district: tuple[str, str]
    call_title: tuple[str, str]
    calendar: WorkingCalendar
    now: pendulum.DateTime
    done: Done | None = None
    in_story: bool = False
    ahead: datetime.timedelta = datetime.timedelta()


def one(connection: Connection, subject_id: int) -> Loaded:
    """Return the subject with this id; raises NoSuchSubject."""
    rows = _ONE.all(connection, {"subject_id": subject_id})
    if not rows:
        raise NoSuchSubject(f"no subject {subject_id}")
    return of_row(connection, rows[0], present(rows[0].told_at))


def for_act(
    connection: Connection, subject_id: int, claim: Claim, key: str | None
) -> tuple[Loaded, Sequence[Any]]:
    """Return the subject, and in the same statement the rows of ``access.HELD`` for the claim.

    Raises NoSuchSubject.
    """
    rows = _FOR_ACT.all(
        connection, {"subject_id": subject_id, "key": key, "person": claim.holder, "role": claim.role}
    )
    if not rows:
        raise NoSuchSubject(f"no subject {subject_id}")
    first = rows[0]
    done = None
    if first.done_seq is not None:
        done = Done(first.done_seq, first.done_act, first.done_person, instant(first.done_at))
    now, ahead = present(first.told_at), datetime.timedelta()
    if not first.in_story and first.told_at is not None:
        ahead = present(None) - now
    return of_row(connection, first, now, done, ahead), rows


def of_row(
    connection: Connection,
    row: Any,
    now: datetime.datetime,
    done: Done | None = None,
    ahead: datetime.timedelta = datetime.timedelta(),
) -> Loaded:
    """Return a row of COLUMNS as the subject it stands for."""
    return Loaded(
        row.id,
        row.bureau_id,
        row.head,
        procedures.by_hash(connection, row.content_hash),
        subjects.load(row.state),
        row.lead_id,
        row.district_id,
        (row.district_zh or "", row.district_en or ""),
        (row.title_zh or "", row.title_en or ""),
        calendars.in_force(connection, row.imported, day_of(now)),
        present(now),
        done,
        row.in_story,
        ahead,
    )


def id_of(connection: Connection, ref: str, bureau: str | None = None) -> int:
    """Return the id of a case or what comes after filing (by number) or a call (by code).

    Raises NoSuchSubject for none or several.
    """
    cases = select(_cases.c.subject_id).where(_cases.c.number == ref)
    calls = select(_calls.c.subject_id).where(_calls.c.code == ref)
    matters = select(_matters.c.subject_id).where(_matters.c.number == ref)
    if bureau is not None:
        of_bureau = select(_bureaus.c.id).where(_bureaus.c.code == bureau).scalar_subquery()
        cases = cases.where(_cases.c.bureau_id == of_bureau)
        calls = calls.where(_calls.c.bureau_id == of_bureau)
        matters = matters.where(_matters.c.bureau_id == of_bureau)
    found = [*connection.execute(union_all(cases, calls, matters)).scalars()]
    if len(found) != 1:
        raise NoSuchSubject(
            f"no case or call {ref!r}" if not found else f"{ref!r} is not unique: name the bureau"
        )
    return int(found[0])


def personal(stored: str | None) -> dict[str, str]:
    """Return the personal fields of an event row without their salts; empty once they were erased."""
    return {} if stored is None else {path: value for path, (_salt, value) in orjson.loads(stored).items()}
