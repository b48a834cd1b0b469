"""What a rectification needs to know of the database, and what it writes beside the subject."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from casework import loading, panels
from casework.loading import Loaded
from models import Case, Expert, RegisterEntry, Score, Subject, Visit
from procedure import register, subject
from procedure.act import Actor
from procedure.event import Event
from procedure.instant import calendar_day

_cases = Case.__table__
_experts = Expert.__table__
_register = RegisterEntry.__table__
_scores = Score.__table__
_subjects = Subject.__table__
_visits = Visit.__table__


def items(loaded: Loaded, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values by item that an act proposes, or those of the proposal that it decides."""
    given = payload.get("items")
    if isinstance(given, Mapping):
        return {str(item): value for item, value in given.items()}
    number = payload.get("rectification")
    proposed = (each for each in loaded.subject.application.rectifications if each.number == number)
    return {each.item: each.after for proposal in proposed for each in proposal.items}


def known(connection: Connection, loaded: Loaded, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a rectification: experts and official names that it speaks of, and the call."""
    values = items(loaded, payload)
    scores = (item for item in values if item.startswith("score:") and item.count(":") >= 2)
    return {
        "experts": panels.named(connection, loaded.bureau_id, [item.split(":", 2)[2] for item in scores]),
        "names_taken": _names_taken(connection, loaded, values.get("filing.direction")),
        "call": _call(connection, loaded),
        "other_open_case": _other_open_case(connection, loaded),
    }


def _names_taken(connection: Connection, loaded: Loaded, direction: Any) -> frozenset[str]:
    if not isinstance(direction, str):
        return frozenset()
    name = register.official_name(loaded.procedure, direction, loaded.subject.application.form)
    rows = connection.execute(
        select(_register.c.name).where(
            _register.c.bureau_id == loaded.bureau_id,
            _register.c.name == name,
            _register.c.subject_id != loaded.id,
        )
    )
    return frozenset(rows.scalars())


def _call(connection: Connection, loaded: Loaded) -> subject.Subject | None:
    call_id = connection.execute(select(_subjects.c.parent_id).where(_subjects.c.id == loaded.id)).scalar()
    return None if call_id is None else loading.one(connection, call_id).subject


def _other_open_case(connection: Connection, loaded: Loaded) -> str | None:
    call_id = select(_cases.c.call_id).where(_cases.c.subject_id == loaded.id).scalar_subquery()
    return connection.execute(
        select(_cases.c.number).where(
            _cases.c.call_id == call_id,
            _cases.c.lead_id == loaded.lead_id,
            _cases.c.subject_id != loaded.id,
            _cases.c.closed.is_(False),
        )
    ).scalar()


def rectified(connection: Connection, loaded: Loaded, event: Event, _: Actor) -> None:
    """Write what an event corrects into the visit, the scores and the register; the events keep history."""
    data = event.data
    if "visit" in data:
        last = select(_visits.c.id).where(_visits.c.subject_id == loaded.id, _visits.c.result.is_not(None))
        values = {
            "visited_on": calendar_day(data["visit"]["on"]),
            "result": data["visit"]["result"],
            "findings": data["visit"]["findings"],
        }
        newest = last.order_by(_visits.c.id.desc()).limit(1).scalar_subquery()
        connection.execute(update(_visits).where(_visits.c.id == newest).values(**values))
    for given in data.get("scores", ()):
        expert = select(_experts.c.id).where(_experts.c.person_id == given["expert"]).scalar_subquery()
        connection.execute(
            update(_scores)
            .where(
                _scores.c.subject_id == loaded.id,
                _scores.c.stage == given["stage"],
                _scores.c.expert_id == expert,
            )
            .values(score=given["score"])
        )
    if "filing" in data:
        days = {
            name: calendar_day(value)
            for name, value in data["filing"].items()
            if name in ("valid_from", "valid_to")
        }
        connection.execute(
            update(_register).where(_register.c.subject_id == loaded.id).values(**{**data["filing"], **days})
        )
