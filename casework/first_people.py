"""First people of units who came by a link: nothing proves they are of the unit until the bureau says so.

What they confirm for the unit before that counts and is marked. That a bureau looks at them is a setting; no
source speaks of accounts.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, exists, select, update

from models import Bureau, Case, Event, Invitation, Member, Organisation, Person, Role

_bureaus = Bureau.__table__
_cases = Case.__table__
_events = Event.__table__
_invitations = Invitation.__table__
_members = Member.__table__
_organisations = Organisation.__table__
_people = Person.__table__
_roles = Role.__table__


class NotAwaitedError(LookupError):
    """No such person waits for the bureau's word: unknown, another bureau's, or judged already."""


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """Somebody who opened a unit's first account by a link, and how the link reached them.

    ``belongs`` is the bureau's word whether they are of the unit; None until it is given.
    """

    id: int
    name: str
    reached: str
    unit: str
    uscc: str
    joined_at: datetime.datetime
    belongs: bool | None


_JOINED = (
    select(
        _invitations.c.id,
        _people.c.name,
        _people.c.email,
        _people.c.phone,
        _organisations.c.name.label("unit"),
        _organisations.c.uscc,
        _invitations.c.used_at,
        _invitations.c.belongs,
    )
    .join(_people, _people.c.id == _invitations.c.person_id)
    .join(_members, _members.c.id == _invitations.c.member_id)
    .join(_organisations, _organisations.c.id == _members.c.organisation_id)
    .where(
        # A link that was taken back is used up as well, and gave nobody a role.
        exists().where(
            _roles.c.person_id == _invitations.c.person_id,
            _roles.c.organisation_id == _members.c.organisation_id,
        )
    )
)


def listed(connection: Connection, bureaus: Collection[str]) -> list[FirstPerson]:
    """Return the first people of units invited into cases of these bureaus: who waits, then the rest."""
    of_bureau = (
        select(_cases.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.bureau_id)
        .where(_bureaus.c.code.in_(bureaus))
    )
    rows = connection.execute(
        _JOINED.where(_members.c.subject_id.in_(of_bureau)).order_by(
            _invitations.c.belongs.is_not(None), _invitations.c.used_at.desc()
        )
    )
    return [_first(row) for row in rows]


def who_confirmed(connection: Connection, case: int) -> dict[str, FirstPerson]:
    """Return by unit who confirmed its membership in a case, where that was somebody who came by a link."""
    rows = connection.execute(
        _JOINED.join(
            _events,
            (_events.c.person_id == _invitations.c.person_id)
            & (_events.c.subject_id == case)
            & (_events.c.kind == "membership_confirmed"),
        )
    )
    return {row.uscc: _first(row) for row in rows}


def judge(
    connection: Connection,
    bureaus: Collection[str],
    officer: int,
    first: int,
    now: datetime.datetime,
    *,
    belongs: bool,
) -> None:
    """Say for good whether a first person is of the unit; one who is not can sign in no longer.

    The unit then has nobody known again, and may be invited anew. Raises NotAwaitedError.
    """
    known = {each.id for each in listed(connection, bureaus)}
    judged = connection.execute(
        update(_invitations)
        .where(_invitations.c.id == first, _invitations.c.id.in_(known), _invitations.c.belongs.is_(None))
        .values(belongs=belongs, judged_by=officer, judged_at=now)
        .returning(_invitations.c.person_id)
    ).scalar_one_or_none()
    if judged is None:
        raise NotAwaitedError
    if not belongs:
        connection.execute(update(_people).where(_people.c.id == judged).values(active=False))


def _first(row: Any) -> FirstPerson:
    return FirstPerson(
        row.id,
        row.name,
        row.email or row.phone or "",
        row.unit,
        row.uscc,
        row.used_at,
        row.belongs,
    )
