"""A person's act: loaded, decided and committed at once, or refused by name with nothing written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from casework import access, consequences, ending, facts, loading, matters
from casework.access import Claim, NoSuchRole, NotTheSubstitute
from casework.loading import Loaded, NoSuchSubject
from casework.moving import Overtaken
from casework.recording import Batch, Hand
from models.database import deciding, writing
from procedure.act import SYSTEM, Act, Actor, Decision, Refusal
from procedure.instant import day_of, instant
from procedure.machine import decide, standing
from procedure.subject import Subject
from procedure.text import shown

ATTEMPTS: Final = 8
"""How often an act is decided anew when somebody else was faster."""

LONGEST_KEY: Final = 200
"""The most characters of an act's key."""


@dataclass(frozen=True, slots=True)
class Request:
    """An act as a person asks for it.

    ``key`` makes a repetition by the same person harmless; ``version`` is the version the person looked at;
    ``received_at`` is the instant of receipt by this machine's clock, the database's present when not given.
    """

    subject: int
    act: str
    claim: Claim
    payload: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    version: int | None = None
    received_at: pendulum.DateTime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was recorded: the event's number, when it took effect, and where the subject stands now.

    ``repeated`` says that the same act with the same key had been recorded before.
    """

    ref: str
    seq: int
    stage: str
    outcome: str | None
    at: pendulum.DateTime
    repeated: bool = False


class Busy(Exception):
    """Others moved the same subject again and again; asking again will do."""


@dataclass(frozen=True, slots=True)
class _Decided:
    loaded: Loaded
    decision: Decision
    actor: Actor
    now: pendulum.DateTime


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


def perform(engine: Engine, request: Request) -> Receipt | Refusal:
    """Carry out ``request`` in one transaction and return its receipt, or the refusal with nothing written.

    Raises Busy after ATTEMPTS and DatabaseUnusable when the database cannot write.
    """
    return attempt(
        lambda: (
            _in_lock(engine, request) if facts.needs_lock(request.act) else _read_then_write(engine, request)
        )
    )


def attempt(once: Callable[[], Receipt | Refusal]) -> Receipt | Refusal:
    """Return what ``once`` answers, asked again while others are faster; raises Busy after ATTEMPTS."""
    for remaining in reversed(range(ATTEMPTS)):
        try:
            return once()
        except _Refused as refused:
            return refused.refusal
        except Overtaken:
            continue
        except IntegrityError:
            if not remaining:
                raise
    raise Busy


def usable(key: str) -> bool:
    """Return whether a key can be kept: 1 to LONGEST_KEY printable characters."""
    return 1 <= len(key) <= LONGEST_KEY and key.isprintable()


def refuse(refusal: Refusal) -> None:
    """Leave the transaction, nothing written, with ``refusal`` as the answer of ``attempt``."""
    raise _Refused(refusal)


def _read_then_write(engine: Engine, request: Request) -> Receipt | Refusal:
    with deciding(engine) as (connection, lock):
        answer = _decide(connection, request)
        if not isinstance(answer, _Decided):
            return answer
        lock()
        _write(connection, request, answer)
    return _receipt(answer)


def _in_lock(engine: Engine, request: Request) -> Receipt | Refusal:
    with writing(engine) as connection:
        return within(connection, request)


def within(connection: Connection, request: Request) -> Receipt | Refusal:
    """Carry out ``request`` in a transaction of the caller's, which ``attempt`` repeats or undoes."""
    answer = _decide(connection, request)
    if isinstance(answer, Refusal):
        raise _Refused(answer)
    if isinstance(answer, Receipt):
        return answer
    _write(connection, request, answer)
    return _receipt(answer)


def _decide(connection: Connection, request: Request) -> _Decided | Receipt | Refusal:
    if request.key is not None and not usable(request.key):
        return Refusal("bad_key", {"key": shown(request.key), "at_most": LONGEST_KEY})
    try:
        loaded, held = loading.for_act(connection, request.subject, request.claim, request.key)
        now = _counts_from(request, loaded)
        actors = access.actors(connection, held, request.claim, day_of(now))
    except NoSuchSubject:
        return Refusal("not_found", {"ref": request.subject})
    except NotTheSubstitute:
        return Refusal("not_the_substitute", {"role": request.claim.role})
    except NoSuchRole:
        return Refusal("no_such_role", {"role": request.claim.role})
    subject = loaded.subject
    done = loaded.done
    if done is not None:
        person = None if request.claim == access.PUBLIC else request.claim.person
        if (done.act, done.person) != (request.act, person):
            return Refusal("key_used", {"key": request.key, "act": done.act})
        return Receipt(subject.ref, done.seq, subject.stage, subject.outcome, done.at, repeated=True)
    if request.version is not None and request.version != subject.version:
        return Refusal("stale_version", {"expected": request.version, "actual": subject.version})
    actor = next((each for each in actors if standing(loaded.procedure, subject, each) is None), actors[0])
    known = facts.of_act(connection, loaded, request.act, request.payload)
    answer = decide(loaded.procedure, subject, known, Act(request.act, actor, request.payload), now)
    if isinstance(answer, Refusal):
        return answer
    return ending.ended_already(connection, loaded, now) or _Decided(loaded, answer, actor, now)


def _counts_from(request: Request, loaded: Loaded) -> pendulum.DateTime:
    """Return from when an act counts: its receipt, or what was recorded before it and came in later."""
    if request.received_at is None:
        return loaded.now
    received, last = request.received_at, loaded.subject.last_at
    # Pendulum's arithmetic costs a fiftieth of an act, and nearly always there is nothing to take off.
    if loaded.ahead:
        received = instant(received - loaded.ahead)
    return last if last is not None and received < last <= loaded.now else received


def _write(connection: Connection, request: Request, decided: _Decided) -> None:
    loaded, decision, now = decided.loaded, decided.decision, decided.now
    batch = Batch(loaded.now)
    moved: list[tuple[Loaded, Subject]] = [(loaded, decision.subject)]
    settled = len(decision.events) - 1
    hand = Hand(decided.actor, request.act, request.key)
    batch.add(loaded, decision.events, decision.subject, (*(Hand(SYSTEM),) * settled, hand))
    for consequence in decision.consequences:
        child = loading.one(
            connection, loading.id_of(connection, consequence.ref, loaded.procedure.bureau.code)
        )
        act = Act(consequence.act, SYSTEM, consequence.payload)
        answer = decide(child.procedure, child.subject, facts.plain(child), act, now)
        if isinstance(answer, Refusal):
            raise _Refused(answer)
        hands = (*(Hand(SYSTEM),) * (len(answer.events) - 1), Hand(SYSTEM, consequence.act))
        batch.add(child, answer.events, answer.subject, hands)
        moved.append((child, answer.subject))
    batch.write(connection)
    matters.follow(connection, loaded, decision.events)
    consequences.follow(connection, loaded, decision.subject)
    for subject, after in moved:
        ending.follow(connection, subject, after)


def _receipt(decided: _Decided) -> Receipt:
    after = decided.decision.subject
    return Receipt(after.ref, after.version, after.stage, after.outcome, decided.now)
