"""The outbox: notices that wait are claimed, handed to their channel, and what came of it is recorded."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, insert, literal, or_, select, update

from casework import chain
from casework.incidents import record_incident
from models import Case, Delivery, Notice, Person
from models.database import writing
from models.notice import LATER, ORDINARY, UNSENT, URGENT
from notifications.channel import Answer, deliver
from notifications.message import Message
from notifications.rendering import Language, Texts, render
from notifications.settings import ChannelSettings

_notices = Notice.__table__
_deliveries = Delivery.__table__
_people = Person.__table__
_cases = Case.__table__

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
"""How long a notice rests after each failed attempt; one more failure and it is dead."""

LAST_ATTEMPT = len(PAUSES) + 1

# A killed process leaves its whole chunk "possibly sent twice", to be taken up when the lease ends.
_CHUNK = 10
_LEASE = timedelta(minutes=10)

# Any constant will do, as long as every process that records takes the same.
_CHAIN_LOCK = 5_102_025


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
    attempt: int
    strike: int
    leased_until: datetime
    possibly_twice: bool
    case: str | None
    handle: str
    language: Language
    email: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver a notice, the channel's answer and the state the notice is in now."""

    notice: Claimed
    answer: Answer
    state: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one call of `deliver_due` did; without a configured channel every notice waits."""

    attempts: tuple[Attempt, ...] = ()
    configured: bool = True


def claim(
    engine: Engine,
    now: datetime,
    limit: int,
    lease: timedelta,
    channels: Collection[str] = ("email",),
) -> list[Claimed]:
    """Take up to `limit` due notices, so that no one else delivers them before `now + lease`.

    Notices tried for the first time come first, then those whose pause is over. One whose earlier lease ran
    out before a result was recorded is taken again and marked as possibly sent twice; if that was its last
    attempt, it is dead.
    """
    with writing(engine) as connection:
        due = _due(connection, now, limit, channels)
        worn_out = [notice for notice, strikes in due if strikes >= LAST_ATTEMPT]
        for notice in _read(connection, worn_out):
            _bury(connection, notice, "the process that was sending it never reported back", now)
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


def record(engine: Engine, notice: Claimed, answer: Answer, now: datetime) -> str:
    """Store what came of an attempt and return the state the notice is in then.

    The attempt itself is always stored. A success settles the notice even when the lease had run out; a
    failure changes it only while this attempt still holds it.
    """
    with writing(engine) as connection:
        _link(connection, notice, answer, now)
        if answer.ok:
            connection.execute(
                update(_notices)
                .where(_notices.c.id == notice.id, _notices.c.state != "sent")
                .values(state="sent", sent_at=now, leased_until=None)
            )
        elif notice.strike >= LAST_ATTEMPT:
            _bury(connection, notice, answer.detail, now)
        else:
            connection.execute(
                update(_notices)
                .where(_held(notice))
                .values(
                    state="failed",
                    not_before=now + _pause(notice),
                    leased_until=None,
                    possibly_twice=or_(_notices.c.possibly_twice, literal(answer.uncertain)),
                )
            )
        return connection.execute(select(_notices.c.state).where(_notices.c.id == notice.id)).scalar_one()


def deliver_due(
    engine: Engine,
    texts_of: Callable[[int | None], Texts],
    settings: ChannelSettings,
    now: Callable[[], datetime],
    limit: int,
) -> Report:
    """Deliver up to `limit` due notices and tell what came of each.

    `texts_of` gives the texts of a subject's pinned revision. Whatever goes wrong with one notice (an unknown
    text, a recipient without an address, a server that refuses) is that notice's failed attempt and never
    keeps the others waiting. Without a configured channel nothing is claimed.
    """
    if not settings.channels:
        return Report(configured=False)
    attempts: list[Attempt] = []
    while len(attempts) < limit:
        claimed = claim(engine, now(), min(_CHUNK, limit - len(attempts)), _LEASE, settings.channels)
        if not claimed:
            break
        for notice in claimed:
            started = now()
            if started >= notice.leased_until:
                # A slow server used up the lease: the rest may already be someone else's.
                break
            answer = _attempt(notice, texts_of, settings, started)
            attempts.append(Attempt(notice, answer, record(engine, notice, answer, now())))
    return Report(tuple(attempts))


def _attempt(
    notice: Claimed, texts_of: Callable[[int | None], Texts], settings: ChannelSettings, now: datetime
) -> Answer:
    try:
        if not notice.email:
            raise LookupError(f"{notice.handle} has no e-mail address")
        rendered = render(
            texts_of(notice.subject_id), notice.text, notice.language, notice.context, notice.case
        )
        url = settings.url(notice.channel, notice.email)
    except Exception as error:  # one notice's trouble must not become the others'
        return Answer(False, f"{type(error).__name__}: {error}")
    message = Message(
        recipient=notice.email,
        subject=rendered.subject,
        plain=rendered.plain,
        html=rendered.html,
        message_id=notice.message_id,
        # Named under the sender's domain: two bureaus that write to one mailbox count their cases alike.
        thread=f"<subject-{notice.subject_id}@{settings.domain}>",
        at=now,
    )
    return deliver(url, message, settings.channel_timeout)


def _link(connection: Connection, notice: Claimed, answer: Answer, now: datetime) -> None:
    """Add one attempt to the chain, whose end stays locked until the transaction is over."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    end = connection.execute(
        select(_deliveries.c.id, _deliveries.c.hash).order_by(_deliveries.c.id.desc()).limit(1)
    ).one_or_none()
    number, head = (0, chain.ORIGIN) if end is None else end
    attempt = {
        "id": number + 1,
        "notice_id": notice.id,
        "attempt": notice.attempt,
        "at": now,
        "channel": notice.channel,
        "ok": answer.ok,
        "answer": answer.detail,
        "duration_ms": answer.duration_ms,
        "content_hash": None,
    }
    told = {name: getattr(notice, name) for name in ("subject_id", "cause", "recipient_id", "text")}
    own = chain.seal_delivery({**attempt, **told}, head)
    connection.execute(insert(_deliveries).values(**attempt, prev_hash=head, hash=own))


def _due(
    connection: Connection, now: datetime, limit: int, channels: Collection[str]
) -> list[tuple[int, int]]:
    """Numbers and strikes of due notices, locked; each query walks one stretch of the partial index."""
    found: list[tuple[int, int]] = []
    for urgency in (URGENT, ORDINARY, LATER):
        for channel in channels:
            query = (
                select(_notices.c.id, _notices.c.strikes)
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
            found += [(row.id, row.strikes) for row in connection.execute(query)]
    return found


def _read(connection: Connection, notices: list[int]) -> list[Claimed]:
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
            _notices.c.attempts,
            _notices.c.strikes,
            _notices.c.leased_until,
            _notices.c.possibly_twice,
            _cases.c.number,
            _people.c.handle,
            _notices.c.language,
            _people.c.email,
        )
        .join(_people, _people.c.id == _notices.c.recipient_id)
        .outerjoin(_cases, _cases.c.subject_id == _notices.c.subject_id)
        .where(_notices.c.id.in_(notices))
    )
    read = {row.id: Claimed(*row) for row in connection.execute(query)}
    return [read[notice] for notice in notices]


def _held(notice: Claimed) -> ColumnElement[bool]:
    """Whether this very attempt is the one the notice waits for."""
    return and_(
        _notices.c.id == notice.id, _notices.c.state == "sending", _notices.c.attempts == notice.attempt
    )


def _bury(connection: Connection, notice: Claimed, reason: str, now: datetime) -> None:
    buried = connection.execute(update(_notices).where(_held(notice)).values(state="dead", leased_until=None))
    if buried.rowcount:
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


def _pause(notice: Claimed) -> timedelta:
    """Up to a tenth longer than the rule, by notice, so that a backlog does not come back all at once."""
    pause = PAUSES[notice.strike - 1]
    return pause * (1 + crc32(f"{notice.id}:{notice.attempt}".encode()) % 1_000 / 10_000)
