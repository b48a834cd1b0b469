"""The recipient's next channel takes over where one was given up, is not there, or long out of order."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, insert, or_, select, update

from casework import breakers, claimed
from casework.choices import manner
from casework.claimed import Claimed
from models import Notice, Person
from models.database import writing
from models.notice import UNSENT

_notices = Notice.__table__
_people = Person.__table__

PATIENCE: Final = timedelta(hours=1)
"""How long a channel may be out of order before notices go on to their recipients' next one."""

_AT_ONCE = 500


def pass_on(engine: Engine, channels: Sequence[str], now: datetime) -> int:
    """Let notices go on to the next channel where theirs is not among `channels`, or has long given out.

    Those without a further channel wait. Returns how many went on.
    """
    with writing(engine) as connection:
        long_out = [
            name
            for name in channels
            if name not in breakers.OWN_SERVERS
            for each in breakers.health(connection, name).values()
            if each.opened_at is not None and each.opened_at <= now - PATIENCE
        ]
        usable = [name for name in channels if name not in long_out]
        stuck = connection.execute(
            select(_notices.c.id)
            .join(_people, _people.c.id == _notices.c.recipient_id)
            .where(
                UNSENT,
                _notices.c.state != "sending",
                or_(_notices.c.channel.not_in(channels), _notices.c.channel.in_(long_out)),
                # Who chose nothing has no further channel.
                _people.c.choices.is_not(None),
                _notices.c.not_before <= now + PATIENCE,
            )
            .limit(_AT_ONCE)
            .with_for_update(skip_locked=True, of=_notices)
        ).scalars()
        moved = 0
        for notice in claimed.read(connection, list(stuck)):
            onward = following(notice, usable)
            if onward is not None:
                connection.execute(
                    update(_notices).where(_notices.c.id == notice.id).values(state="dead", leased_until=None)
                )
                moved += go_on(connection, notice, onward, now)
        return moved


def following(notice: Claimed, usable: Sequence[str] | None = None) -> str | None:
    """Return the channel after this one that a person chose for such a notice, None after the last."""
    order = manner(notice.choices, notice.text, notice.language, served=True).channels
    at = order.index(notice.channel) + 1 if notice.channel in order else len(order)
    return next((each for each in order[at:] if usable is None or each in usable), None)


def go_on(connection: Connection, notice: Claimed, channel: str, now: datetime) -> int:
    """Let a notice wait anew on another channel; return 1, or 0 where it is owed there already."""
    copied = ("subject_id", "cause", "seq", "text", "recipient_id", "language", "urgency", "context")
    taken = select(_notices.c.id).where(
        _notices.c.cause == notice.cause,
        _notices.c.recipient_id == notice.recipient_id,
        _notices.c.channel == channel,
        _notices.c.subject_id.is_not_distinct_from(notice.subject_id),
    )
    if connection.execute(taken).first() is not None:
        return 0
    row = connection.execute(
        select(*(_notices.c[name] for name in copied)).where(_notices.c.id == notice.id)
    ).one()
    connection.execute(
        insert(_notices).values(
            **{name: getattr(row, name) for name in copied},
            channel=channel,
            state="pending",
            created_at=now,
            not_before=now,
            attempts=0,
            strikes=0,
            possibly_twice=False,
            message_id=f"<{secrets.token_hex(16)}@beian>",
            instead_of=notice.id,
        )
    )
    return 1
