"""Cases that the rungs of ladders hand to another desk, each an event by the program with its cause."""

from collections.abc import Sequence
from dataclasses import dataclass

import pendulum
from sqlalchemy import Connection

from casework import desks, holders, loading
from casework.holders import Call
from casework.loading import Loaded
from casework.recording import Batch, Hand
from procedure.act import SYSTEM, Officer
from procedure.definition import DeadlineRule, Rung
from procedure.event import Event
from procedure.handing_on import hand_on
from procedure.instant import day_of
from procedure.machine import evolve
from procedure.subject import Subject


@dataclass(frozen=True, slots=True)
class Handing:
    """A rung that hands on a case as it is now."""

    loaded: Loaded
    subject: Subject
    rule: DeadlineRule
    rung: Rung


def write(connection: Connection, handings: Sequence[Handing], now: pendulum.DateTime) -> list[Handing]:
    """Hand on what can be, and return what nobody is there to take.

    The rows of the subjects are locked by the caller, and what led to ``Handing.subject`` is written.
    """
    calls = [
        Call(each.loaded, each.subject, each.rule.holder, (each.rung.reassign_to,))
        for each in handings
        if each.rung.reassign_to is not None
    ]
    if not calls:
        return []
    batch = Batch(now)
    left: list[Handing] = []
    known: dict[tuple[int | None, int], tuple[Officer, ...]] = {}
    for each, reached in zip(handings, holders.reached(connection, calls, day_of(now)), strict=True):
        loaded = loading.one(connection, each.loaded.id)
        at = (loaded.district_id, loaded.bureau_id)
        if at not in known:
            known[at] = desks.officers(connection, loaded)
        done = hand_on(loaded.procedure, loaded.subject, each.rule, each.rung, reached.people, known[at], now)
        if isinstance(done, Event):
            batch.add(loaded, (done,), evolve(loaded.subject, done), (Hand(SYSTEM),))
        elif done == "nobody":
            left.append(each)
    batch.write(connection)
    return left
