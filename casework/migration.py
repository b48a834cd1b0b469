"""Moving a whole call to another published revision: planned first, then done if the plan still holds.

The call goes first, so that whatever begins meanwhile is under the new revision; then its open cases, in
chunks. A case that fails becomes an incident and stops nobody; asking again goes on where it was left.
Cases that have ended keep the revision they ended under.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import orjson
import pendulum
from sqlalchemy import Connection, Engine, Row, select

from casework import access, clock, facts, loading, procedures, wake
from casework.access import Claim, NoSuchRole
from casework.loading import COLUMNS, SOURCE, Loaded
from casework.moving import Overtaken
from casework.recording import Batch, Hand
from casework.terms import term
from models import Revision
from models import Subject as SubjectRow
from models.database import DatabaseUnusable, reading, writing
from procedure.act import SYSTEM, Actor, Refusal
from procedure.difference import Difference, differences
from procedure.event import Event
from procedure.instant import day_of, instant
from procedure.machine import evolve, settle
from procedure.revising import Move, Revised, plain, revise
from procedure.subject import Subject

ACT: Final = "change_revision"
"""The act under which a move is recorded."""

ROLES: Final = ("administrator",)
CHUNK: Final = 200

_revisions = Revision.__table__
_subjects = SubjectRow.__table__


@dataclass(frozen=True, slots=True)
class Plan:
    """What a move would do: to the call and each open case that is still under another revision.

    ``token`` stands for all of it; with the same consequences it is the same.
    """

    call: str
    before: str
    after: str
    subjects: tuple[Revised, ...]
    differences: tuple[Difference, ...]
    token: str

    @property
    def blocked(self) -> tuple[Revised, ...]:
        """The subjects that cannot be moved."""
        return tuple(each for each in self.subjects if each.blocks)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one subject: moved, changed since the plan, or failed (an incident tells of it)."""

    ref: str
    what: Literal["moved", "changed", "failed"]
    event: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call (its subject's id), the revision it is to move to, and where stages that are gone lead."""

    call: int
    revision: int
    stages: Mapping[str, str]


def plan(connection: Connection, wanted: Wanted) -> Plan | Refusal:
    """Return what the move would do now, everything that has fallen due applied first; nothing is written."""
    call = loading.one(connection, wanted.call)
    to_hash = connection.execute(
        select(_revisions.c.content_hash).where(_revisions.c.id == wanted.revision)
    ).scalar_one()
    after = procedures.of_revision(connection, wanted.revision)
    if call.subject.kind != "call":
        return Refusal("no_call_to_move", {"ref": call.subject.ref})
    if (after.code, after.bureau.code) != (call.procedure.code, call.procedure.bureau.code):
        return Refusal("another_procedure", {"code": call.procedure.code, "other": after.code})
    rows = _rows(connection, wanted)
    revised = []
    before_hash, before = to_hash, call.procedure
    for row in rows:
        loaded = loading.of_row(connection, row, call.now)
        settled, _ = settle(loaded.procedure, loaded.subject, facts.plain(loaded), call.now)
        if settled.outcome is None:
            before_hash, before = row.content_hash, loaded.procedure
            revised.append(_revised(loaded, settled, wanted, row.content_hash, to_hash, after)[0])
    if not revised:
        return Refusal("nothing_to_move", {"code": call.subject.ref, "revision": to_hash[:12]})
    token = hashlib.sha256(
        orjson.dumps(
            [before_hash, to_hash, sorted(wanted.stages.items()), [plain(each) for each in revised]],
            option=orjson.OPT_SORT_KEYS,
        )
    ).hexdigest()[:16]
    told = tuple(differences(before, after, term))
    return Plan(call.subject.ref, before_hash, to_hash, tuple(revised), told, token)


def migrate(
    engine: Engine,
    claim: Claim,
    wanted: Wanted,
    token: str,
    progress: Callable[[int, int], None] | None = None,
) -> list[Result] | Refusal:
    """Move the call and its open cases, if ``token`` is that of a plan which is still true.

    Nothing is moved while anything is blocked. Each subject is judged again in its own transaction's chunk:
    one for which something else would happen by then stays where it is and is named.
    """
    with reading(engine) as connection:
        now = clock.now(connection)
        known = plan(connection, wanted)
        if isinstance(known, Refusal):
            return known
        actor = _actor(connection, claim, wanted, now)
        if isinstance(actor, Refusal):
            return actor
        if known.token != token:
            return Refusal("plan_outdated", {"token": token, "now": known.token})
        if known.blocked:
            return Refusal("move_blocked", {"cases": [each.ref for each in known.blocked]})
        ids = [row.id for row in _rows(connection, wanted)]
    expected = {each.ref: plain(each) for each in known.subjects}
    results: list[Result] = []
    for at in range(0, len(ids), CHUNK):
        results += _chunk(engine, ids[at : at + CHUNK], wanted, actor, expected)
        if progress is not None:
            progress(min(at + CHUNK, len(ids)), len(ids))
    return results


def _chunk(
    engine: Engine,
    ids: Sequence[int],
    wanted: Wanted,
    actor: Actor,
    expected: Mapping[str, Mapping[str, Any]],
) -> list[Result]:
    try:
        return _move(engine, ids, wanted, actor, expected)
    except DatabaseUnusable:
        raise
    except Exception:
        results: list[Result] = []
        for subject_id in ids:
            try:
                results += _move(engine, [subject_id], wanted, actor, expected)
            except DatabaseUnusable:
                raise
            except Overtaken:
                results.append(Result(_ref(engine, subject_id), "changed"))
            except Exception as error:
                wake.report(engine, "migration", subject_id, error)
                results.append(
                    Result(_ref(engine, subject_id), "failed", detail=f"{type(error).__name__}: {error}")
                )
        return results


def _move(
    engine: Engine,
    ids: Sequence[int],
    wanted: Wanted,
    actor: Actor,
    expected: Mapping[str, Mapping[str, Any]],
) -> list[Result]:
    with writing(engine) as connection:
        now: pendulum.DateTime = clock.now(connection)
        to_hash = connection.execute(
            select(_revisions.c.content_hash).where(_revisions.c.id == wanted.revision)
        ).scalar_one()
        after = procedures.of_revision(connection, wanted.revision)
        batch = Batch(now)
        results: list[Result] = []
        query = select(*COLUMNS).select_from(SOURCE).where(_subjects.c.id.in_(ids)).order_by(_subjects.c.id)
        for row in connection.execute(query.with_for_update(of=_subjects)).all():
            loaded = loading.of_row(connection, row, now)
            settled, before = settle(loaded.procedure, loaded.subject, facts.plain(loaded), instant(now))
            if settled.outcome is not None or row.content_hash == to_hash:
                continue
            revised, event = _revised(loaded, settled, wanted, row.content_hash, to_hash, after)
            if event is None or plain(revised) != expected.get(settled.ref):
                results.append(Result(settled.ref, "changed"))
                continue
            moved = evolve(settled, event)
            if before:
                batch.add(loaded, before, settled, (Hand(SYSTEM),) * len(before))
                batch.write(connection)
                batch = Batch(now)
                loaded = loading.one(connection, loaded.id)
            batch.add(replace(loaded, procedure=after), (event,), moved, (Hand(actor, ACT),))
            results.append(Result(settled.ref, "moved", event.seq))
        batch.write(connection)
    return results


def _revised(
    loaded: Loaded, settled: Subject, wanted: Wanted, before_hash: str, to_hash: str, after: Any
) -> tuple[Revised, Event | None]:
    move = Move(loaded.procedure, after, (before_hash, to_hash), wanted.stages)
    return revise(move, settled, facts.plain(loaded), loaded.now)


def _rows(connection: Connection, wanted: Wanted) -> list[Row[Any]]:
    """Return the call, then its open cases, in order, as far as they are under another revision."""
    query = (
        select(*COLUMNS)
        .select_from(SOURCE)
        .where(
            (_subjects.c.id == wanted.call) | (_subjects.c.parent_id == wanted.call),
            _subjects.c.outcome.is_(None),
            _subjects.c.revision_id != wanted.revision,
        )
        .order_by(_subjects.c.parent_id.is_not(None), _subjects.c.id)
    )
    return list(connection.execute(query))


def _actor(connection: Connection, claim: Claim, wanted: Wanted, now: pendulum.DateTime) -> Actor | Refusal:
    if claim.role not in ROLES:
        return Refusal("role_may_not", {"act": ACT, "stage": None, "role": claim.role, "roles": list(ROLES)})
    try:
        actors = access.roles_of(connection, claim, day_of(now))
    except NoSuchRole:
        return Refusal("no_such_role", {"role": claim.role})
    call = loading.one(connection, wanted.call)
    actor = next((each for each in actors if each.bureau == call.procedure.bureau.code), None)
    return actor or Refusal(
        "not_yours",
        {"ref": call.subject.ref, "role": claim.role, "acting_for": actors[0].bureau or ""},
    )


def _ref(engine: Engine, subject_id: int) -> str:
    with reading(engine) as connection:
        return loading.one(connection, subject_id).subject.ref
