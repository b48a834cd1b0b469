"""Breakers: a channel that is out of order is left alone, except for a message now and then to see."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework.incidents import in_words, record_incident, resolve
from casework.terms import term
from models import Breaker

_breakers = Breaker.__table__
_INSERT: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

THRESHOLD: Final = 5
"""Failures in a row, all the channel's own, after which it is taken for out of order."""

PROBES: Final = (
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=10),
)
"""How long a channel out of order is left alone before each further try; the last stays."""

OWN_SERVERS: Final = frozenset({"webhook"})
"""Channels at which each recipient has a server of their own, and so a breaker of their own."""

SHARED: Final = 0


@dataclass(frozen=True, slots=True)
class Health:
    """How a channel does, for everyone or for one recipient."""

    channel: str
    person: int
    failures: int = 0
    opened_at: datetime | None = None
    retry_at: datetime | None = None
    probes: int = 0
    reason: str = ""

    @property
    def open(self) -> bool:
        """Whether the channel is taken for out of order."""
        return self.opened_at is not None

    def after(self, answers: Iterable[tuple[bool, str]], now: datetime) -> "Health":
        """Return the health after answers in order: whether each shows the channel out of order, and why."""
        failures, reason, heard = self.failures, self.reason, False
        for out_of_order, said in answers:
            heard = True
            failures, reason = (failures + 1, said) if out_of_order else (0, "")
        if not heard or failures == 0:
            return Health(self.channel, self.person) if heard else self
        probes = self.probes + 1 if self.open else 0
        if not self.open and failures < THRESHOLD:
            return replace(self, failures=failures, reason=reason)
        pause = PROBES[min(probes, len(PROBES) - 1)]
        return Health(
            self.channel, self.person, failures, self.opened_at or now, now + pause, probes, reason[:4_000]
        )


def server_of(channel: str, person: int) -> int:
    """Return whose server stands between us and ``person`` on this channel: their own, or the SHARED one."""
    return person if channel in OWN_SERVERS else SHARED


def health(connection: Connection, channel: str) -> dict[int, Health]:
    """Return how a channel does, by recipient where each has their own, else under SHARED."""
    rows = connection.execute(
        select(
            _breakers.c.channel,
            _breakers.c.person_id,
            _breakers.c.failures,
            _breakers.c.opened_at,
            _breakers.c.retry_at,
            _breakers.c.probes,
            _breakers.c.reason,
        ).where(_breakers.c.channel == channel)
    )
    return {row.person_id: Health(*row) for row in rows}


def take_probe(connection: Connection, channel: str, now: datetime, until: datetime) -> bool:
    """Return whether it is ours to try a shared channel that is out of order; nobody else does till then."""
    taken = connection.execute(
        update(_breakers)
        .where(
            _breakers.c.channel == channel,
            _breakers.c.person_id == SHARED,
            or_(_breakers.c.retry_at.is_(None), _breakers.c.retry_at <= now),
        )
        .values(retry_at=until)
    )
    return bool(taken.rowcount)


def store(connection: Connection, before: Health | None, after: Health, now: datetime) -> None:
    """Store a channel's health; one incident is raised when it gives out and resolved when it is back."""
    if after == before or (before is None and after == Health(after.channel, after.person)):
        return
    values: dict[str, Any] = {
        "failures": after.failures,
        "opened_at": after.opened_at,
        "retry_at": after.retry_at,
        "probes": after.probes,
        "reason": after.reason,
    }
    fresh = _INSERT[connection.dialect.name](_breakers).values(
        channel=after.channel, person_id=after.person, **values
    )
    connection.execute(fresh.on_conflict_do_update(index_elements=["channel", "person_id"], set_=values))
    was_open = before is not None and before.open
    fingerprint = f"channel:{after.channel}" + (f":{after.person}" if after.person != SHARED else "")
    if after.open and not was_open:
        record_incident(
            connection,
            fingerprint=fingerprint,
            kind="delivery",
            summary=in_words(
                "out_of_order", lambda language: {"channel": term("channels", after.channel, language)}
            ),
            detail=f"{after.failures} failures in a row, the last: {after.reason}. Notices wait, the urgent "
            "ones first; one is tried now and then.",
            now=now,
        )
    elif was_open and not after.open:
        resolve(connection, fingerprint, now)
