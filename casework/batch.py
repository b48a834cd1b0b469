"""The same act on many cases of a call, each in a transaction of its own, with an answer for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pendulum
from sqlalchemy import Connection, Engine, and_, literal, select

from casework import loading
from casework.access import Claim, sees
from casework.acts import Busy, Receipt, Request, perform
from models import Case, Event, Subject
from models.database import reading
from procedure import subject as subjects
from procedure.act import Refusal
from procedure.instant import day_of

_cases = Case.__table__
_subjects = Subject.__table__
_events = Event.__table__

LONGEST_KEY = 120
"""In characters; the key of each case is longer by its number."""

Answered = tuple[str, Receipt | Refusal]
"""A case's number, and what became of the act on it."""


@dataclass(frozen=True, slots=True)
class Joint:
    """One act that a person asks for on many cases of the call ``call`` (its subject's id).

    ``key`` makes a repetition harmless, case by case. Without ``cases`` those are meant that the person sees
    at a stage where the role may do the act, and those the key has done before. ``own`` has by number what is
    particular to a case.
    """

    call: int
    act: str
    claim: Claim
    key: str
    payload: Mapping[str, Any]
    cases: Sequence[str] | None = None
    received_at: pendulum.DateTime | None = None
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])


def perform_batch(
    engine: Engine, joint: Joint, progress: Callable[[int, int], None] | None = None
) -> list[Answered]:
    """Carry out ``joint`` case by case and return every answer, in the order of the list or as named.

    A case that is refused, or busy, stops nobody; repeating the batch does nothing twice. ``progress`` is
    told after each case how many of how many are done. Raises ValueError for an empty or overlong key, and
    DatabaseUnusable when the database cannot write: the cases before are done, and the repetition goes on.
    """
    if not 0 < len(joint.key) <= LONGEST_KEY:
        raise ValueError(f"the key of a batch has 1 to {LONGEST_KEY} characters, not {len(joint.key)}")
    with reading(engine) as connection:
        meant = _waiting(connection, joint) if joint.cases is None else _named(connection, joint)
    answered: list[Answered] = []
    for number, subject in meant:
        answered.append((number, _one(engine, joint, number, subject)))
        if progress is not None:
            progress(len(answered), len(meant))
    return answered


def file_batch(
    engine: Engine,
    call: int,
    claim: Claim,
    document_number: str,
    document_date: str,
    key: str,
    cases: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Answered]:
    """File cases of a call by one document (number and date as ``YYYY-MM-DD``), as ``perform_batch`` does.

    Register numbers follow the order of the published list, or of the selection where nothing is published.
    """
    payload = {"document_number": document_number, "document_date": document_date}
    return perform_batch(engine, Joint(call, "file", claim, key, payload, cases), progress)


def _one(engine: Engine, joint: Joint, number: str, subject: int | None) -> Receipt | Refusal:
    if subject is None:
        return Refusal("not_found", {"ref": number})
    request = Request(
        subject,
        joint.act,
        joint.claim,
        {**joint.payload, **joint.own.get(number, {})},
        key=f"{joint.key}:{number}",
        received_at=joint.received_at,
    )
    try:
        return perform(engine, request)
    except Busy:
        return Refusal("busy", {"ref": number})


def _named(connection: Connection, joint: Joint) -> list[tuple[str, int | None]]:
    numbers = list(dict.fromkeys(joint.cases or ()))
    rows = connection.execute(
        select(_cases.c.number, _cases.c.subject_id).where(
            _cases.c.call_id == joint.call, _cases.c.number.in_(numbers)
        )
    )
    known = {row.number: int(row.subject_id) for row in rows}
    return [(number, known.get(number)) for number in numbers]


def _waiting(connection: Connection, joint: Joint) -> list[tuple[str, int | None]]:
    loaded = loading.one(connection, joint.call)
    life = loaded.procedure.application
    stages = [
        stage.id
        for stage in life.stages
        if (rule := life.acts(stage.id).get(joint.act)) is not None and joint.claim.role in rule.roles
    ]
    key = literal(f"{joint.key}:") + _cases.c.number
    rows = connection.execute(
        select(_cases.c.number, _cases.c.subject_id, _subjects.c.state)
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .outerjoin(_events, and_(_events.c.subject_id == _cases.c.subject_id, _events.c.act_key == key))
        .where(
            _cases.c.call_id == joint.call,
            sees(joint.claim, day_of(joint.received_at or loaded.now)),
            _events.c.seq.is_not(None) | (_subjects.c.stage.in_(stages) & _subjects.c.outcome.is_(None)),
        )
    )
    placed = sorted((_place(row.state), row.number, int(row.subject_id)) for row in rows)
    return [(number, subject) for _, number, subject in placed]


def _place(state: str) -> tuple[int, int, int]:
    """Return the case's place on its published list, else in its selection; the others come last."""
    record = subjects.load(state).application
    if record.publicity is not None:
        return 0, record.publicity.list, record.publicity.position
    return (1, 0, record.rank) if record.rank is not None else (2, 0, 0)
