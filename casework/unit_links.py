"""Inviting a unit nobody of which is known: a link with which its first person opens an account, once.

Whoever opens the link has to name the invited unit by its code: the link tells nobody whom it is for.
"""

import datetime
import secrets
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, select, update

from casework import accounts, clock, notices, parties
from casework.access import in_force
from casework.accounts import INVITED_FOR
from casework.notices import Summons
from casework.sessions import digest
from casework.unit_people import ROLES, Invited, new_handle
from models import Case, Invitation, Member, Organisation, Person, Role, Subject
from models.notice import URGENT
from notifications.secret import Seal
from procedure import written
from procedure.instant import day_of
from procedure.uscc import InvalidUscc, valid

_cases = Case.__table__
_invitations = Invitation.__table__
_members = Member.__table__
_organisations = Organisation.__table__
_people = Person.__table__
_roles = Role.__table__
_subjects = Subject.__table__

PAUSE: Final = datetime.timedelta(minutes=2)
"""How long after one link no other is sent for the same unit, so that nobody's mailbox is filled."""


class CannotLinkError(ValueError):
    """No link is sent; ``code`` says why: the unit awaits nothing, somebody is known, or one just left."""

    def __init__(self, code: Literal["not_invited", "known", "just_now"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sent:
    """The link that an invited unit can open an account with: whom it went to, and until when it works."""

    to: str
    ends_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """How an invited unit is reached: by its ``known`` people, or by a link, if one is on its way."""

    known: bool
    sent: Sent | None


def reach(
    connection: Connection, subject_id: int, now: datetime.datetime, day: datetime.date
) -> dict[str, Reach]:
    """Return by code how each unit that has not answered is reached."""
    rows = connection.execute(
        select(
            _organisations.c.uscc,
            _known(day).label("known"),
            _invitations.c.ends_at,
            _people.c.email,
            _people.c.phone,
        )
        .join(_members, _members.c.organisation_id == _organisations.c.id)
        .outerjoin(_invitations, and_(_invitations.c.member_id == _members.c.id, _works(now)))
        .outerjoin(_people, _people.c.id == _invitations.c.person_id)
        .where(_members.c.subject_id == subject_id, _members.c.status == "invited")
    )
    return {
        row.uscc: Reach(
            bool(row.known),
            None if row.ends_at is None else Sent(row.email or row.phone or "", row.ends_at),
        )
        for row in rows
    }


def send(
    connection: Connection,
    subject_id: int,
    uscc: str,
    name: str,
    email: str | None,
    phone: str | None,
    portal: str,
    seal: Seal,
    now: datetime.datetime,
) -> str:
    """Owe ``name`` a link by e-mail, else by text message, and return it; it takes an earlier one's place.

    They get no role before they have used it. Raises CannotLinkError.
    """
    moment = clock.now(connection)
    member = connection.execute(
        select(_members.c.id, _known(day_of(moment)).label("known"), _cases.c.lead_id)
        .join(_organisations, _organisations.c.id == _members.c.organisation_id)
        .join(_cases, _cases.c.subject_id == _members.c.subject_id)
        .where(_members.c.subject_id == subject_id, _organisations.c.uscc == uscc, *_OPEN)
    ).one_or_none()
    if member is None:
        raise CannotLinkError("not_invited")
    if member.known:
        raise CannotLinkError("known")
    recent = and_(_invitations.c.member_id == member.id, _works(now), _invitations.c.made_at > now - PAUSE)
    if connection.execute(select(exists().where(recent))).scalar_one():
        raise CannotLinkError("just_now")
    _end(connection, member.id, now)
    choices = None if email else {"*": {"channels": ["sms"]}}
    person = connection.execute(
        insert(_people)
        .values(handle=new_handle(), name=name, email=email, phone=phone, choices=choices)
        .returning(_people.c.id)
    ).scalar_one()
    token = secrets.token_urlsafe(32)
    ends_at = (now + INVITED_FOR).replace(second=0, microsecond=0)
    link = connection.execute(
        insert(_invitations)
        .values(
            person_id=person, member_id=member.id, token_digest=digest(token), made_at=now, ends_at=ends_at
        )
        .returning(_invitations.c.id)
    ).scalar_one()
    lead = connection.execute(
        select(_organisations.c.name).where(_organisations.c.id == member.lead_id)
    ).scalar_one()
    url = f"{portal.rstrip('/')}/join/{token}"
    sealed = {"link": seal.seal(url)}

    def told(language: str) -> dict[str, Any]:
        return {"lead": lead, "until": written.when(ends_at, language), "link": "…", "sealed": sealed}

    summons = Summons(
        f"unit link {link}",
        "unit_link",
        frozenset({person}),
        {"zh": told("zh"), "en": told("en")},
        urgency=URGENT,
        served=True,
    )
    notices.write_summons(connection, [summons], moment)
    return url


def revoke(connection: Connection, subject_id: int, uscc: str, now: datetime.datetime) -> None:
    """Let the link of an invited unit work no longer."""
    for member in connection.execute(
        select(_members.c.id)
        .join(_organisations, _organisations.c.id == _members.c.organisation_id)
        .where(_members.c.subject_id == subject_id, _organisations.c.uscc == uscc)
    ).scalars():
        _end(connection, member, now)


def opened(connection: Connection, token: str, now: datetime.datetime, day: datetime.date) -> Invited | None:
    """Return the account that a link would open; None for one that is unknown, used, taken back or over.

    A link is over too where somebody of the unit has become known meanwhile, or its answer is not awaited.
    """
    row = _of(connection, token, now, day)
    return None if row is None else Invited(row.handle, row.name, token)


def join(
    connection: Connection,
    token: str,
    uscc: str,
    name: str,
    password: str,
    now: datetime.datetime,
    day: datetime.date,
) -> bool:
    """Use a link up: ``name`` speaks for the unit from ``day`` on and has this password.

    False, with the link still good, where ``uscc`` is not the invited unit's; raises UnfitPassword likewise,
    and NoLinkError for one that does not work.
    """
    row = _of(connection, token, now, day, lock=True)
    if row is None:
        raise NoLinkError
    try:
        if valid(uscc) != row.uscc:
            return False
    except InvalidUscc:
        return False
    accounts.set_password(connection, row.person_id, password, now)
    connection.execute(update(_people).where(_people.c.id == row.person_id).values(name=name))
    parties.grant(connection, row.person_id, "member", organisation_id=row.organisation_id, valid_from=day)
    connection.execute(update(_invitations).where(_invitations.c.id == row.id).values(used_at=now))
    return True


class NoLinkError(LookupError):
    """No link that works has this token."""


_OPEN: Final = (
    _members.c.status == "invited",
    exists().where(_subjects.c.id == _members.c.subject_id, _subjects.c.outcome.is_(None)),
)
"""The conditions that a unit's answer is awaited."""


def _works(now: datetime.datetime) -> ColumnElement[bool]:
    return and_(_invitations.c.used_at.is_(None), _invitations.c.ends_at > now)


def _known(day: datetime.date) -> ColumnElement[bool]:
    """Return the condition that somebody speaks for an organisation."""
    return (
        exists()
        .where(
            _roles.c.organisation_id == _organisations.c.id,
            _roles.c.role.in_(ROLES),
            in_force(day),
            _people.c.id == _roles.c.person_id,
            _people.c.active,
        )
        .correlate(_organisations)
    )


def _of(
    connection: Connection, token: str, now: datetime.datetime, day: datetime.date, *, lock: bool = False
) -> Any:
    asked = (
        select(
            _invitations.c.id,
            _invitations.c.person_id,
            _people.c.handle,
            _people.c.name,
            _members.c.organisation_id,
            _organisations.c.uscc,
        )
        .join(_members, _members.c.id == _invitations.c.member_id)
        .join(_organisations, _organisations.c.id == _members.c.organisation_id)
        .join(_people, _people.c.id == _invitations.c.person_id)
        .where(
            _invitations.c.token_digest == digest(token), _works(now), _people.c.active, ~_known(day), *_OPEN
        )
    )
    # Two links of one unit used at once: the second finds that somebody is known.
    return connection.execute(asked.with_for_update(of=_organisations) if lock else asked).one_or_none()


def _end(connection: Connection, member_id: int, now: datetime.datetime) -> None:
    ended = connection.execute(
        update(_invitations)
        .where(_invitations.c.member_id == member_id, _invitations.c.used_at.is_(None))
        .values(used_at=now)
        .returning(_invitations.c.person_id)
    ).scalars()
    people = list(ended)
    if people:
        connection.execute(update(_people).where(_people.c.id.in_(people)).values(active=False))
