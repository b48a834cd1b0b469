"""Desks in the database: who of the units that may hold a case could be given it today."""

from sqlalchemy import Connection, select

from casework import absence
from casework.absence import Post
from casework.access import in_force
from casework.loading import Loaded
from models import Bureau, Person, Role
from procedure.act import Officer
from procedure.acts.desk import DESKS
from procedure.instant import day_of

_bureaus = Bureau.__table__
_people = Person.__table__
_roles = Role.__table__


def officers(connection: Connection, loaded: Loaded) -> tuple[Officer, ...]:
    """Return who of the case's district and bureau may be given it today, with who stands in for them."""
    today = day_of(loaded.now)
    rows = connection.execute(
        select(_people.c.id, _people.c.handle, _people.c.name, _roles.c.role, _bureaus.c.code)
        .select_from(_roles)
        .join(_people, _people.c.id == _roles.c.person_id)
        .join(_bureaus, _bureaus.c.id == _roles.c.bureau_id)
        .where(
            _bureaus.c.id.in_((loaded.district_id, loaded.bureau_id)),
            _roles.c.role.in_(DESKS.values()),
            _people.c.active,
            in_force(today),
        )
        .order_by(_people.c.id)
    ).all()
    away = absence.stand_ins(connection, today, {row.id for row in rows})
    substitutes = {each.substitute for each in away.values()}
    names = {
        row.id: row.name
        for row in connection.execute(
            select(_people.c.id, _people.c.name).where(_people.c.id.in_(substitutes))
        )
    }
    return tuple(
        Officer(
            row.id,
            row.handle,
            row.name,
            row.role,
            row.code,
            None
            if (stand_in := away.get(Post(row.id, row.role, row.code))) is None
            else names[stand_in.substitute],
        )
        for row in rows
    )
