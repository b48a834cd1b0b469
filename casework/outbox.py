"""The outbox: notices that wait are claimed, and what came of handing them to a channel is recorded."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zlib import crc32

from sqlalchemy import Connection, Engine, and_, bindparam, exists, func, insert, or_, select, update

from casework import breakers, chain
from casework.choices import manner
from casework.incidents import record_incident
from models import Address, Case, Delivery, Notice, Person
from models.database import writing
from models.notice import LATER, ORDINARY, UNSENT, URGENT
from notifications.channel import Answer
from notifications.rendering import Language

_notices = Notice.__table__
_deliveries = Delivery.__table__
_people = Person.__table__
_cases = Case.__table__
_addresses = Address.__table__
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

PATIENCE: Final = timedelta(hours=1)
"""How long a channel may be out of order before notices go on to their recipients' next one."""

ORDERED: Final = frozenset({"webhook"})
"""Channels on which a recipient hears of a case in order: a notice waits for the one before it."""

# Any constant will do, as long as every process that records takes the same.
_CHAIN_LOCK = 5_102_025
_AT_ONCE = 500


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
    recorded is taken again and marked as possibly sent twice; if that was its last attempt, it is given up.
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
        for notice in _read(connection, worn_out):
            _give_up(connection, notice, "the process that was sending it never reported back", now)
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
                    strikes=_notices.c.strikes + 1,
                    possibly_twice=or_(_notices.c.possibly_twice, _notices.c.state == "sending"),
                )
            )
        return _read(connection, ours)


def release(engine: Engine, claimed: Sequence[Claimed], now: datetime) -> None:
    """Give back notices that were claimed and never handed to their channel."""
    if not claimed:
        return
    rows = [{"of_id": each.id, "of_attempt": each.attempt} for each in claimed]
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
        for notice in _read(connection, list(stuck)):
            following = _following(notice, usable)
            if following is not None:
                connection.execute(
                    update(_notices).where(_notices.c.id == notice.id).values(state="dead", leased_until=None)
                )
                moved += _go_on(connection, notice, following, now)
        return moved


def resend(connection: Connection, notices: Sequence[int], now: datetime) -> list[int]:
    """Let notices that were given up or sent leave once more, and return those that will.

    They keep their identity, so that a receiver can tell that it has them already; what was recorded stays.
    """
    found = connection.execute(
        update(_notices)
        .where(_notices.c.id.in_(notices), _notices.c.state.in_(("sent", "dead")))
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
        _give_up(connection, notice, answer.detail, now)
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
            select(_notices.c.id, _notices.c.strikes, _notices.c.recipient_id, _notices.c.bundle)
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
            select(_notices.c.id, _notices.c.strikes)
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


def _read(connection: Connection, notices: list[int]) -> list[Claimed]:
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


def _held(notice: Claimed) -> Any:
    """Whether this very attempt is the one the notice waits for."""
    return and_(
        _notices.c.id == notice.id, _notices.c.state == "sending", _notices.c.attempts == notice.attempt
    )


def _give_up(connection: Connection, notice: Claimed, reason: str, now: datetime) -> None:
    """Give a channel up for a notice: the recipient's next one takes over, else operations hear of it."""
    buried = connection.execute(update(_notices).where(_held(notice)).values(state="dead", leased_until=None))
    if not buried.rowcount:
        return
    following = _following(notice)
    if following is not None:
        _go_on(connection, notice, following, now)
        return
    record_incident(
        connection,
        # By channel: when a mail server is gone for a day, ten thousand notices have one cause.
        fingerprint=f"delivery:{notice.channel}",
        kind="delivery",
        summary=f"A notice could not be delivered by {notice.channel}",
        detail=f"Notice {notice.id} ({notice.text}) to {notice.handle}, "
        f"{notice.attempt} attempts, the last: {reason}",
        now=now,
    )


def _following(notice: Claimed, usable: Sequence[str] | None = None) -> str | None:
    """Return the channel after this one that a person chose for such a notice, None after the last."""
    order = manner(notice.choices, notice.text, notice.language, served=True).channels
    at = order.index(notice.channel) + 1 if notice.channel in order else len(order)
    return next((each for each in order[at:] if usable is None or each in usable), None)


def _go_on(connection: Connection, notice: Claimed, channel: str, now: datetime) -> int:
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


def _pause(notice: Claimed) -> timedelta:
    """Up to a tenth longer than the rule, by message, so that a backlog does not come back all at once."""
    pause = PAUSES[min(notice.strike, len(PAUSES)) - 1]
    of = f"{notice.recipient_id}:{notice.bundle}" if notice.bundle else f"{notice.id}"
    return pause * (1 + crc32(f"{of}:{notice.attempt}".encode()) % 1_000 / 10_000)
