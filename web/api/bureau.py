"""What the bureau alone reads: panels and scores, objections, notices."""

from fastapi import APIRouter
from sqlalchemy import Connection, select

from casework import proof, publicity
from casework.standing import standing
from models import Expert, PanelMember, Person
from models.database import reading
from procedure import written
from web.api import shapes
from web.api.caller import City, Reader
from web.api.problem import answered

router = APIRouter(tags=["bureau"])

_seats = PanelMember.__table__
_experts = Expert.__table__
_people = Person.__table__


@router.get("/cases/{bureau}/{number}/panel", responses=answered())
def panel(caller: City, bureau: str, number: str) -> shapes.Panel:
    """Show a case's panel, its scores and the means of closed scorings."""
    with reading(caller.portal.engine) as connection:
        case_id = caller.case(connection, bureau, number)
        a = standing(connection, case_id).subject.application
        seats = _seated(connection, case_id)
    return shapes.Panel(
        seats=seats,
        scores=[
            shapes.Scored(
                expert=each.expert,
                stage=each.stage,
                score=written.points(each.score),
                comment=each.comment,
            )
            for each in a.scores
        ],
        means={stage: written.points(mean) for stage, mean in a.means.items()},
    )


@router.get("/cases/{bureau}/{number}/objections", responses=answered())
def objections(caller: City, bureau: str, number: str) -> list[shapes.Objection]:
    """Show the objections to a case's entry on a published list."""
    with reading(caller.portal.engine) as connection:
        found = publicity.objections(connection, caller.case(connection, bureau, number))
    names = shapes.Objection.model_fields
    return [shapes.Objection(**{name: getattr(each, name) for name in names}) for each in found]


@router.get("/cases/{bureau}/{number}/notices", responses=answered())
def notices(caller: Reader, bureau: str, number: str) -> list[shapes.Notice]:
    """Show the notices of a case that the caller may read, and how their delivery stands."""
    with reading(caller.portal.engine) as connection:
        case_id = caller.case(connection, bureau, number)
        found = proof.of_subject(connection, case_id, caller.claim)
    return [
        shapes.Notice(
            id=each.id,
            cause=each.cause,
            text=each.text,
            recipient=each.name,
            channel=each.channel,
            state=each.state,
            owed_at=each.owed_at,
            sent_at=each.sent_at,
            attempts=len(each.attempts),
        )
        for each in found
    ]


def _seated(connection: Connection, case_id: int) -> list[shapes.Seat]:
    rows = connection.execute(
        select(_people.c.id, _people.c.name, _seats.c.state)
        .join(_experts, _experts.c.id == _seats.c.expert_id)
        .join(_people, _people.c.id == _experts.c.person_id)
        .where(_seats.c.subject_id == case_id)
        .order_by(_people.c.id)
    )
    return [shapes.Seat(expert=row.id, name=row.name, state=row.state) for row in rows]
