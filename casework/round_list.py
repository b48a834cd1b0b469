"""Rounds of evaluation as the city bureaus that run them see them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, false, func, or_, select

from casework import access, clock
from casework.access import Claim
from casework.loading import NoSuchSubject
from models import Bureau, Matter, Subject
from procedure.instant import day_of

_matters = Matter.__table__
_subjects = Subject.__table__
_bureaus = Bureau.__table__


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One round: how many evaluations it has at each stage, and how many with each outcome."""

    id: int
    bureau: str
    code: str
    stage: str
    outcome: str | None
    began_at: datetime.datetime
    places: dict[str, int]


def lines(
    connection: Connection,
    claims: Sequence[Claim] | None = None,
    bureau: str | None = None,
    code: str | None = None,
    *,
    before: int | None = None,
    limit: int | None = None,
) -> list[RoundLine]:
    """Return the rounds, the latest first; with ``claims`` those of the city bureaus that these serve.

    With ``before`` those that come after the round of this id in the list.
    """
    statement = (
        select(
            _matters.c.subject_id,
            _matters.c.number,
            _bureaus.c.code,
            _subjects.c.stage,
            _subjects.c.outcome,
            _subjects.c.created_at,
        )
        .join(_subjects, _subjects.c.id == _matters.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _matters.c.bureau_id)
        .where(_matters.c.kind == "round")
        .order_by(_matters.c.subject_id.desc())
    )
    if claims is not None:
        day = day_of(clock.now(connection))
        statement = statement.where(or_(false(), *(access.runs_rounds(claim, day) for claim in claims)))
    if bureau is not None:
        statement = statement.where(_bureaus.c.code == bureau)
    if code is not None:
        statement = statement.where(_matters.c.number == code)
    if before is not None:
        statement = statement.where(_matters.c.subject_id < before)
    rows = connection.execute(statement.limit(limit)).all()
    places = _places(connection, [row.subject_id for row in rows])
    return [
        RoundLine(
            row.subject_id,
            row.code,
            row.number,
            row.stage,
            row.outcome,
            row.created_at,
            places[row.subject_id],
        )
        for row in rows
    ]


def find(connection: Connection, claim: Claim, bureau: str, code: str) -> int:
    """Return the id of a round that the claim may run; raises NoSuchSubject for any other."""
    day = day_of(clock.now(connection))
    found = connection.execute(
        select(_matters.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _matters.c.bureau_id)
        .where(
            _matters.c.kind == "round",
            _matters.c.number == code,
            _bureaus.c.code == bureau,
            access.runs_rounds(claim, day),
        )
    ).scalar()
    if found is None:
        raise NoSuchSubject(code)
    return int(found)


def _places(connection: Connection, rounds: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return how many evaluations of each round are at each stage, or have each outcome."""
    place = func.coalesce(_subjects.c.outcome, _subjects.c.stage)
    rows = connection.execute(
        select(_subjects.c.parent_id, place.label("place"), func.count().label("how_many"))
        .where(_subjects.c.parent_id.in_(rounds), _subjects.c.kind == "evaluation")
        .group_by(_subjects.c.parent_id, place)
        .order_by(place)
    )
    found: dict[int, dict[str, int]] = {each: {} for each in rounds}
    for row in rows:
        found[row.parent_id][row.place] = row.how_many
    return found
