"""Certificates of filing: a check code that follows from the record, so that anybody can verify one.

The code is taken from the hash under which the filing stands in its case's chain. Nobody can guess it, no key
is kept for it, and a record that was altered gives another one.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from casework import register
from casework.register import Entry
from models import Bureau, Event, RegisterEntry

_register = RegisterEntry.__table__
_events = Event.__table__
_bureaus = Bureau.__table__

LENGTH: Final = 16
"""The characters of a check code: 80 bits."""

_LOOKALIKES: Final = str.maketrans("01", "OL")


@dataclass(frozen=True, slots=True)
class Certificate:
    """An entry of the register with its check code, and the name of the bureau that filed it.

    ``rectified`` tells that the entry was corrected.
    """

    entry: Entry
    code: str
    rectified: bool
    authority: str


def certificates(connection: Connection, number: str, bureau: str | None = None) -> list[Certificate]:
    """Return the certificates of the entries with a number: one, or none, of each bureau."""
    return [
        Certificate(
            entry,
            _code(_filed(connection, entry)),
            bool(register.rectifications(connection, entry.bureau, entry.number)),
            connection.execute(
                select(_bureaus.c.name_zh).where(_bureaus.c.code == entry.bureau)
            ).scalar_one(),
        )
        for entry in register.entries(connection, bureau, number=number)
    ]


def _filed(connection: Connection, entry: Entry) -> str:
    """Return the hash under which the filing stands in the record."""
    return str(
        connection.execute(
            select(_events.c.hash)
            .join(_register, _register.c.subject_id == _events.c.subject_id)
            .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
            .where(
                _bureaus.c.code == entry.bureau,
                _register.c.number == entry.number,
                _events.c.kind == "filed",
            )
            .order_by(_events.c.seq.desc())
            .limit(1)
        ).scalar_one()
    )


def verified(connection: Connection, number: str, code: str) -> Certificate | None:
    """Return the certificate that bears this number and check code, however typed; None for any other."""
    typed = _plain(code).encode()
    return next(
        (
            each
            for each in certificates(connection, number.strip())
            if secrets.compare_digest(_plain(each.code).encode(), typed)
        ),
        None,
    )


def masked(uscc: str) -> str:
    """Return a USCC of which only the first two and the last four characters are shown, to compare."""
    return f"{uscc[:2]}{'*' * (len(uscc) - 6)}{uscc[-4:]}"


def _code(filed: str) -> str:
    digest = hashlib.sha256(b"beian certificate " + filed.encode()).digest()
    plain = base64.b32encode(digest).decode()[:LENGTH]
    return "-".join(plain[at : at + 4] for at in range(0, LENGTH, 4))


def _plain(code: str) -> str:
    """Return a code as it is compared: without spaces and dashes, with O and L for what looks like them."""
    return "".join(code.split()).replace("-", "").upper().translate(_LOOKALIKES)
