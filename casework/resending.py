"""Sending again by hand, and taking that back before anything has left."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, exists, or_, select, update

from casework.access import Claim, require_operator, resends
from models import Delivery, Notice
from procedure.instant import day_of

_notices = Notice.__table__
_deliveries = Delivery.__table__


def resend(connection: Connection, notices: Sequence[int], now: datetime, claim: Claim) -> list[int]:
    """Let notices that were given up or sent leave once more, and return those that will.

    Those of another city's cases stay as they are; raises NoSuchRole and NotTheirRole. They keep their
    identity, so that a receiver can tell that it has them already; what was recorded stays.
    """
    day = day_of(now)
    require_operator(connection, claim, day)
    return _again(connection, and_(_notices.c.id.in_(notices), resends(claim, day)), now)


def replay(connection: Connection, person: int, notices: Sequence[int], now: datetime) -> list[int]:
    """Let a program hear once more what its webhook was told, as ``resend`` does; return what will leave.

    Only what is addressed to ``person`` itself.
    """
    own = and_(_notices.c.recipient_id == person, _notices.c.channel == "webhook")
    return _again(connection, and_(_notices.c.id.in_(notices), own), now)


def _again(connection: Connection, wanted: ColumnElement[bool], now: datetime) -> list[int]:
    found = connection.execute(
        update(_notices)
        .where(wanted, _notices.c.state.in_(("sent", "dead")))
        .values(
            state="pending",
            not_before=now,
            leased_until=None,
            strikes=0,
            possibly_twice=or_(_notices.c.possibly_twice, _notices.c.state == "sent"),
        )
        .returning(_notices.c.id)
    )
    return sorted(found.scalars())


def recall(connection: Connection, notices: Sequence[int]) -> list[int]:
    """Take ``resend`` back for those that have not left since, which stay as they were; return them."""
    tried = select(_deliveries.c.id).where(_deliveries.c.notice_id == _notices.c.id)
    delivered = exists(tried.where(_deliveries.c.ok))
    found = connection.execute(
        update(_notices)
        .where(
            _notices.c.id.in_(notices),
            _notices.c.state == "pending",
            _notices.c.strikes == 0,
            exists(tried),
        )
        .values(state=case((delivered, "sent"), else_="dead"))
        .returning(_notices.c.id)
    )
    return sorted(found.scalars())
