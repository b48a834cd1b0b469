"""What was sent to whom, for those who look after it: lists by state, and which of them a person may read."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from casework import clock
from casework.access import Claim, reads
from models import Case, Delivery, Notice, Person
from procedure.instant import day_of

_notices = Notice.__table__
_people = Person.__table__
_cases = Case.__table__
_deliveries = Delivery.__table__


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One notice: what kind of text for whom, by which channel, and the channel's last answer."""

    id: int
    case: str | None
    text: str
    name: str
    channel: str
    state: str
    owed_at: datetime.datetime
    sent_at: datetime.datetime | None
    attempts: int
    answer: str | None


def counts(connection: Connection, claim: Claim) -> dict[str, int]:
    """Return how many notices that the claim may read are in each state."""
    rows = connection.execute(
        select(_notices.c.state, func.count().label("found"))
        .where(_readable(connection, claim))
        .group_by(_notices.c.state)
    )
    return {row.state: row.found for row in rows}


def lines(
    connection: Connection,
    claim: Claim,
    states: Sequence[str],
    search: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[DeliveryLine]:
    """Return notices in ``states`` the claim may read, the latest first; ``search`` is of a case's number."""
    last = (
        select(_deliveries.c.answer)
        .where(_deliveries.c.notice_id == _notices.c.id)
        .order_by(_deliveries.c.id.desc())
        .limit(1)
        .correlate(_notices)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            _notices.c.id,
            _cases.c.number,
            _notices.c.text,
            _people.c.name,
            _notices.c.channel,
            _notices.c.state,
            _notices.c.created_at,
            _notices.c.sent_at,
            _notices.c.attempts,
            last,
        )
        .join(_people, _people.c.id == _notices.c.recipient_id)
        .outerjoin(_cases, _cases.c.subject_id == _notices.c.subject_id)
        .where(*_wanted(connection, claim, states, search))
        .order_by(_notices.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [DeliveryLine(*row) for row in rows]


def size(connection: Connection, claim: Claim, states: Sequence[str], search: str = "") -> int:
    """Return how many notices ``lines`` finds."""
    counted = (
        select(func.count())
        .select_from(_notices)
        .outerjoin(_cases, _cases.c.subject_id == _notices.c.subject_id)
        .where(*_wanted(connection, claim, states, search))
    )
    return int(connection.execute(counted).scalar_one())


def readable(connection: Connection, claim: Claim, notices: Sequence[int]) -> list[int]:
    """Return which of these notices the claim may read today."""
    query = select(_notices.c.id).where(_notices.c.id.in_(notices), _readable(connection, claim))
    return sorted(connection.execute(query).scalars())


def _readable(connection: Connection, claim: Claim) -> ColumnElement[bool]:
    return reads(claim, day_of(clock.now(connection)))


def _wanted(
    connection: Connection, claim: Claim, states: Sequence[str], search: str
) -> list[ColumnElement[bool]]:
    wanted = [_notices.c.state.in_(states), _readable(connection, claim)]
    if search:
        wanted.append(_cases.c.number.contains(search, autoescape=True))
    return wanted
