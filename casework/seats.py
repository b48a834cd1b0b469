"""A panel's seats, its scores and its defence, written as each event of the case means it."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from casework.loading import Loaded
from models import Case, Defence, Expert, Panel, PanelMember, Score, Subject
from models.prepared import Prepared
from procedure.act import Actor
from procedure.event import Event
from procedure.instant import day_of, instant

_cases = Case.__table__
_defences = Defence.__table__
_experts = Expert.__table__
_panels = Panel.__table__
_panel_members = PanelMember.__table__
_scores = Score.__table__
_subjects = Subject.__table__

# Built once: putting a statement together costs as much as carrying it out.
_expert: Final = select(_experts.c.id).where(_experts.c.person_id == bindparam("person")).scalar_subquery()
_ADD_PANEL: Final = Prepared(insert(_panels))
_ADD_PANEL_MEMBER: Final = Prepared(
    insert(_panel_members).values(subject_id=bindparam("of_id"), expert_id=_expert, state="assigned")
)
_SET_SEAT: Final = Prepared(
    update(_panel_members)
    .where(_panel_members.c.subject_id == bindparam("of_id"), _panel_members.c.expert_id == _expert)
    .values(state=bindparam("new_state"))
)
_ADD_SCORE: Final = Prepared(
    insert(_scores).values(
        subject_id=bindparam("of_id"),
        stage=bindparam("of_stage"),
        expert_id=_expert,
        score=bindparam("points"),
        comment=bindparam("remark"),
        scored_at=bindparam("at"),
        frozen=False,
    )
)
_CHANGE_SCORE: Final = Prepared(
    update(_scores)
    .where(
        _scores.c.subject_id == bindparam("of_id"),
        _scores.c.stage == bindparam("of_stage"),
        _scores.c.expert_id == _expert,
    )
    .values(score=bindparam("points"), comment=bindparam("remark"), scored_at=bindparam("at"))
)
_DROP_SCORE: Final = Prepared(
    delete(_scores).where(
        _scores.c.subject_id == bindparam("of_id"),
        _scores.c.expert_id == _expert,
        _scores.c.frozen.is_(False),
    )
)
_FREEZE_SCORES: Final = Prepared(
    update(_scores)
    .where(_scores.c.subject_id == bindparam("of_id"), _scores.c.stage == bindparam("of_stage"))
    .values(frozen=True)
)


def _panel_named(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    _seat(connection, loaded, event, event.data["experts"])


def _panel_drawn(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    _seat(connection, loaded, event, [*loaded.subject.application.panel, *event.data["seated"]])


def _seat(connection: Connection, loaded: Loaded, event: Event, people: list[int]) -> None:
    """Make ``people`` the panel: a seat for each, and who had one and is not among them replaced."""
    before = loaded.subject.application
    occurrence, known = 1, set[int]()
    if before.panel or before.barred:
        panels = select(func.count()).where(_panels.c.subject_id == loaded.id)
        occurrence += connection.execute(panels).scalar_one()
        known = _take_seats_anew(connection, loaded, people)
    panel = {"subject_id": loaded.id, "occurrence": occurrence, "named_at": event.effective_at}
    _ADD_PANEL.execute(connection, [{**panel, "size": len(people)}])
    _give_seats(connection, loaded, [person for person in people if person not in known])


def _give_seats(connection: Connection, loaded: Loaded, people: list[int]) -> None:
    if people:
        _ADD_PANEL_MEMBER.execute(connection, [{"of_id": loaded.id, "person": person} for person in people])


def _take_seats_anew(connection: Connection, loaded: Loaded, people: list[int]) -> set[int]:
    """Say of everybody who ever had a seat whether they have one now, and return them."""
    rows = connection.execute(
        select(_panel_members.c.state, _experts.c.person_id)
        .join(_experts, _experts.c.id == _panel_members.c.expert_id)
        .where(_panel_members.c.subject_id == loaded.id)
    ).all()
    for row in rows:
        left = row.state if row.state != "assigned" else "replaced"
        state = "assigned" if row.person_id in people else left
        if state != row.state:
            _SET_SEAT.execute(connection, [{"of_id": loaded.id, "person": row.person_id, "new_state": state}])
    return {row.person_id for row in rows}


def _conflict_declared(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    _release(connection, loaded, event, "conflicted")


def _expert_replaced(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    _release(connection, loaded, event, "replaced")


def _release(connection: Connection, loaded: Loaded, event: Event, state: str) -> None:
    expert = {"of_id": loaded.id, "person": event.data["expert"]}
    _SET_SEAT.execute(connection, [{**expert, "new_state": state}])
    _DROP_SCORE.execute(connection, [expert])
    _give_seats(connection, loaded, event.data["seated"])


def _scored(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    data = event.data
    scores = loaded.subject.application.scores
    again = any((each.expert, each.stage) == (data["expert"], data["stage"]) for each in scores)
    row = {
        "of_id": loaded.id,
        "of_stage": data["stage"],
        "person": data["expert"],
        "points": data["score"],
        "remark": data["comment"],
        "at": event.effective_at,
    }
    (_CHANGE_SCORE if again else _ADD_SCORE).execute(connection, [row])


def _scoring_closed(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    _FREEZE_SCORES.execute(connection, [{"of_id": loaded.id, "of_stage": event.data["stage"]}])


def _defence_scheduled(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    data, at = event.data, instant(event.data["at"])
    call_id = select(_subjects.c.parent_id).where(_subjects.c.id == loaded.id).scalar_subquery()
    # The place of a case that ended before its defence is free again.
    ended = select(_cases.c.subject_id).where(_cases.c.call_id == call_id, _cases.c.closed)
    ahead = _defences.c.attended.is_(None)
    connection.execute(
        update(_defences).where(ahead, _defences.c.subject_id.in_(ended)).values(position=None)
    )
    connection.execute(delete(_defences).where(ahead, _defences.c.subject_id == loaded.id))
    connection.execute(delete(_scores).where(_scores.c.subject_id == loaded.id, _scores.c.frozen.is_(False)))
    connection.execute(
        insert(_defences).values(
            subject_id=loaded.id,
            call_id=call_id,
            scheduled_for=at,
            day=day_of(at),
            place=data["place"],
            position=data["position"],
        )
    )


def _defence_recorded(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    connection.execute(
        update(_defences)
        .where(_defences.c.subject_id == loaded.id, _defences.c.attended.is_(None))
        .values(attended=event.data["attended"], held_at=event.effective_at)
    )


PARTICULARS: Final[dict[str, Callable[[Connection, Loaded, Event, Actor], None]]] = {
    "panel_named": _panel_named,
    "panel_drawn": _panel_drawn,
    "conflict_declared": _conflict_declared,
    "expert_replaced": _expert_replaced,
    "scored": _scored,
    "scoring_closed": _scoring_closed,
    "defence_scheduled": _defence_scheduled,
    "defence_recorded": _defence_recorded,
}
"""What the events of a panel write beside the subject."""
