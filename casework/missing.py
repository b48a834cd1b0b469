"""What a reminder says is still missing: of a draft, of a correction, of papers, of a whole call."""

from typing import Any, Final

from sqlalchemy import Connection, func, select

from casework import endorsements
from casework.loading import Loaded
from casework.terms import Terms
from models import Case
from models import Subject as SubjectRow
from procedure import completeness
from procedure.definition import Procedure, StageKind
from procedure.subject import Application, Subject

_cases = Case.__table__
_subjects = SubjectRow.__table__

_COUNTED: Final = ("drafts", "awaiting", "recommended", "letters", "quota", "places")


def words(
    connection: Connection, loaded: Loaded, subject: Subject, language: str, district: int | None = None
) -> dict[str, Any]:
    """Return the variables of a reminder about ``subject`` that tell what is still missing.

    Of a call they count drafts, applications that wait for their first authority, recommendations and letters
    that have not come, the last by name too: of one ``district``, or of all. Of a case that waits to be
    recommended they tell how much of its unit's quota is left.
    """
    told: dict[str, Any] = dict.fromkeys(_COUNTED, "") | {"missing": []}
    quota = endorsements.quota(loaded.procedure)
    if isinstance(subject.record, Application):
        told["missing"] = of_case(loaded.procedure, subject, Terms(language, loaded.procedure))
        if quota and "endorse" in loaded.procedure.application.acts(subject.stage):
            call = endorsements.call_of(connection, loaded.id)
            if call is not None:
                told |= _left(quota, endorsements.made(connection, call, loaded.district_id))
    elif subject.kind == "call":
        told |= _of_call(connection, loaded, district)
        owing = endorsements.owing(connection, loaded, district)
        told["letters"] = str(len(owing))
        told["missing"] = [f"{case.number} {case.name}" for case in owing]
        recommended = endorsements.made(connection, loaded.id, district)
        told["recommended"] = str(recommended)
        if quota and district is not None:
            told |= _left(quota, recommended)
    return told


def _left(quota: int, recommended: int) -> dict[str, str]:
    return {"quota": str(quota), "places": str(max(0, quota - recommended))}


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


def _of_call(connection: Connection, loaded: Loaded, district: int | None) -> dict[str, str]:
    life = loaded.procedure.application
    first = [
        stage.id
        for stage in life.stages
        if stage.kind is StageKind.DISTRICT_ENDORSEMENT
        and stage.holder == "district"
        and "endorse" in stage.acts
    ]
    query = (
        select(_subjects.c.stage, func.count().label("number"))
        .join(_cases, _cases.c.subject_id == _subjects.c.id)
        .where(_cases.c.call_id == loaded.id, _subjects.c.outcome.is_(None))
        .group_by(_subjects.c.stage)
    )
    if district is not None:
        query = query.where(_cases.c.district_id == district)
    counted = {row.stage: int(row.number) for row in connection.execute(query)}
    return {
        "drafts": str(counted.get(life.start, 0)),
        "awaiting": str(sum(counted.get(stage, 0) for stage in first)),
    }
