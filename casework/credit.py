"""The research credit file: breaches of trust of units and people, and referrals of suspected crime."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pendulum import Date
from pydantic import StringConstraints
from sqlalchemy import Connection, Engine, insert, select, update

from casework import access, clock
from casework.access import CITY_ROLES, Claim, NoSuchRole
from models import Bureau, CreditRecord, Organisation, Person
from models.database import writing
from procedure.act import Refusal
from procedure.acts import parsed
from procedure.acts.act_type import Payload
from procedure.acts.draft import Reason
from procedure.instant import Day, calendar_day, day_of, instant

_credit = CreditRecord.__table__
_bureaus = Bureau.__table__
_organisations = Organisation.__table__
_people = Person.__table__


class Breach(Payload):
    """Whose breach of trust (a USCC, or a person's handle), what it was, and what shows it."""

    uscc: Annotated[str, StringConstraints(min_length=1, max_length=18)] | None = None
    handle: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    facts: Reason
    source: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Referral(Payload):
    """Which record is referred, to whom, and on which day."""

    record: int
    to: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    on: Day


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One record as it is listed."""

    id: int
    bureau: str
    whose: str
    name: str
    facts: str
    source: str
    recorded_on: Date
    referred_on: Date | None
    referred_to: str | None


def record(engine: Engine, claim: Claim, particulars: Mapping[str, Any]) -> int | Refusal:
    """Enter a breach of trust (``Breach``) into the file of the claim's own city; return its number.

    Refused when the same stands there already: nothing takes a record out again.
    """
    wanted = parsed("record_breach", Breach, particulars)
    if isinstance(wanted, Refusal):
        return wanted
    if (wanted.uscc is None) == (wanted.handle is None):
        return Refusal("unit_or_person", {"given": [wanted.uscc or "", wanted.handle or ""]})
    with writing(engine) as connection:
        bureau = _own(connection, claim)
        if isinstance(bureau, Refusal):
            return bureau
        unit = select(_organisations.c.id).where(_organisations.c.uscc == wanted.uscc)
        person = select(_people.c.id).where(_people.c.handle == wanted.handle)
        of = {
            "organisation_id": connection.execute(unit).scalar(),
            "person_id": connection.execute(person).scalar(),
        }
        if of["organisation_id"] is None and of["person_id"] is None:
            return Refusal("nobody_known", {"given": wanted.uscc or wanted.handle or ""})
        alike = {"bureau_id": bureau, "facts": wanted.facts, "source": wanted.source, **of}
        already = connection.execute(
            select(_credit.c.id).where(*(_credit.c[name].is_not_distinct_from(alike[name]) for name in alike))
        ).scalar()
        if already is not None:
            return Refusal("recorded_already", {"record": already})
        return int(
            connection.execute(
                insert(_credit)
                .values(recorded_at=clock.now(connection), recorded_by=claim.person, **alike)
                .returning(_credit.c.id)
            ).scalar_one()
        )


def refer(engine: Engine, claim: Claim, particulars: Mapping[str, Any]) -> int | Refusal:
    """Note that a record (``Referral``) was referred to the judicial authorities; once."""
    wanted = parsed("refer_breach", Referral, particulars)
    if isinstance(wanted, Refusal):
        return wanted
    with writing(engine) as connection:
        bureau = _own(connection, claim)
        if isinstance(bureau, Refusal):
            return bureau
        today = day_of(clock.now(connection))
        if wanted.on > today:
            return Refusal("not_yet", {"day": wanted.on.isoformat(), "today": today.isoformat()})
        moved = connection.execute(
            update(_credit)
            .where(
                _credit.c.id == wanted.record, _credit.c.bureau_id == bureau, _credit.c.referred_on.is_(None)
            )
            .values(referred_on=wanted.on, referred_to=wanted.to)
        )
        if not moved.rowcount:
            return Refusal("no_such_record", {"record": wanted.record})
        return int(wanted.record)


def listed(connection: Connection, bureau: str | None = None) -> list[CreditLine]:
    """Return the file of a city, or of all, in the order of its entries."""
    statement = (
        select(
            _credit,
            _bureaus.c.code,
            _organisations.c.uscc,
            _organisations.c.name.label("unit"),
            _people.c.handle,
            _people.c.name.label("person"),
        )
        .join(_bureaus, _bureaus.c.id == _credit.c.bureau_id)
        .outerjoin(_organisations, _organisations.c.id == _credit.c.organisation_id)
        .outerjoin(_people, _people.c.id == _credit.c.person_id)
        .order_by(_credit.c.id)
    )
    if bureau is not None:
        statement = statement.where(_bureaus.c.code == bureau)
    return [
        CreditLine(
            row.id,
            row.code,
            row.uscc or row.handle,
            row.unit or row.person,
            row.facts,
            row.source,
            day_of(instant(row.recorded_at)),
            None if row.referred_on is None else calendar_day(row.referred_on.isoformat()),
            row.referred_to,
        )
        for row in connection.execute(statement)
    ]


def _own(connection: Connection, claim: Claim) -> int | Refusal:
    if claim.role not in CITY_ROLES:
        return Refusal("role_may_not", {"act": "record_breach", "role": claim.role, "roles": CITY_ROLES})
    try:
        actors = access.roles_of(connection, claim, day_of(clock.now(connection)))
    except NoSuchRole:
        return Refusal("no_such_role", {"role": claim.role})
    code = next(each.bureau for each in actors)
    # Two who enter the same at once do so one after the other.
    own = select(_bureaus.c.id).where(_bureaus.c.code == code).with_for_update()
    return int(connection.execute(own).scalar_one())
