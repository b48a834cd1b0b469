"""What a reminder says is still missing: of a draft, of a correction, of papers, of a whole call."""

from typing import Any

from sqlalchemy import Connection, func, select

from casework.loading import Loaded
from casework.terms import Terms
from models import Case
from models import Subject as SubjectRow
from procedure import completeness
from procedure.definition import Procedure, StageKind
from procedure.subject import Application, Subject

_cases = Case.__table__
_subjects = SubjectRow.__table__


def words(connection: Connection, loaded: Loaded, subject: Subject, language: str) -> dict[str, Any]:
    """Return the variables ``missing``, ``drafts`` and ``awaiting`` of a reminder about ``subject``.

    Of a call they count its drafts and the applications that wait for their first authority.
    """
    if isinstance(subject.record, Application):
        missing = of_case(loaded.procedure, subject, Terms(language, loaded.procedure))
        return {"missing": missing, "drafts": "", "awaiting": ""}
    drafts, awaiting = _of_call(connection, loaded)
    return {"missing": [], "drafts": str(drafts), "awaiting": str(awaiting)}


def of_case(procedure: Procedure, subject: Subject, terms: Terms) -> list[str]:
    """Return what its stage still waits for, in words: parts of a draft, remarks of a return, papers."""
    application, acts = subject.application, procedure.application.acts(subject.stage)
    if "submit" in acts:
        return [terms.item(each) for each in completeness.missing(procedure, application, "submit")]
    correction = application.correction
    if "resubmit" in acts and correction is not None:
        return [f"{terms.item(each.item)}: {each.remark}" for each in correction.items]
    if "deliver_papers" in acts:
        return [
            material.title.of(terms.language) for material in procedure.materials if material.by == "district"
        ]
    return []


def _of_call(connection: Connection, loaded: Loaded) -> tuple[int, int]:
    life = loaded.procedure.application
    first = [
        stage.id
        for stage in life.stages
        if stage.kind is StageKind.DISTRICT_ENDORSEMENT
        and stage.holder == "district"
        and "endorse" in stage.acts
    ]
    rows = connection.execute(
        select(_subjects.c.stage, func.count().label("number"))
        .join(_cases, _cases.c.subject_id == _subjects.c.id)
        .where(_cases.c.call_id == loaded.id, _subjects.c.outcome.is_(None))
        .group_by(_subjects.c.stage)
    )
    counted = {row.stage: int(row.number) for row in rows}
    return counted.get(life.start, 0), sum(counted.get(stage, 0) for stage in first)
