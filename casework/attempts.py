"""Attempts to sign in, counted where they come from, so that guessing is slow and nobody else is held up."""

import datetime
import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from models import SignInAttempt

_attempts = SignInAttempt.__table__

WINDOW: Final = datetime.timedelta(minutes=15)
"""How long an attempt counts."""

ON_ACCOUNT: Final = 5
"""How many attempts one place has on one account within the window."""

FROM_PLACE: Final = 50
"""How many attempts one place has on all accounts together: an office behind one address has many people."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was noted."""

    account: str
    place: str


def note(connection: Connection, handle: str, place: str, now: datetime.datetime) -> Attempt | None:
    """Note an attempt before it is judged, so that many at once count too; None where it is one too many."""
    account = hashlib.sha256(unicodedata.normalize("NFKC", handle).casefold().encode()).hexdigest()
    connection.execute(delete(_attempts).where(_attempts.c.at < now - WINDOW))
    from_place = _attempts.c.place_digest == place
    total = connection.execute(select(func.count()).select_from(_attempts).where(from_place)).scalar_one()
    on_account = connection.execute(
        select(func.count()).select_from(_attempts).where(from_place, _attempts.c.account_digest == account)
    ).scalar_one()
    if on_account >= ON_ACCOUNT or total >= FROM_PLACE:
        return None
    connection.execute(insert(_attempts).values(account_digest=account, place_digest=place, at=now))
    return Attempt(account, place)


def forget(connection: Connection, attempt: Attempt) -> None:
    """Forget what came before a success: the account's attempts from the same place."""
    connection.execute(
        delete(_attempts).where(
            _attempts.c.account_digest == attempt.account, _attempts.c.place_digest == attempt.place
        )
    )
