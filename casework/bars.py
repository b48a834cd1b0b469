"""Bars on leading and on joining a core layer: which stand, and what decisions write of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pendulum import Date
from sqlalchemy import Connection, insert, select, update

from casework.loading import Loaded
from models import Bar, Bureau, Matter, Organisation
from procedure.act import Actor
from procedure.disqualification import Bar as Standing
from procedure.event import Event
from procedure.instant import calendar_day

_bars = Bar.__table__
_organisations = Organisation.__table__
_matters = Matter.__table__
_bureaus = Bureau.__table__


@dataclass(frozen=True, slots=True)
class BarLine:
    """A bar as it is listed: whose, by which decision, and for which days; void once it was overturned."""

    number: str
    bureau: str
    uscc: str
    name: str
    document: str
    breached_on: Date
    first_day: Date
    last_day: Date
    void: bool


def standing(connection: Connection, bureau_id: int, usccs: Iterable[str]) -> tuple[Standing, ...]:
    """Return the bars of a bureau on these units that were not overturned, past ones included."""
    rows = connection.execute(
        select(_bars, _organisations.c.uscc)
        .join(_organisations, _organisations.c.id == _bars.c.organisation_id)
        .where(
            _bars.c.bureau_id == bureau_id,
            _bars.c.void_at.is_(None),
            _organisations.c.uscc.in_(list(usccs)),
        )
    )
    return tuple(
        Standing(row.uscc, _day(row.first_day), _day(row.last_day), row.document_number) for row in rows
    )


def listed(connection: Connection, bureau: str | None = None) -> Iterator[BarLine]:
    """Yield every bar there ever was, of a bureau or all, in the order of service."""
    statement = (
        select(_bars, _organisations.c.uscc, _organisations.c.name, _matters.c.number, _bureaus.c.code)
        .join(_organisations, _organisations.c.id == _bars.c.organisation_id)
        .join(_matters, _matters.c.subject_id == _bars.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _bars.c.bureau_id)
        .order_by(_bars.c.first_day, _bars.c.subject_id)
    )
    if bureau is not None:
        statement = statement.where(_bureaus.c.code == bureau)
    for row in connection.execute(statement):
        yield BarLine(
            row.number,
            row.code,
            row.uscc,
            row.name,
            row.document_number,
            _day(row.breached_on),
            _day(row.first_day),
            _day(row.last_day),
            row.void_at is not None,
        )


def _day(value: Any) -> Date:
    return calendar_day(value.isoformat())


def _served(connection: Connection, loaded: Loaded, event: Event, _actor: Actor) -> None:
    data = event.data
    unit = select(_organisations.c.id).where(_organisations.c.uscc == data["uscc"])
    connection.execute(
        insert(_bars).values(
            subject_id=loaded.id,
            bureau_id=loaded.bureau_id,
            organisation_id=connection.execute(unit).scalar_one(),
            breached_on=calendar_day(data["breached_on"]),
            first_day=calendar_day(data["on"]),
            last_day=calendar_day(data["until"]),
            document_number=data["document_number"],
        )
    )


def _overturned(connection: Connection, loaded: Loaded, event: Event, _actor: Actor) -> None:
    if event.data["result"] == "reversed":
        connection.execute(
            update(_bars).where(_bars.c.subject_id == loaded.id).values(void_at=event.effective_at)
        )


PARTICULARS: Final[dict[str, Callable[[Connection, Loaded, Event, Actor], None]]] = {
    "disqualification_served": _served,
    "disqualification_appeal_decided": _overturned,
}
"""What each kind of event writes beside the subject."""
