"""Rows beside the subject's own: members, documents, panels, scores, visits, register entries.

Each function writes what one kind of event means for its tables, in the transaction of the event.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, ScalarSelect, insert, select, update

from casework.loading import Loaded
from models import Document, Expert, Member, Organisation, Panel, PanelMember, RegisterEntry, Score, Visit
from procedure.act import Actor
from procedure.event import Event
from procedure.instant import calendar_day, instant

Project = Callable[[Connection, Loaded, Event, Actor], None]

_organisations = Organisation.__table__
_members = Member.__table__
_documents = Document.__table__
_experts = Expert.__table__
_panels = Panel.__table__
_panel_members = PanelMember.__table__
_scores = Score.__table__
_visits = Visit.__table__
_register = RegisterEntry.__table__


def _unit(uscc: str) -> ScalarSelect[Any]:
    return select(_organisations.c.id).where(_organisations.c.uscc == uscc).scalar_subquery()


def _expert(person: int | None) -> ScalarSelect[Any]:
    return select(_experts.c.id).where(_experts.c.person_id == person).scalar_subquery()


def _member_invited(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    data = event.data
    known = connection.execute(
        select(_organisations.c.id).where(_organisations.c.uscc == data["uscc"])
    ).scalar()
    if known is None:
        known = connection.execute(
            insert(_organisations)
            .values(uscc=data["uscc"], name=data["name"], kind=data["kind"])
            .returning(_organisations.c.id)
        ).scalar_one()
    values = {
        "kind": data["kind"],
        "core_layer": data["core_layer"],
        "status": "invited",
        "invited_at": event.effective_at,
        "answered_at": None,
        "answered_by": None,
    }
    again = connection.execute(
        update(_members)
        .where(_members.c.subject_id == loaded.id, _members.c.organisation_id == known)
        .values(**values)
    )
    if not again.rowcount:
        connection.execute(
            insert(_members).values(subject_id=loaded.id, organisation_id=known, details={}, **values)
        )


def _member_answered(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    connection.execute(
        update(_members)
        .where(_members.c.subject_id == loaded.id, _members.c.organisation_id == _unit(event.data["uscc"]))
        .values(status=event.data["status"], answered_at=event.effective_at, answered_by=actor.person)
    )


def _member_removed(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    unit = _unit(event.data["uscc"])
    connection.execute(
        update(_members)
        .where(_members.c.subject_id == loaded.id, _members.c.organisation_id == unit)
        .values(status="removed")
    )
    connection.execute(
        update(_documents)
        .where(
            _documents.c.subject_id == loaded.id,
            _documents.c.organisation_id == unit,
            _documents.c.removed_at.is_(None),
        )
        .values(removed_at=event.effective_at)
    )


def _document_removed(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    connection.execute(
        update(_documents)
        .where(
            _documents.c.subject_id == loaded.id,
            _documents.c.material == event.data["material"],
            _documents.c.organisation_id == _unit(event.data["owner"]),
            _documents.c.removed_at.is_(None),
        )
        .values(removed_at=event.effective_at)
    )


def _document_attached(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    _document_removed(connection, loaded, event, actor)
    data = event.data
    connection.execute(
        insert(_documents).values(
            subject_id=loaded.id,
            material=data["material"],
            organisation_id=_unit(data["owner"]),
            digest=data["digest"],
            name=data["name"],
            size=data["size"],
            media_type=data["media_type"],
            attached_at=event.effective_at,
            attached_by=actor.person,
        )
    )


def _panel_named(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    people = event.data["experts"]
    connection.execute(
        insert(_panels).values(subject_id=loaded.id, named_at=event.effective_at, size=len(people))
    )
    for person in people:
        connection.execute(insert(_panel_members).values(subject_id=loaded.id, expert_id=_expert(person)))


def _scored(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    data = event.data
    values = {"score": data["score"], "comment": data["comment"], "scored_at": event.effective_at}
    expert = _expert(data["expert"])
    again = connection.execute(
        update(_scores)
        .where(_scores.c.subject_id == loaded.id, _scores.c.expert_id == expert)
        .values(**values)
    )
    if not again.rowcount:
        connection.execute(insert(_scores).values(subject_id=loaded.id, expert_id=expert, **values))


def _scoring_closed(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    connection.execute(update(_scores).where(_scores.c.subject_id == loaded.id).values(frozen=True))


def _visit_scheduled(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    values = {"scheduled_for": instant(event.data["at"]), "team": event.data["team"]}
    again = connection.execute(
        update(_visits).where(_visits.c.subject_id == loaded.id, _visits.c.result.is_(None)).values(**values)
    )
    if not again.rowcount:
        connection.execute(insert(_visits).values(subject_id=loaded.id, **values))


def _visit_recorded(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    connection.execute(
        update(_visits)
        .where(_visits.c.subject_id == loaded.id, _visits.c.result.is_(None))
        .values(
            visited_on=calendar_day(event.data["on"]),
            result=event.data["result"],
            findings=event.data["findings"],
        )
    )


def _filed(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    data = event.data
    connection.execute(
        insert(_register).values(
            bureau_id=loaded.bureau_id,
            subject_id=loaded.id,
            number=data["number"],
            name=data["name"],
            lead_id=loaded.lead_id,
            direction=data["direction"],
            valid_from=calendar_day(data["valid_from"]),
            valid_to=calendar_day(data["valid_to"]),
            filed_at=event.effective_at,
            document_number=data["document_number"],
        )
    )


PARTICULARS: Final[dict[str, Project]] = {
    "member_invited": _member_invited,
    "membership_confirmed": _member_answered,
    "membership_declined": _member_answered,
    "member_removed": _member_removed,
    "document_attached": _document_attached,
    "document_removed": _document_removed,
    "panel_named": _panel_named,
    "scored": _scored,
    "scoring_closed": _scoring_closed,
    "visit_scheduled": _visit_scheduled,
    "visit_recorded": _visit_recorded,
    "filed": _filed,
}
"""What each kind of event writes beside the subject."""
