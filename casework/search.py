"""Searching by text: what of a case, or of an entry of the register, holds it."""

from typing import Final

from sqlalchemy import ColumnElement, Connection, or_, select

from models import Case, Organisation, RegisterEntry

FEW: Final = 500
"""So many units are looked up by their ids; of more a database reads through the names once."""

_cases = Case.__table__
_entries = RegisterEntry.__table__
_leads = Organisation.__table__


def cases(connection: Connection, text: str) -> ColumnElement[bool]:
    """Return the condition that number, direction or lead unit of a case hold the text."""
    own = (_cases.c.number, _cases.c.direction)
    return or_(*(_holds(each, text) for each in own), _led(connection, _cases.c.lead_id, text))


def entries(connection: Connection, text: str) -> ColumnElement[bool]:
    """Return the condition that name, number, direction or lead unit of an entry hold the text."""
    own = (_entries.c.name, _entries.c.number, _entries.c.direction)
    return or_(*(_holds(each, text) for each in own), _led(connection, _entries.c.lead_id, text))


def _holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return column.contains(text, autoescape=True)


def _led(connection: Connection, lead: ColumnElement[int], text: str) -> ColumnElement[bool]:
    # Few units are given by their ids: beside a query within an OR no index would be used for the rest.
    named = select(_leads.c.id).where(_holds(_leads.c.name, text))
    found = connection.execute(named.limit(FEW + 1)).scalars().all()
    return lead.in_(found if len(found) <= FEW else named)
