"""A notice in the hands of whoever delivers it, with all that its channel needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from models import Address, Case, Notice, Person
from notifications.rendering import Language

_notices = Notice.__table__
_people = Person.__table__
_cases = Case.__table__
_addresses = Address.__table__


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that is ours to deliver until `leased_until`, as attempt number `attempt`."""

    id: int
    subject_id: int | None
    cause: str
    recipient_id: int
    text: str
    context: Mapping[str, Any]
    channel: str
    message_id: str
    bundle: str | None
    attempt: int
    strike: int
    leased_until: datetime
    possibly_twice: bool
    case: str | None
    handle: str
    language: Language
    email: str | None
    phone: str | None
    address: str | None
    choices: Mapping[str, Any] | None


def read(connection: Connection, notices: list[int]) -> list[Claimed]:
    """Return notices as they are claimed, in the order of their numbers given."""
    if not notices:
        return []
    query = (
        select(  # in the order of Claimed's fields
            _notices.c.id,
            _notices.c.subject_id,
            _notices.c.cause,
            _notices.c.recipient_id,
            _notices.c.text,
            _notices.c.context,
            _notices.c.channel,
            _notices.c.message_id,
            _notices.c.bundle,
            _notices.c.attempts,
            _notices.c.strikes,
            _notices.c.leased_until,
            _notices.c.possibly_twice,
            _cases.c.number,
            _people.c.handle,
            _notices.c.language,
            _people.c.email,
            _people.c.phone,
            _addresses.c.value,
            _people.c.choices,
        )
        .join(_people, _people.c.id == _notices.c.recipient_id)
        .outerjoin(_cases, _cases.c.subject_id == _notices.c.subject_id)
        .outerjoin(
            _addresses,
            and_(
                _addresses.c.person_id == _notices.c.recipient_id,
                _addresses.c.channel == _notices.c.channel,
            ),
        )
        .where(_notices.c.id.in_(notices))
    )
    read = {row.id: Claimed(*row) for row in connection.execute(query)}
    return [read[notice] for notice in notices]
