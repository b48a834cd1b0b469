"""What the answers to a change, and its approval, write beside the subjects."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, select, update

from casework.loading import Loaded
from models import Consent, Matter, Organisation, RegisterEntry
from procedure.act import Actor
from procedure.event import Event

_consents = Consent.__table__
_matters = Matter.__table__
_register = RegisterEntry.__table__
_organisations = Organisation.__table__


def _answered(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    unit = select(_organisations.c.id).where(_organisations.c.uscc == event.data["uscc"]).scalar_subquery()
    connection.execute(
        update(_consents)
        .where(_consents.c.subject_id == loaded.id, _consents.c.organisation_id == unit)
        .values(
            answer="refused" if event.kind == "change_refused" else "consented",
            answered_at=event.effective_at,
            answered_by=actor.person,
        )
    )


def _changed(connection: Connection, loaded: Loaded, event: Event, _actor: Actor) -> None:
    after = event.data["after"]
    values = {name: after[name] for name in ("name", "direction") if name in after}
    if "lead" in after:
        unit = select(_organisations.c.id).where(_organisations.c.uscc == after["lead"])
        values["lead_id"] = connection.execute(unit).scalar_one()
    if values:
        entry = select(_matters.c.entry_id).where(_matters.c.subject_id == loaded.id).scalar_subquery()
        connection.execute(update(_register).where(_register.c.id == entry).values(**values))


PARTICULARS: Final[dict[str, Callable[[Connection, Loaded, Event, Actor], None]]] = {
    "change_handed_in": _answered,
    "change_consented": _answered,
    "change_refused": _answered,
    "entry_changed": _changed,
}
"""What each kind of event writes beside the subject."""
