"""Second factors: codes by time, whose secrets are sealed while they rest in the database."""

import datetime
import re
import secrets
import unicodedata
from typing import Any, Final

import pyotp
from sqlalchemy import Connection, select, update

from models import Credential, Person
from notifications.secret import NoKey, Seal

_credentials = Credential.__table__
_people = Person.__table__

STEP: Final = 30
"""Seconds that a code is shown; the one before and the one after are taken too."""


def state(connection: Connection, person_id: int) -> bool | None:
    """Return whether the person has a second factor; None for somebody without a password."""
    confirmed = connection.execute(
        select(_credentials.c.totp_confirmed).where(_credentials.c.person_id == person_id)
    ).scalar()
    return None if confirmed is None else bool(confirmed)


def propose(connection: Connection, person_id: int, seal: Seal) -> str:
    """Return the address (otpauth://) of a secret to be confirmed; the one proposed before until it is."""
    row = connection.execute(
        select(_credentials, _people.c.handle)
        .join(_people, _people.c.id == _credentials.c.person_id)
        .where(_credentials.c.person_id == person_id, _credentials.c.totp_confirmed.is_(False))
    ).one()
    secret = pyotp.random_base32() if row.totp_sealed is None else seal.open(row.totp_sealed)
    if row.totp_sealed is None:
        _set(connection, person_id, totp_sealed=seal.seal(secret))
    return pyotp.TOTP(secret).provisioning_uri(name=row.handle, issuer_name="Beian")


def confirm(connection: Connection, person_id: int, code: str, now: datetime.datetime, seal: Seal) -> bool:
    """Put the proposed secret in force, if ``code`` is one of it."""
    row = connection.execute(select(_credentials).where(_credentials.c.person_id == person_id)).one()
    if row.totp_sealed is None or not use(connection, row, code, now, seal):
        return False
    _set(connection, person_id, totp_confirmed=True)
    return True


def drop(connection: Connection, person_id: int) -> None:
    """Let a person sign in without a second factor again."""
    _set(connection, person_id, totp_sealed=None, totp_confirmed=False, totp_step=None)


def use(connection: Connection, known: Any, code: str, now: datetime.datetime, seal: Seal | None) -> bool:
    """Use up a code of the credential ``known``; False for a wrong one and for one used before.

    Raises NoKey without a seal, WrongKey where the secret was sealed with another key.
    """
    if seal is None:
        raise NoKey
    typed = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", code))
    totp, step = pyotp.TOTP(seal.open(known.totp_sealed)), int(now.timestamp()) // STEP
    fits = [at for at in (step - 1, step, step + 1) if secrets.compare_digest(totp.at(at * STEP), typed)]
    used = next(iter(fits), None)
    if used is None:
        return False
    unused = _credentials.c.totp_step.is_(None) | (_credentials.c.totp_step < used)
    taken = connection.execute(
        update(_credentials).where(_credentials.c.person_id == known.person_id, unused).values(totp_step=used)
    )
    return taken.rowcount == 1


def require_key(connection: Connection, seal: Seal | None) -> None:
    """Raise NoKey or WrongKey unless every secret there is can be opened."""
    sealed = connection.execute(
        select(_credentials.c.totp_sealed).where(_credentials.c.totp_sealed.is_not(None))
    ).scalars()
    for each in sealed:
        if seal is None:
            raise NoKey
        seal.open(each)


def seal_anew(connection: Connection, seal: Seal) -> int:
    """Seal every secret with the key in front, and return how many there are; older keys can then go."""
    rows = connection.execute(
        select(_credentials.c.person_id, _credentials.c.totp_sealed).where(
            _credentials.c.totp_sealed.is_not(None)
        )
    ).all()
    for row in rows:
        _set(connection, row.person_id, totp_sealed=seal.seal(seal.open(row.totp_sealed)))
    return len(rows)


def _set(connection: Connection, person_id: int, **values: Any) -> None:
    connection.execute(update(_credentials).where(_credentials.c.person_id == person_id).values(**values))
