"""Forgotten passwords: a link by notice, good once and for a short while, told to nobody but its person."""

import datetime
import secrets
from typing import Final

from sqlalchemy import Engine, exists, insert, select

from casework import clock, notices
from casework.notices import Summons
from casework.sessions import digest
from models import Credential, Invitation, Person
from models.database import writing
from models.notice import URGENT
from notifications.secret import Seal

_credentials = Credential.__table__
_invitations = Invitation.__table__
_people = Person.__table__

MINUTES: Final = 30
"""How long such a link works."""

LASTS: Final = datetime.timedelta(minutes=MINUTES)

PAUSE: Final = datetime.timedelta(minutes=2)
"""How long after one link no other is sent, so that nobody's mailbox is filled."""


def send_link(engine: Engine, handle: str, portal: str, seal: Seal, now: datetime.datetime) -> bool:
    """Owe the person of ``handle`` a link to set a password; False for nobody, as for one sent just now.

    Whoever asked must not be told which: call it once they have their answer. The link rests sealed in the
    notice, its token here as a digest.
    """
    token = secrets.token_urlsafe(32)
    # Made for nobody too: the work that takes longest is the same.
    sealed = seal.seal(f"{portal.rstrip('/')}/welcome/{token}")
    just_now = exists().where(
        _invitations.c.person_id == _people.c.id,
        _invitations.c.used_at.is_(None),
        _invitations.c.ends_at > now,
        _invitations.c.ends_at <= now + LASTS,
        _invitations.c.made_at > now - PAUSE,
    )
    with writing(engine) as connection:
        person = connection.execute(
            select(_people.c.id)
            .join(_credentials, _credentials.c.person_id == _people.c.id)
            .where(_people.c.handle == handle, _people.c.active, ~just_now)
        ).scalar()
        if person is None:
            return False
        link = connection.execute(
            insert(_invitations)
            .values(person_id=person, token_digest=digest(token), made_at=now, ends_at=now + LASTS)
            .returning(_invitations.c.id)
        ).scalar_one()
        context = {"minutes": MINUTES, "link": "…", "sealed": {"link": sealed}}
        summons = Summons(
            f"password {link}",
            "password_forgotten",
            frozenset({person}),
            {"zh": context, "en": context},
            urgency=URGENT,
            served=True,
        )
        notices.write_summons(connection, [summons], clock.now(connection))
        return True
