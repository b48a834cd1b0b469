"""Rows beside the subject's own: members, documents, visits, register entries.

Each function writes what one kind of event means for its tables, in the transaction of the event.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, ScalarSelect, bindparam, insert, select, update

from casework import bars, consents, grants, publicity, rectifying, reviewers, seats
from casework.loading import Loaded
from models import (
    Document,
    Invitation,
    Member,
    Organisation,
    RegisterEntry,
    Revision,
    Score,
    Subject,
    Visit,
)
from models.prepared import Prepared
from procedure.act import Actor
from procedure.event import Event
from procedure.instant import calendar_day, instant

Project = Callable[[Connection, Loaded, Event, Actor], None]

_organisations = Organisation.__table__
_members = Member.__table__
_invitations = Invitation.__table__
_documents = Document.__table__
_visits = Visit.__table__
_register = RegisterEntry.__table__
_revisions = Revision.__table__
_scores = Score.__table__
_subjects = Subject.__table__


def _unit(uscc: str) -> ScalarSelect[Any]:
    return select(_organisations.c.id).where(_organisations.c.uscc == uscc).scalar_subquery()


# Built once: putting a statement together costs as much as carrying it out.
_ADD_VISIT: Final = Prepared(insert(_visits))
_CHANGE_VISIT: Final = Prepared(
    update(_visits)
    .where(_visits.c.subject_id == bindparam("of_id"), _visits.c.result.is_(None))
    .values(scheduled_for=bindparam("at"), team=bindparam("who"))
)
_RECORD_VISIT: Final = Prepared(
    update(_visits)
    .where(_visits.c.subject_id == bindparam("of_id"), _visits.c.result.is_(None))
    .values(visited_on=bindparam("day"), result=bindparam("outcome"), findings=bindparam("found"))
)


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
    # Invited again, the unit is not opened by an earlier link.
    of_unit = select(_members.c.id).where(
        _members.c.subject_id == loaded.id, _members.c.organisation_id == unit
    )
    connection.execute(
        update(_invitations)
        .where(_invitations.c.member_id.in_(of_unit), _invitations.c.used_at.is_(None))
        .values(used_at=event.effective_at)
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
            # A recommending unit's document belongs to no organisation.
            _documents.c.organisation_id.is_not_distinct_from(_unit(event.data["owner"])),
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


def _visit_scheduled(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    at, team = instant(event.data["at"]), event.data["team"]
    visit = loaded.subject.application.visit
    if visit is not None and visit.result is None:
        _CHANGE_VISIT.execute(connection, [{"of_id": loaded.id, "at": at, "who": team}])
    else:
        _ADD_VISIT.execute(connection, [{"subject_id": loaded.id, "scheduled_for": at, "team": team}])


def _visit_recorded(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    row = {
        "of_id": loaded.id,
        "day": calendar_day(event.data["on"]),
        "outcome": event.data["result"],
        "found": event.data["findings"],
    }
    _RECORD_VISIT.execute(connection, [row])


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


def _revision_changed(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    revision = select(_revisions.c.id).where(_revisions.c.content_hash == event.data["to"]).scalar_subquery()
    connection.execute(update(_subjects).where(_subjects.c.id == loaded.id).values(revision_id=revision))
    for before, after in event.data.get("stages", {}).items():
        scores = update(_scores).where(_scores.c.subject_id == loaded.id, _scores.c.stage == before)
        connection.execute(scores.values(stage=after))


PARTICULARS: Final[dict[str, Project]] = {
    "member_invited": _member_invited,
    "membership_confirmed": _member_answered,
    "membership_declined": _member_answered,
    "member_removed": _member_removed,
    "document_attached": _document_attached,
    "document_removed": _document_removed,
    "visit_scheduled": _visit_scheduled,
    "visit_recorded": _visit_recorded,
    "filed": _filed,
    "rectified": rectifying.rectified,
    "revision_changed": _revision_changed,
    **bars.PARTICULARS,
    **consents.PARTICULARS,
    **grants.PARTICULARS,
    **reviewers.PARTICULARS,
    **seats.PARTICULARS,
    **publicity.PARTICULARS,
}
"""What each kind of event writes beside the subject."""
