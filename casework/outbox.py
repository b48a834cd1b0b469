"""The outbox: notices that wait are claimed, and what came of handing them to a channel is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zlib import crc32

from sqlalchemy import Connection, Engine, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy import case as when

from casework import breakers, chain, claimed, next_channel
from casework.claimed import Claimed
from casework.incidents import in_words, record_incident
from casework.terms import term
from models import Delivery, Notice
from models.database import writing
from models.notice import LATER, ORDINARY, UNSENT, URGENT
from notifications.channel import Answer

_notices = Notice.__table__
_deliveries = Delivery.__table__
_earlier = _notices.alias("earlier")

PAUSES: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
"""How long a notice rests after each failed attempt; one more failure and its channel is given up."""

LAST_ATTEMPT: Final = len(PAUSES) + 1

_STRIKES: Final = _notices.c.strikes - when(
    (and_(_notices.c.state == "sending", _notices.c.attempts % 2 == 1), 1), else_=0
)
"""What earlier attempts count for. One that was cut off says little of the channel, but may itself have been
what ended the process: every second is forgiven."""

ORDERED: Final = frozenset({"webhook"})
"""Channels on which a recipient hears of a case in order: a notice waits for the one before it."""

_FRESH = timedelta(seconds=5)

# Any constant will do, as long as every process that records takes the same.
_CHAIN_LOCK = 5_102_025


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a channel answered to a notice, and the hash of the message that it was handed.

    `hopeless` is a failure that no repetition mends.
    """

    notice: Claimed
    answer: Answer
    content_hash: str | None = None
    hopeless: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver a notice, the channel's answer and the state the notice is in now."""

    notice: Claimed
    answer: Answer
    state: str


def claim(
    engine: Engine, now: datetime, limit: int, lease: timedelta, channel: str = "email"
) -> list[Claimed]:
    """Take up to `limit` due notices of a channel, so that no one else delivers them before `now + lease`.

    The urgent come first, then whose turn is longest due. One whose earlier lease ran out before a result was
    recorded is taken again and marked as possibly sent twice; if that was its last attempt, it is given up,
    marked as well.
    Those of one bundle come together, even beyond `limit`. A channel out of order gives one notice at a time.
    """
    with writing(engine) as connection:
        health = breakers.health(connection, channel)
        shared = health.get(breakers.SHARED)
        probing = shared is not None and shared.open
        shut = [each.person for each in health.values() if each.retry_at is not None and each.retry_at > now]
        if probing and shut:
            return []
        due = _due(connection, now, 1 if probing else limit, channel, shut)
        if probing and due and not breakers.take_probe(connection, channel, now, now + lease):
            return []
        worn_out = [notice for notice, strikes in due if strikes >= LAST_ATTEMPT]
        for notice in claimed.read(connection, worn_out):
            silence = "the process that was sending it never reported back"
            _give_up(connection, notice, silence, now, uncertain=True)
        ours = [notice for notice, strikes in due if strikes < LAST_ATTEMPT]
        if ours:
            connection.execute(
                update(_notices)
                .where(_notices.c.id.in_(ours))
                .values(
                    state="sending",
                    leased_until=now + lease,
                    not_before=now + lease,
                    attempts=_notices.c.attempts + 1,
                    strikes=_STRIKES + 1,
                    possibly_twice=or_(_notices.c.possibly_twice, _notices.c.state == "sending"),
                )
            )
        return claimed.read(connection, ours)


def fresh(connection: Connection, channels: Sequence[str], now: datetime) -> bool:
    """Whether a notice that nobody has tried yet has had its turn for a few seconds at most."""
    query = select(
        exists().where(
            UNSENT,
            # With every column of the index named, a backlog is passed over and not walked through.
            _notices.c.channel.in_(channels),
            _notices.c.urgency.in_((URGENT, ORDINARY, LATER)),
            _notices.c.not_before.between(now - _FRESH, now),
            _notices.c.attempts == 0,
        )
    )
    return bool(connection.execute(query).scalar())


def release(engine: Engine, unsent: Sequence[Claimed], now: datetime) -> None:
    """Give back notices that were claimed and never handed to their channel."""
    if not unsent:
        return
    rows = [{"of_id": each.id, "of_attempt": each.attempt} for each in unsent]
    back = (
        update(_notices)
        .where(
            _notices.c.id == bindparam("of_id"),
            _notices.c.attempts == bindparam("of_attempt"),
            _notices.c.state == "sending",
        )
        .values(
            state="pending",
            leased_until=None,
            not_before=now,
            attempts=_notices.c.attempts - 1,
            strikes=_notices.c.strikes - 1,
        )
    )
    with writing(engine) as connection:
        connection.execute(back, rows)


def record(engine: Engine, outcomes: Sequence[Outcome], now: datetime) -> list[Attempt]:
    """Store in one transaction what came of attempts by one channel, and return the states that follow.

    Each attempt itself is always stored. A success settles a notice even when its lease had run out; a
    failure changes it only while this attempt still holds it. While a channel is out of order its failures
    wear no notice out.
    """
    if not outcomes:
        return []
    with writing(engine) as connection:
        _link(connection, outcomes, now)
        sent = [each.notice.id for each in outcomes if each.answer.ok]
        if sent:
            connection.execute(
                update(_notices)
                .where(_notices.c.id.in_(sent), _notices.c.state != "sent")
                .values(state="sent", sent_at=now, leased_until=None)
            )
        health = _judge(connection, outcomes, now)
        for each in outcomes:
            if not each.answer.ok:
                server = breakers.server_of(each.notice.channel, each.notice.recipient_id)
                _failed(connection, each, health[server], now)
        found = connection.execute(
            select(_notices.c.id, _notices.c.state).where(
                _notices.c.id.in_([each.notice.id for each in outcomes])
            )
        )
        states = {row.id: row.state for row in found}
        return [Attempt(each.notice, each.answer, states[each.notice.id]) for each in outcomes]


def _link(connection: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Add attempts to the chain, whose end stays locked until the transaction is over."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    end = connection.execute(
        select(_deliveries.c.id, _deliveries.c.hash).order_by(_deliveries.c.id.desc()).limit(1)
    ).one_or_none()
    number, head = (0, chain.ORIGIN) if end is None else end
    rows: list[dict[str, Any]] = []
    for each in outcomes:
        number += 1
        notice, answer = each.notice, each.answer
        attempt = {
            "id": number,
            "notice_id": notice.id,
            "attempt": notice.attempt,
            "at": now,
            "channel": notice.channel,
            "ok": answer.ok,
            "answer": answer.detail,
            "duration_ms": answer.duration_ms,
            "content_hash": each.content_hash,
        }
        told = {name: getattr(notice, name) for name in ("subject_id", "cause", "recipient_id", "text")}
        own = chain.seal_delivery({**attempt, **told}, head)
        rows.append({**attempt, "prev_hash": head, "hash": own})
        head = own
    connection.execute(insert(_deliveries), rows)


def _judge(connection: Connection, outcomes: Sequence[Outcome], now: datetime) -> dict[int, breakers.Health]:
    """Return how the channel does after these answers, and store it."""
    channel = outcomes[0].notice.channel
    before = breakers.health(connection, channel)
    heard: dict[int, list[tuple[bool, str]]] = {}
    for each in outcomes:
        person = breakers.server_of(channel, each.notice.recipient_id)
        # What never reached the channel says nothing about it.
        said = [] if each.content_hash is None else [(each.answer.out_of_order, each.answer.detail)]
        heard.setdefault(person, []).extend(said)
    after: dict[int, breakers.Health] = {}
    for person, answers in heard.items():
        was = before.get(person)
        after[person] = (was or breakers.Health(channel, person)).after(answers, now)
        breakers.store(connection, was, after[person], now)
    return after


def _failed(connection: Connection, outcome: Outcome, health: breakers.Health, now: datetime) -> None:
    notice, answer = outcome.notice, outcome.answer
    spared = answer.out_of_order and health.open
    if outcome.hopeless or (notice.strike >= LAST_ATTEMPT and not spared):
        _give_up(connection, notice, answer.detail, now, uncertain=answer.uncertain)
        return
    rest = now + _pause(notice)
    connection.execute(
        update(_notices)
        .where(_held(notice))
        .values(
            state="failed",
            not_before=max(rest, health.retry_at) if spared and health.retry_at else rest,
            leased_until=None,
            strikes=_notices.c.strikes - (1 if spared else 0),
            **({"possibly_twice": True} if answer.uncertain else {}),
        )
    )


def _due(
    connection: Connection, now: datetime, limit: int, channel: str, shut: list[int]
) -> list[tuple[int, int]]:
    """Numbers and strikes of due notices, locked; each query walks one stretch of the partial index."""
    found: dict[int, int] = {}
    bundles: set[tuple[int, str]] = set()
    for urgency in (URGENT, ORDINARY, LATER):
        query = (
            select(_notices.c.id, _STRIKES.label("strikes"), _notices.c.recipient_id, _notices.c.bundle)
            .where(
                UNSENT,
                _notices.c.channel == channel,
                _notices.c.urgency == urgency,
                _notices.c.not_before <= now,
            )
            .order_by(_notices.c.not_before, _notices.c.id)
            .limit(limit - len(found))
            .with_for_update(skip_locked=True)
        )
        if shut:
            query = query.where(_notices.c.recipient_id.not_in(shut))
        if channel in ORDERED:
            query = query.where(~_one_before())
        for row in connection.execute(query) if len(found) < limit else ():
            found[row.id] = row.strikes
            if row.bundle is not None:
                bundles.add((row.recipient_id, row.bundle))
    for recipient, bundle in sorted(bundles):
        rest = (
            select(_notices.c.id, _STRIKES.label("strikes"))
            .where(
                UNSENT,
                _notices.c.recipient_id == recipient,
                _notices.c.channel == channel,
                _notices.c.bundle == bundle,
                _notices.c.not_before <= now,
            )
            .order_by(_notices.c.id)
            .with_for_update(skip_locked=True)
        )
        found |= {row.id: row.strikes for row in connection.execute(rest)}
    return list(found.items())


def _one_before() -> Any:
    """Whether the recipient still waits, on an ordered channel, for an earlier notice of the same case."""
    return exists().where(
        _earlier.c.subject_id == _notices.c.subject_id,
        # The sum keeps the index on recipients out: a program hears of every case.
        _earlier.c.recipient_id + 0 == _notices.c.recipient_id,
        _earlier.c.channel == _notices.c.channel,
        _earlier.c.state.in_(("pending", "sending", "failed")),
        _earlier.c.id < _notices.c.id,
    )


def _held(notice: Claimed) -> Any:
    """Whether this very attempt is the one the notice waits for."""
    return and_(
        _notices.c.id == notice.id, _notices.c.state == "sending", _notices.c.attempts == notice.attempt
    )


def _give_up(
    connection: Connection, notice: Claimed, reason: str, now: datetime, *, uncertain: bool = False
) -> None:
    """Give a channel up for a notice: the recipient's next one takes over, else operations hear of it.

    After an ``uncertain`` last attempt it is marked: it may have arrived, and whatever follows be the second.
    """
    marked = {"possibly_twice": True} if uncertain else {}
    buried = connection.execute(
        update(_notices).where(_held(notice)).values(state="dead", leased_until=None, **marked)
    )
    if not buried.rowcount:
        return
    onward = next_channel.following(notice)
    if onward is not None:
        next_channel.go_on(connection, notice, onward, now)
        return
    record_incident(
        connection,
        # By channel: when a mail server is gone for a day, ten thousand notices have one cause.
        fingerprint=f"delivery:{notice.channel}",
        kind="delivery",
        summary=in_words(
            "undelivered", lambda language: {"channel": term("channels", notice.channel, language)}
        ),
        detail=f"Notice {notice.id} ({notice.text}) to {notice.handle}, "
        f"{notice.attempt} attempts, the last: {reason}",
        now=now,
    )


def _pause(notice: Claimed) -> timedelta:
    """Up to a tenth longer than the rule, by message, so that a backlog does not come back all at once."""
    pause = PAUSES[min(notice.strike, len(PAUSES)) - 1]
    of = f"{notice.recipient_id}:{notice.bundle}" if notice.bundle else f"{notice.id}"
    return pause * (1 + crc32(f"{of}:{notice.attempt}".encode()) % 1_000 / 10_000)
