"""Proof of service: who was told what, when and by which channel, and that no attempt was altered since."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import ColumnElement, Connection, Text, and_, exists, func, select, type_coerce

from casework import chain, clock
from casework.access import Claim, reads
from casework.findings import Finding
from models import Case, Delivery, Notice, Person
from models.instant import Instant
from procedure.instant import day_of, instant

_notices = Notice.__table__
_deliveries = Delivery.__table__
_people = Person.__table__
_cases = Case.__table__
_CHUNK: Final = 2_000
_TOLD: Final = ("subject_id", "cause", "recipient_id", "text")


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt: its number in the chain, the channel's own answer, the hash of the words handed over."""

    number: int
    at: pendulum.DateTime
    ok: bool
    answer: str
    duration_ms: int
    content_hash: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class Service:
    """One notice to one person by one channel, with every attempt; ``instead_of`` another that failed."""

    id: int
    case: str | None
    cause: str
    text: str
    handle: str
    name: str
    channel: str
    state: str
    owed_at: pendulum.DateTime
    sent_at: pendulum.DateTime | None
    possibly_twice: bool
    instead_of: int | None
    attempts: tuple[Try, ...]


def of_subject(connection: Connection, subject_id: int, seen_by: Claim | None = None) -> list[Service]:
    """Return the proof of service of one case or call, in the order in which its notices were owed.

    With ``seen_by`` only the notices that this person may read today.
    """
    which = _notices.c.subject_id == subject_id
    if seen_by is not None:
        which &= reads(seen_by, day_of(clock.now(connection)))
    return _services(connection, which)


def of_notice(connection: Connection, notice: int) -> Service | None:
    """Return the proof of service of one notice; None when there is none of this number."""
    return next(iter(_services(connection, _notices.c.id == notice)), None)


def verify(connection: Connection) -> Iterator[Finding]:
    """Yield every altered or removed attempt, and notices called sent without one that succeeded."""
    number, head = 0, chain.ORIGIN
    while chunk := connection.execute(
        _attempts(connection).where(_deliveries.c.id > number).order_by(_deliveries.c.id).limit(_CHUNK)
    ).all():
        for row in chunk:
            subject = row.subject_id or 0
            if row.id != number + 1:
                detail = f"attempts {number + 1} to {row.id - 1} are missing"
                yield Finding(subject, number + 1, "delivery_removed", detail)
            elif row.prev_hash != head:
                yield Finding(subject, row.id, "delivery_changed", "it follows another attempt than this one")
            if not _sealed(row):
                detail = f"attempt {row.id}, of notice {row.notice_id}, or whom it told of what, was altered"
                yield Finding(subject, row.id, "delivery_changed", detail)
            number, head = row.id, row.hash
    proved = exists().where(_deliveries.c.notice_id == _notices.c.id, _deliveries.c.ok)
    for row in connection.execute(
        select(_notices.c.id, _notices.c.subject_id)
        .where(_notices.c.state == "sent", ~proved)
        .order_by(_notices.c.id)
    ):
        detail = f"notice {row.id} is called sent; no attempt proves it"
        yield Finding(row.subject_id or 0, 0, "delivery_removed", detail)


def end(connection: Connection) -> tuple[int, str]:
    """Return the number and hash of the last attempt, for an anchor."""
    last = connection.execute(
        select(_deliveries.c.id, _deliveries.c.hash).order_by(_deliveries.c.id.desc()).limit(1)
    ).one_or_none()
    return (0, chain.ORIGIN) if last is None else (last.id, last.hash)


def against(connection: Connection, number: int, known: str, at: str) -> Iterator[Finding]:
    """Yield what is wrong when the anchor of ``at`` knows attempt ``number`` and it is not there now."""
    if number == 0:
        return
    found = connection.execute(select(_deliveries.c.hash).where(_deliveries.c.id == number)).scalar()
    if found is None:
        last = connection.execute(select(func.count()).select_from(_deliveries)).scalar_one()
        detail = f"the anchor of {at} knows attempt {number}; the last is {last}"
        yield Finding(0, last + 1, "delivery_removed", detail)
    elif found != known:
        yield Finding(
            0, number, "delivery_changed", f"attempt {number} is not the one that the anchor of {at} knows"
        )


def _attempts(connection: Connection) -> Any:
    raw = [
        # Who alters a row may write what is no instant; reading it must not fail.
        type_coerce(column, Text).label(column.name)
        if isinstance(column.type, Instant) and connection.dialect.name == "sqlite"
        else column
        for column in _deliveries.c
    ]
    return select(*raw, *(_notices.c[name] for name in _TOLD)).join(
        _notices, _notices.c.id == _deliveries.c.notice_id
    )


def _sealed(row: Any) -> bool:
    whole = {name: getattr(row, name) for name in chain.DELIVERED}
    try:
        whole["at"] = instant(whole["at"])
    except ValueError:
        return False
    return chain.seal_delivery(whole, row.prev_hash) == row.hash


def _services(connection: Connection, which: ColumnElement[bool]) -> list[Service]:
    rows = connection.execute(
        select(
            _notices.c.id.label("notice"),
            _cases.c.number,
            *(_notices.c[name] for name in ("cause", "text", "channel", "state", "created_at", "sent_at")),
            *(_notices.c[name] for name in ("possibly_twice", "instead_of")),
            _people.c.handle,
            _people.c.name,
            _deliveries.c.id.label("tried"),
            *(_deliveries.c[name] for name in ("at", "ok", "answer", "duration_ms", "content_hash", "hash")),
        )
        .join(_people, _people.c.id == _notices.c.recipient_id)
        .outerjoin(_cases, _cases.c.subject_id == _notices.c.subject_id)
        .outerjoin(_deliveries, and_(_deliveries.c.notice_id == _notices.c.id))
        .where(which)
        .order_by(_notices.c.created_at, _notices.c.id, _deliveries.c.id)
    )
    found: dict[int, Service] = {}
    tries: dict[int, list[Try]] = {}
    for row in rows:
        tries.setdefault(row.notice, [])
        if row.tried is not None:
            tries[row.notice].append(
                Try(
                    row.tried,
                    instant(row.at),
                    row.ok,
                    row.answer,
                    row.duration_ms,
                    row.content_hash,
                    row.hash,
                )
            )
        found[row.notice] = Service(
            row.notice,
            row.number,
            row.cause,
            row.text,
            row.handle,
            row.name,
            row.channel,
            row.state,
            instant(row.created_at),
            None if row.sent_at is None else instant(row.sent_at),
            row.possibly_twice,
            row.instead_of,
            tuple(tries[row.notice]),
        )
    return list(found.values())
