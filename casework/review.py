"""What an expert has to score: the cases that wait for them, and their own word and score on each."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from casework import clock, work_list
from casework.access import Claim
from casework.work_list import DeskLine
from models import Expert, NoConflict, Score
from models.database import writing
from procedure.panel import anonymous

_declared = NoConflict.__table__
_scores = Score.__table__
_experts = Expert.__table__
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

MOST = 200
"""So many cases an expert is shown."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What an expert gave a case: hundredths of a point, why, and when."""

    points: int
    comment: str
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A case that waits for an expert; ``lead`` is None where they are not told whose it is."""

    line: DeskLine
    lead: str | None
    declared: bool
    scored: Scored | None


def lines(connection: Connection, claim: Claim) -> list[ReviewLine]:
    """Return the cases that wait for this expert, what is due first before the others."""
    cases = work_list.lines(connection, claim, is_open=True, limit=MOST)
    ids = [case.id for case in cases]
    free, given = declared(connection, claim, ids), scores(connection, claim, ids)
    return [
        ReviewLine(
            case,
            None if anonymous(case.procedure) else case.lead,
            case.id in free,
            given.get((case.id, case.stage)),
        )
        for case in cases
    ]


def declared(connection: Connection, claim: Claim, cases: Sequence[int]) -> frozenset[int]:
    """Return of which ``cases`` (ids) the expert has declared that nothing ties them to it."""
    query = select(_declared.c.subject_id).where(
        _declared.c.person_id == claim.person, _declared.c.subject_id.in_(cases)
    )
    return frozenset(connection.execute(query).scalars())


def scores(connection: Connection, claim: Claim, cases: Sequence[int]) -> dict[tuple[int, str], Scored]:
    """Return the expert's own scores on ``cases`` (ids), by case and stage."""
    rows = connection.execute(
        select(_scores)
        .join(_experts, _experts.c.id == _scores.c.expert_id)
        .where(_experts.c.person_id == claim.person, _scores.c.subject_id.in_(cases))
    )
    return {(row.subject_id, row.stage): Scored(row.score, row.comment or "", row.scored_at) for row in rows}


def declare(engine: Engine, case: int, claim: Claim) -> None:
    """Note that the expert declares that nothing ties them to a case; said again, it adds nothing."""
    with writing(engine) as connection:
        connection.execute(
            _INSERT[connection.dialect.name](_declared)
            .values(subject_id=case, person_id=claim.person, at=clock.now(connection))
            .on_conflict_do_nothing()
        )
