"""Delivering: each channel is drained by senders of its own, so that a slow one holds no other up."""

import hashlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, Final

from sqlalchemy import Engine

from casework import breakers, next_channel, outbox
from casework.claimed import Claimed
from casework.outbox import Attempt, Outcome
from models.database import reading
from notifications.channel import Answer, deliver
from notifications.connections import Connections
from notifications.message import Message
from notifications.rendering import Rendered, Texts, bundled, render
from notifications.settings import BadAddress, ChannelSettings

CHUNK: Final = 60
"""Messages claimed and recorded together. A killed process leaves these "possibly sent twice"."""

LEASE: Final = timedelta(minutes=10)


class NoAddress(LookupError):
    """The recipient cannot be reached by this channel at all."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one call of `deliver_due` did; without a configured channel every notice waits."""

    attempts: tuple[Attempt, ...] = ()
    configured: bool = True


def deliver_due(
    engine: Engine,
    texts_of: Callable[[int | None], Texts],
    settings: ChannelSettings,
    now: Callable[[], datetime],
    limit: int,
    seconds: float = 300,
) -> Report:
    """Deliver up to `limit` due notices of each channel, for some `seconds`, and tell what came of each.

    `texts_of` gives the texts of a subject's pinned revision. Whatever goes wrong with one notice (an unknown
    text, a recipient without an address, a server that refuses) is that notice's failed attempt and never
    keeps the others waiting. Without a configured channel nothing is claimed.
    """
    channels = settings.channels
    if not channels:
        return Report(configured=False)
    next_channel.pass_on(engine, channels, now())
    ends = time.monotonic() + seconds
    drain = partial(_drain, engine, texts_of, settings, now, limit, ends)
    if len(channels) == 1:
        return Report(tuple(drain(channels[0])))
    with ThreadPoolExecutor(len(channels), thread_name_prefix="channel") as threads:
        return Report(tuple(itertools.chain.from_iterable(threads.map(drain, channels))))


def _drain(
    engine: Engine,
    texts_of: Callable[[int | None], Texts],
    settings: ChannelSettings,
    now: Callable[[], datetime],
    limit: int,
    ends: float,
    channel: str,
) -> list[Attempt]:
    attempts: list[Attempt] = []
    with (
        settings.connections() as connections,
        ThreadPoolExecutor(settings.senders, thread_name_prefix=channel) as senders,
    ):
        while len(attempts) < limit and time.monotonic() < ends:
            at, until = now(), time.monotonic() + LEASE.total_seconds()
            claimed = outbox.claim(engine, at, min(CHUNK, limit - len(attempts)), LEASE, channel)
            if not claimed:
                break
            with reading(engine) as connection:
                watch = _Watch(breakers.health(connection, channel), until)
            send = partial(_send, texts_of, settings, connections, watch, at)
            outcomes = list(itertools.chain.from_iterable(senders.map(send, _messages(claimed))))
            answered = {each.notice.id for each in outcomes}
            attempts += outbox.record(engine, outcomes, now())
            left = [each for each in claimed if each.id not in answered]
            outbox.release(engine, left, at)
            if left:
                break
    return attempts


class _Watch:
    """Tells senders when to stop: the lease is nearly over, or the channel has just given out."""

    def __init__(self, health: dict[int, breakers.Health], until: float) -> None:
        self._lock = Lock()
        self._until = until
        self._failures = {person: each.failures for person, each in health.items()}
        self._given_out: set[int] = set()

    def over(self, person: int, patience: float) -> bool:
        """Whether nothing more is to be handed over."""
        return time.monotonic() + patience >= self._until or person in self._given_out

    def saw(self, person: int, answer: Answer) -> None:
        """Take in an answer."""
        with self._lock:
            self._failures[person] = self._failures.get(person, 0) + 1 if answer.out_of_order else 0
            if self._failures[person] >= breakers.THRESHOLD:
                self._given_out.add(person)


def _messages(claimed: Iterable[Claimed]) -> Iterator[list[Claimed]]:
    """Group what leaves as one message: the bundle of a recipient, or a notice by itself."""
    bundles: dict[tuple[int, str], list[Claimed]] = {}
    for each in claimed:
        if each.bundle is None:
            yield [each]
        else:
            bundles.setdefault((each.recipient_id, each.bundle), []).append(each)
    yield from bundles.values()


def _send(
    texts_of: Callable[[int | None], Texts],
    settings: ChannelSettings,
    connections: Connections,
    watch: _Watch,
    at: datetime,
    notices: list[Claimed],
) -> list[Outcome]:
    """Hand one message over; without an outcome a notice was not handed over and is to be given back."""
    first = notices[0]
    person = breakers.server_of(first.channel, first.recipient_id)
    if watch.over(person, settings.channel_timeout):
        return []
    outcomes: list[Outcome] = []
    written: list[tuple[Claimed, Rendered]] = []
    try:
        address = _address(settings, first)
        url = settings.url(first.channel, address)
    except (NoAddress, BadAddress) as error:
        answer = Answer(False, f"{type(error).__name__}: {error}")
        return [Outcome(notice, answer, hopeless=True) for notice in notices]
    except Exception as error:  # one notice's trouble must not become the others'
        answer = Answer(False, f"{type(error).__name__}: {error}")
        return [Outcome(notice, answer) for notice in notices]
    for notice in notices:
        try:
            texts = texts_of(notice.subject_id)
            context = _opened(settings, notice.context)
            written.append((notice, render(texts, notice.text, notice.language, context, notice.case)))
        except Exception as error:  # as above
            outcomes.append(Outcome(notice, Answer(False, f"{type(error).__name__}: {error}")))
    if not written:
        return outcomes
    message = _message(settings, address, at, written)
    answer = deliver(url, message, settings.channel_timeout, connections)
    watch.saw(person, answer)
    handed = content_hash(address, message)
    return outcomes + [Outcome(notice, answer, handed) for notice, _ in written]


def _opened(settings: ChannelSettings, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a text may say, with what rests sealed in it opened."""
    sealed: Mapping[str, str] = context.get("sealed", {})
    return {**context, **{name: settings.seal.open(each) for name, each in sealed.items()}}


def _address(settings: ChannelSettings, notice: Claimed) -> str:
    if notice.channel == "email":
        address = notice.email
    elif notice.channel == "sms":
        address = notice.phone
    else:
        address = None if notice.address is None else settings.seal.open(notice.address)
    if not address:
        what = "e-mail address" if notice.channel == "email" else f"address for {notice.channel}"
        raise NoAddress(f"{notice.handle} has no {what}")
    return address


def _message(
    settings: ChannelSettings, address: str, at: datetime, written: list[tuple[Claimed, Rendered]]
) -> Message:
    notice, rendered = written[0]
    # Named under the sender's domain: two bureaus that write to one mailbox count their cases alike.
    thread = f"<subject-{notice.subject_id or 0}@{settings.domain}>"
    message_id = notice.message_id
    case, cause = notice.case, notice.cause
    if notice.bundle is not None:
        name = f"{notice.recipient_id}:{notice.channel}:{notice.bundle}"
        # The same bundle keeps its identity through every attempt.
        message_id = f"<{hashlib.sha256(name.encode()).hexdigest()[:32]}@beian>"
        thread = f"<digest-{notice.recipient_id}@{settings.domain}>"
        rendered = bundled([each for _, each in written], notice.language)
        case, cause = None, f"digest {notice.bundle}"
    return Message(
        recipient=address,
        subject=rendered.subject,
        plain=rendered.plain,
        html=rendered.html,
        message_id=message_id,
        thread=thread,
        at=at,
        text=rendered.text,
        case=case,
        cause=cause,
    )


def content_hash(address: str, message: Message) -> str:
    """Return what proves which words were handed over, for whom and as which message."""
    parts = (address, message.message_id, message.subject, message.text)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part.encode()).to_bytes(8, "big"))
        digest.update(part.encode())
    return digest.hexdigest()
