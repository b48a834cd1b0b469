"""Matters that a person begins about an entry of the register: by its lead unit, or by its city bureau."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, Engine, func, select

from casework import access, consortium
from casework.access import Claim, NoSuchRole, NotTheSubstitute
from casework.acts import LONGEST_KEY, Receipt, attempt, refuse, usable
from casework.beginning import Beginning, Where, begin_all
from casework.consortium import Filed
from casework.loading import NoSuchSubject
from casework.recording import Hand
from models import Event, Matter, Subject
from models.database import writing
from procedure.act import Actor, Refusal
from procedure.instant import day_of, instant
from procedure.subject import Record, SubjectKind
from procedure.text import shown

_events = Event.__table__
_matters = Matter.__table__
_subjects = Subject.__table__

LETTERS: Final[dict[SubjectKind, str]] = {"change": "C", "claim": "S", "disqualification": "D"}
"""What the number of a matter has before its count, by kind."""


Begun = Callable[[Connection, int, Receipt], None]
"""What looks at a matter that has begun, by its id, within the transaction: what it raises undoes it."""


def unseen(_: Connection, __: int, ___: Receipt) -> None:
    """Look at nothing."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who begins a matter of which entry, by which act, and as whom: its lead unit, or its city bureau.

    ``bureau`` is needed where several have the ``number``; ``key`` makes a repetition by the same person
    harmless. ``begun`` is told last what has begun.
    """

    claim: Claim
    number: str
    act: str
    by: Literal["lead", "bureau"]
    bureau: str | None = None
    key: str | None = None
    begun: Begun = unseen


def begin(
    engine: Engine,
    asking: Asking,
    kind: SubjectKind,
    judge: Callable[[Connection, Filed], Record | Refusal],
    also: Callable[[Connection, int, Record], None] = lambda *_: None,
) -> Receipt | Refusal:
    """Begin the matter that ``judge`` makes of the entry, numbered after those of its kind (``NUMBER/C2``).

    ``also`` writes what goes with it, given the matter's id. All is one transaction; a refusal leaves
    nothing written. Begun again with the same key, it answers as it did at first.
    """
    if asking.key is not None and not usable(asking.key):
        return Refusal("bad_key", {"key": shown(asking.key), "at_most": LONGEST_KEY})

    def once() -> Receipt | Refusal:
        with writing(engine) as connection:
            answer = _begin(connection, asking, kind, judge, also)
            if isinstance(answer, Refusal):
                refuse(answer)
            return answer

    return attempt(once)


def _begin(
    connection: Connection,
    asking: Asking,
    kind: SubjectKind,
    judge: Callable[[Connection, Filed], Record | Refusal],
    also: Callable[[Connection, int, Record], None],
) -> Receipt | Refusal:
    found = _entry_of(connection, asking)
    if isinstance(found, Refusal):
        return found
    entry, actor = found
    done = None if asking.key is None else _begun(connection, entry, kind, asking, actor)
    if done is not None:
        return done
    record = judge(connection, entry)
    if isinstance(record, Refusal):
        return record
    begun = _write(connection, entry, kind, record, Hand(actor, asking.act, asking.key))
    if isinstance(begun, Refusal):
        return begun
    also(connection, begun[0], record)
    asking.begun(connection, *begun)
    return begun[1]


def _entry_of(connection: Connection, asking: Asking) -> tuple[Filed, Actor] | Refusal:
    """Return the entry with the claim as the actor of its lead unit, or of its city bureau."""
    claim, number = asking.claim, asking.number
    try:
        entry = consortium.filed(connection, number, asking.bureau)
        actors = access.roles_of(connection, claim, day_of(entry.loaded.now))
    except NoSuchSubject:
        return Refusal("no_such_entry", {"number": number})
    except NotTheSubstitute:
        return Refusal("not_the_substitute", {"role": claim.role})
    except NoSuchRole:
        return Refusal("no_such_role", {"role": claim.role})
    for actor in actors:
        if asking.by == "lead" and claim.role == "applicant" and actor.organisation == entry.record.lead:
            return entry, actor
        if asking.by == "bureau" and actor.bureau == entry.loaded.procedure.bureau.code:
            return entry, actor
    acting_for = actors[0].organisation or actors[0].bureau or ""
    return Refusal("not_yours", {"ref": number, "role": claim.role, "acting_for": acting_for})


def _begun(
    connection: Connection, entry: Filed, kind: SubjectKind, asking: Asking, actor: Actor
) -> Receipt | None:
    """Return what was begun before with this key by this person, if anything was."""
    row = connection.execute(
        select(_matters.c.number, _events.c.effective_at, _subjects.c.stage, _subjects.c.outcome)
        .join(_events, _events.c.subject_id == _matters.c.subject_id)
        .join(_subjects, _subjects.c.id == _matters.c.subject_id)
        .where(
            _matters.c.entry_id == entry.entry_id,
            _matters.c.kind == kind,
            _events.c.seq == 1,
            _events.c.person_id == actor.person,
            _events.c.act_key == asking.key,
        )
    ).one_or_none()
    if row is None:
        return None
    at = instant(row.effective_at)
    return Receipt(row.number, 1, row.stage, row.outcome, at, repeated=True)


def _write(
    connection: Connection, entry: Filed, kind: SubjectKind, record: Record, hand: Hand
) -> tuple[int, Receipt] | Refusal:
    loaded = entry.loaded
    before = connection.execute(
        select(func.count()).where(_matters.c.entry_id == entry.entry_id, _matters.c.kind == kind)
    ).scalar_one()
    ref = f"{entry.record.entry}/{LETTERS[kind]}{before + 1}"
    revision = connection.execute(
        select(_subjects.c.revision_id).where(_subjects.c.id == loaded.id)
    ).scalar_one()
    where = Where(loaded.bureau_id, revision, loaded.procedure, loaded.calendar, loaded.now)
    begun = begin_all(connection, where, [Beginning(kind, ref, record, entry.entry_id)], hand)
    if isinstance(begun, Refusal):
        return begun
    return begun[0], Receipt(ref, 1, loaded.procedure.life(kind).start, None, loaded.now)
