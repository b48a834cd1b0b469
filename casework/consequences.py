"""What follows from a final grade, in the transaction that made it final: a revocation begun, a mark.

Each is stated by the pack with its clause. An entry that is no longer valid has no consequence to bear.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from casework import facts, loading, matters
from casework.beginning import Beginning, Where, begin_all
from casework.loading import Loaded
from casework.recording import Hand
from models import Matter
from models import Subject as SubjectRow
from procedure import subject as subjects
from procedure.act import SYSTEM, Refusal
from procedure.definition import Procedure
from procedure.definition.evaluating import Consequence
from procedure.evaluation import Evaluation, Result, result, run_of_failures
from procedure.machine import settle
from procedure.revocation import Revocation
from procedure.subject import Subject

_matters = Matter.__table__
_subjects = SubjectRow.__table__

REVOCATION: Final = "revocation"


def follow(connection: Connection, loaded: Loaded, after: Subject) -> None:
    """Bring forth what follows from an evaluation that has just ended."""
    record = after.record
    if not isinstance(record, Evaluation) or after.outcome is None or record.purpose != "evaluation":
        return
    asked = loaded.procedure.evaluation
    if asked is None or not asked.consequences:
        return
    entry_id = connection.execute(
        select(_matters.c.entry_id).where(_matters.c.subject_id == loaded.id)
    ).scalar_one()
    entry = _valid_entry(connection, entry_id)
    if entry is None:
        return
    told = history(connection, entry_id, loaded.procedure)
    for each in asked.consequences:
        if each.then == "mark" and each.on == _result(loaded.procedure, after):
            cause = {"cause": after.ref, "reason": each.title.of("zh")}
            matters.act(connection, entry.id, "be_marked", cause, loaded.now)
        elif each.then == REVOCATION and each.on == "failed":
            _revoke(connection, loaded, record, entry_id, each, told)


def history(connection: Connection, entry_id: int, procedure: Procedure) -> list[tuple[int, str, Result]]:
    """Return what each evaluation of an entry counts as, in the order of their rounds."""
    rows = connection.execute(
        select(_matters.c.subject_id, _matters.c.number, _subjects.c.state)
        .join(_subjects, _subjects.c.id == _matters.c.subject_id)
        .where(_matters.c.entry_id == entry_id, _matters.c.kind == "evaluation")
        .order_by(_matters.c.round_id)
    )
    told: list[tuple[int, str, Result]] = []
    for row in rows:
        each = subjects.load(row.state)
        if isinstance(each.record, Evaluation) and each.record.purpose == "evaluation":
            told.append((row.subject_id, row.number, _result(procedure, each)))
    return told


def _result(procedure: Procedure, subject: Subject) -> Result:
    record = subject.record
    grade = record.grade if isinstance(record, Evaluation) else None
    return result(subject.outcome, grade, procedure.values)


def _revoke(
    connection: Connection,
    loaded: Loaded,
    record: Evaluation,
    entry_id: int,
    consequence: Consequence,
    told: Sequence[tuple[int, str, Result]],
) -> None:
    """Begin a revocation where the run of failures is long enough; one that is open already is enough."""
    run = _run(told)
    if len(run) < consequence.in_a_row or _open_revocation(connection, entry_id):
        return
    cause_id, cause = run[-1]
    if _followed(connection, cause_id):
        return
    revision = connection.execute(
        select(_subjects.c.revision_id).where(_subjects.c.id == loaded.id)
    ).scalar_one()
    failed = "、".join(number for _, number in run[-consequence.in_a_row :])
    facts = f"{failed}：评价不合格" if consequence.in_a_row == 1 else f"{failed}：连续评价不合格"
    about = (record.entry, record.name, record.lead, record.lead_name, record.district)
    revocation = Revocation(*about, facts, _ground(loaded.procedure, consequence), cause)
    where = Where(loaded.bureau_id, revision, loaded.procedure, loaded.calendar, loaded.now)
    number = f"{cause}/R"
    answer = begin_all(
        connection,
        where,
        [Beginning(REVOCATION, number, revocation, entry_id, cause=cause_id)],
        Hand(SYSTEM),
    )
    if isinstance(answer, Refusal):
        raise RuntimeError(f"the revocation {number} cannot begin: {answer.code}")


def _run(told: Sequence[tuple[int, str, Result]]) -> list[tuple[int, str]]:
    """Return the failed evaluations that the entry's run of failures is made of, the last one last."""
    counted = [(subject_id, number) for subject_id, number, each in told if each == "failed"]
    length = run_of_failures(each for _, _, each in told)
    return counted[len(counted) - length :]


def _open_revocation(connection: Connection, entry_id: int) -> bool:
    found = (
        select(_matters.c.subject_id)
        .join(_subjects, _subjects.c.id == _matters.c.subject_id)
        .where(
            _matters.c.entry_id == entry_id,
            _matters.c.kind == REVOCATION,
            _subjects.c.outcome.is_(None),
        )
    )
    return connection.execute(found).first() is not None


def _followed(connection: Connection, cause_id: int) -> bool:
    found = select(_matters.c.subject_id).where(
        _matters.c.cause_id == cause_id, _matters.c.kind == REVOCATION
    )
    return connection.execute(found).first() is not None


def _valid_entry(connection: Connection, entry_id: int) -> Loaded | None:
    """Return the entry where it is valid now; one whose last day is over is not, swept or not."""
    subject_id = connection.execute(
        select(_matters.c.subject_id).where(_matters.c.entry_id == entry_id, _matters.c.kind == "entry")
    ).scalar()
    if subject_id is None:
        return None
    entry = loading.one(connection, subject_id)
    now, _ = settle(entry.procedure, entry.subject, facts.plain(entry), entry.now)
    return entry if now.outcome is None and now.stage == "valid" else None


def _ground(procedure: Procedure, consequence: Consequence) -> str:
    clause = consequence.clause
    if clause is None:
        return consequence.title.of("zh")
    return f"{procedure.documents[clause.document].title.of('zh')} {clause.clause}"
