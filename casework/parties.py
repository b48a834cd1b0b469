"""Who takes part: bureaus, organisations, people and their roles."""

import datetime
import re
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, literal, select, update

from casework import pool
from casework.access import in_same_unit
from models import Bureau, Expert, Organisation, Person, Role, Supervisor
from procedure.definition import BureauCard
from procedure.uscc import valid

_bureaus = Bureau.__table__
_organisations = Organisation.__table__
_people = Person.__table__
_roles = Role.__table__
_experts = Expert.__table__
_supervisors = Supervisor.__table__
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class OutsideTheUnit(ValueError):
    """A supervisor does not belong to the unit of the role, today."""


class UnknownParty(LookupError):
    """A bureau, organisation or person that the database does not know, named in the message."""


def city_bureau(connection: Connection, card: BureauCard) -> int:
    """Enter the city bureau of a pack, or find it, and return its id."""
    return _ensure(
        connection,
        _bureaus,
        {"code": card.code},
        {
            "name_zh": card.name.zh,
            "name_en": card.name.en,
            "city_zh": card.city.zh,
            "city_en": card.city.en,
            "level": "city",
        },
    )


def district_bureau(
    connection: Connection, city_id: int, code: str, name_zh: str, name_en: str, kind: str
) -> int:
    """Enter a recommending unit of a city, or find it, and return its id."""
    city = connection.execute(
        select(_bureaus.c.city_zh, _bureaus.c.city_en).where(_bureaus.c.id == city_id)
    ).one()
    return _ensure(
        connection,
        _bureaus,
        {"code": code},
        {
            "name_zh": name_zh,
            "name_en": name_en,
            "city_zh": city.city_zh,
            "city_en": city.city_en,
            "level": "district",
            "kind": kind,
            "parent_id": city_id,
        },
    )


def organisation(
    connection: Connection, uscc: str, name: str, kind: str, district_id: int | None = None
) -> int:
    """Enter an organisation, or find it by its USCC, and return its id; raises InvalidUscc."""
    return _ensure(
        connection,
        _organisations,
        {"uscc": valid(uscc)},
        {"name": name, "kind": kind, "district_id": district_id},
    )


def person(
    connection: Connection,
    handle: str,
    name: str,
    email: str | None = None,
    language: str = "zh",
    id_digest: str | None = None,
) -> int:
    """Enter a person, or find them by handle, and return their id."""
    return _ensure(
        connection,
        _people,
        {"handle": handle},
        {"name": name, "email": email, "language": language, "id_digest": id_digest},
    )


def grant(
    connection: Connection,
    person_id: int,
    role: str,
    *,
    bureau_id: int | None = None,
    organisation_id: int | None = None,
    valid_from: datetime.date,
    valid_to: datetime.date | None = None,
) -> int:
    """Give a person a role from ``valid_from`` on, or find it given, and return its id."""
    return _ensure(
        connection,
        _roles,
        {
            "person_id": person_id,
            "role": role,
            "bureau_id": bureau_id,
            "organisation_id": organisation_id,
        },
        {"valid_from": valid_from, "valid_to": valid_to},
    )


def expert(
    connection: Connection,
    person_id: int,
    bureau_id: int,
    employer_id: int | None,
    fields: list[str],
    ties: Iterable[str] | None = None,
    by: int | None = None,
) -> int:
    """Enter a person into a bureau's expert pool and return the expert's id.

    Of one who is there already, what is given replaces what was put down, and the rest stays. The pool
    records who did it. Empty ``ties`` take away those put down, None leaves them; any others are as in
    ``declare_ties``, which raises InvalidUscc.
    """
    tied = None if ties is None else [_tie(tie) for tie in ties]
    values = {"employer_id": employer_id, "fields": fields, "ties": tied or []}
    there = connection.execute(select(_experts).where(_experts.c.person_id == person_id)).one_or_none()
    if there is not None:
        changed = {name: new for name, new in values.items() if new and new != getattr(there, name)}
        if tied == [] and there.ties:
            changed["ties"] = list[str]()
        if changed:
            connection.execute(update(_experts).where(_experts.c.id == there.id).values(changed))
            pool.record(connection, there.id, "changed", by)
        return int(there.id)
    admitted = int(
        connection.execute(
            insert(_experts)
            .values(person_id=person_id, bureau_id=bureau_id, **values)
            .returning(_experts.c.id)
        ).scalar_one()
    )
    pool.record(connection, admitted, "admitted", by)
    return admitted


def declare_ties(connection: Connection, person_id: int, ties: Iterable[str], by: int | None = None) -> None:
    """Put down what an expert is tied to: USCCs of units, and digests of ID numbers of people.

    They take the place of those put down before. Raises InvalidUscc for what is neither.
    """
    known = [_tie(tie) for tie in ties]
    changed = connection.execute(
        update(_experts).where(_experts.c.person_id == person_id).values(ties=known).returning(_experts.c.id)
    ).scalar()
    if changed is not None:
        pool.record(connection, changed, "changed", by)


def _tie(tie: str) -> str:
    return tie if _DIGEST.fullmatch(tie) else valid(tie)


def bureau_id(connection: Connection, code: str) -> int:
    """Return the id of the bureau with this code; raises UnknownParty."""
    return _find(connection, _bureaus, "code", code, "bureau")


def person_id(connection: Connection, handle: str) -> int:
    """Return the id of the person with this handle; raises UnknownParty."""
    return _find(connection, _people, "handle", handle, "person")


def organisation_id(connection: Connection, uscc: str) -> int:
    """Return the id of the organisation with this USCC; raises UnknownParty."""
    return _find(connection, _organisations, "uscc", uscc, "organisation")


def supervise(connection: Connection, role_id: int, supervisor_id: int, day: datetime.date) -> None:
    """Name who supervises the holder of a role, in the place of whom was named before.

    Raises OutsideTheUnit unless they belong to the role's unit on ``day``.
    """
    inside = select(_roles.c.id).where(_roles.c.id == role_id, in_same_unit(literal(supervisor_id), day))
    if connection.execute(inside).scalar() is None:
        raise OutsideTheUnit(f"person {supervisor_id} does not belong to the unit of role {role_id}")
    connection.execute(delete(_supervisors).where(_supervisors.c.role_id == role_id))
    connection.execute(insert(_supervisors).values(role_id=role_id, person_id=supervisor_id))


def put_in_charge(connection: Connection, role_id: int, *, manages: bool) -> None:
    """Let the holder of a role see to the people of its organisation, or no longer."""
    connection.execute(update(_roles).where(_roles.c.id == role_id).values(manages=manages))


def end_role(connection: Connection, role_id: int, last_day: datetime.date) -> None:
    """Let a role end with ``last_day``."""
    connection.execute(update(_roles).where(_roles.c.id == role_id).values(valid_to=last_day))


def _find(connection: Connection, table: Table, column: str, value: str, what: str) -> int:
    found = connection.execute(select(table.c.id).where(table.c[column] == value)).scalar()
    if found is None:
        raise UnknownParty(f"no {what} with {column} {value!r}")
    return int(found)


def _ensure(connection: Connection, table: Table, key: dict[str, Any], rest: dict[str, Any]) -> int:
    found = connection.execute(
        select(table.c.id).where(*(table.c[name].is_not_distinct_from(value) for name, value in key.items()))
    ).scalar()
    if found is not None:
        return int(found)
    return int(connection.execute(insert(table).values(**key, **rest).returning(table.c.id)).scalar_one())
