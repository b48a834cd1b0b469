"""Climbing: what the rungs of ladders do when they come. A rung tells people and never decides a case.

What it did stands on its timer and as notices; it is no event and leaves the subject's version alone. Only
that it handed the case on is one.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, and_, bindparam, select, update

from casework import handing_on, holders, incidents, missing, notices
from casework.handing_on import Handing
from casework.holders import Call, Reached
from casework.loading import Loaded
from casework.timers import LAPSE
from models import Bureau, Timer, WorkItem
from models.among import Among
from models.notice import ORDINARY, URGENT
from models.prepared import Prepared
from procedure import ladder, written
from procedure.definition import DeadlineRule, Rung
from procedure.instant import day_of, instant, iso
from procedure.ladder import sendable
from procedure.subject import Deadline, Subject

_bureaus = Bureau.__table__
_timers = Timer.__table__
_work = WorkItem.__table__

RAISED: Final = 1
"""The priority of what an escalation has raised."""

_CAME: Final = Prepared(
    select(_timers.c.subject_id, _timers.c.deadline, _timers.c.occurrence, _timers.c.rung, _timers.c.at)
    .where(
        Among(_timers.c.subject_id, "subjects"),
        _timers.c.state == "pending",
        _timers.c.rung != LAPSE,
        _timers.c.at <= bindparam("until"),
    )
    .order_by(_timers.c.subject_id, _timers.c.deadline, _timers.c.occurrence)
)
_SETTLE: Final = Prepared(
    update(_timers)
    .where(
        and_(
            _timers.c.subject_id == bindparam("of_id"),
            _timers.c.deadline == bindparam("of_name"),
            _timers.c.occurrence == bindparam("of_occurrence"),
            _timers.c.rung == bindparam("of_rung"),
            _timers.c.state == "pending",
        )
    )
    .values(state=bindparam("then"), why=bindparam("because"), settled_at=bindparam("on"))
)


@dataclass(frozen=True, slots=True)
class Climbed:
    """What came of a deadline's rungs that were due: which one was sent, to how many, and which were not.

    ``at`` is the instant of the latest; ``sent`` is None where the time of all of them was over.
    """

    ref: str
    deadline: str
    occurrence: int
    at: pendulum.DateTime
    sent: str | None
    people: int
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Due:
    """The rungs of one deadline that are due, in order; ``last`` is sent in the place of all."""

    loaded: Loaded
    subject: Subject
    rule: DeadlineRule
    clock: Deadline
    rungs: tuple[tuple[Rung, pendulum.DateTime], ...]
    not_before: pendulum.DateTime

    @property
    def last(self) -> Rung:
        return self.rungs[-1][0]

    @property
    def also(self) -> frozenset[str]:
        """What the rungs do besides telling people, those that are not sent too."""
        return frozenset(what for rung, _ in self.rungs for what in rung.also)

    @property
    def handing(self) -> Handing | None:
        """What the latest rung that hands the case on does, sent or not."""
        rung = next((rung for rung, _ in reversed(self.rungs) if rung.reassign_to is not None), None)
        return None if rung is None else Handing(self.loaded, self.subject, self.rule, rung)

    @property
    def over(self) -> bool:
        """Whether a reminder would reach people only after the deadline it reminds of."""
        return self.last.after is None and self.not_before >= self.clock.due_at


def climb(
    connection: Connection,
    subjects: Sequence[tuple[Loaded, Subject]],
    until: pendulum.DateTime,
    now: pendulum.DateTime,
) -> list[Climbed]:
    """Let every rung of ``subjects`` (loaded, and as they are now) come that is due at ``until``.

    Of several rungs of one deadline, missed in an outage, the latest is sent and the others are skipped. What
    they do besides is done all the same. Sending waits for the pack's hours, unless the rung is urgent.
    """
    unknown: list[dict[str, Any]] = []
    due = list(_due(connection, subjects, until, now, unknown))
    if unknown:
        _SETTLE.execute(connection, unknown)
    if not due:
        return []
    sending = [each for each in due if not each.over]
    calls = [Call(each.loaded, each.subject, each.rule.holder, each.last.recipients) for each in sending]
    reached = holders.reached(connection, calls, day_of(now)) if calls else []
    found = dict(zip(map(id, sending), reached, strict=True))
    _SETTLE.execute(connection, [row for each in due for row in _settled(each, found.get(id(each)), now)])
    told = [
        notice
        for each, whom in zip(sending, reached, strict=True)
        for notice in _notices(connection, each, whom)
    ]
    notices.write_rungs(connection, told, now)
    _raise_priority(connection, [each.loaded.id for each in due if "raise_priority" in each.also])
    for each in due:
        if "open_incident" in each.also:
            _open_incident(connection, each, now)
    handings = [each.handing for each in due if each.handing is not None]
    for handing in handing_on.write(connection, handings, now):
        _not_handed_on(connection, handing, now)
    return [_climbed(each, found.get(id(each))) for each in due]


def _due(
    connection: Connection,
    subjects: Sequence[tuple[Loaded, Subject]],
    until: pendulum.DateTime,
    now: pendulum.DateTime,
    unknown: list[dict[str, Any]],
) -> Iterator[_Due]:
    of = {loaded.id: (loaded, subject) for loaded, subject in subjects}
    rows = _CAME.all(connection, {"subjects": of, "until": until})
    for (subject_id, name, _), pending in groupby(rows, lambda row: tuple(row[:3])):
        loaded, subject = of[subject_id]
        clock = subject.deadline(name)
        if clock is None:
            raise RuntimeError(f"{subject.ref} has rungs of {name}, which it does not have")
        rungs = {rung.id: (place, rung) for place, rung in enumerate(_rungs(loaded, name))}
        at: dict[str, pendulum.DateTime] = {}
        for row in pending:
            if row.rung in rungs:
                at[row.rung] = instant(row.at)
            else:
                # Another revision, to which the whole call was moved, need not know it.
                unknown.append(
                    {
                        **_key(subject_id, name, row.occurrence, row.rung),
                        **_then("cancelled", None, now),
                    }
                )
        if not at:
            continue
        ordered = sorted(at, key=lambda rung: (at[rung], rungs[rung][0]))
        last = rungs[ordered[-1]][1]
        hours = loaded.procedure.sending_hours
        yield _Due(
            loaded,
            subject,
            loaded.procedure.life(subject.kind).deadline[name],
            clock,
            tuple((rungs[rung][1], at[rung]) for rung in ordered),
            now if last.urgent else sendable(hours, now, loaded.calendar),
        )


def _rungs(loaded: Loaded, deadline: str) -> tuple[Rung, ...]:
    return ladder.of(loaded.procedure, loaded.subject.kind, deadline).rungs


def _settled(due: _Due, reached: Reached | None, now: pendulum.DateTime) -> Iterable[dict[str, Any]]:
    for rung, _ in due.rungs:
        if due.over:
            state, why = "skipped", "too_late"
        elif rung is not due.last:
            state, why = "skipped", "merged"
        else:
            state, why = "fired", None if reached is not None and reached.people else "nobody"
        yield {
            **_key(due.loaded.id, due.clock.name, due.clock.occurrence, rung.id),
            **_then(state, why, now),
        }


def _key(subject_id: int, deadline: str, occurrence: int, rung: str) -> dict[str, Any]:
    return {"of_id": subject_id, "of_name": deadline, "of_occurrence": occurrence, "of_rung": rung}


def _then(state: str, why: str | None, on: datetime.datetime) -> dict[str, Any]:
    return {"then": state, "because": why, "on": on}


def _notices(connection: Connection, due: _Due, reached: Reached) -> Iterator[notices.Rung]:
    """What a rung tells: of a call each recommending unit its own figures, of a case all the same."""
    if due.subject.kind != "call":
        yield _notice(connection, due, frozenset(reached.people))
        return
    people: dict[str, set[int]] = {}
    for person, unit in zip(reached.people, reached.of, strict=True):
        people.setdefault(unit, set()).add(person)
    places = connection.execute(
        select(_bureaus.c.code, _bureaus.c.id).where(
            _bureaus.c.parent_id == due.loaded.bureau_id, _bureaus.c.code.in_(people)
        )
    ).all()
    districts: dict[str, int] = {row.code: row.id for row in places}
    for unit, those in people.items():
        yield _notice(connection, due, frozenset(those), districts.get(unit))


def _notice(
    connection: Connection, due: _Due, people: frozenset[int], district: int | None = None
) -> notices.Rung:
    return notices.Rung(
        replace(due.loaded, subject=due.subject),
        due.clock.name,
        due.clock.occurrence,
        due.last.id,
        due.rungs[-1][1],
        due.last.text,
        people=people,
        channels=due.last.channels,
        urgency=URGENT if due.last.urgent else ORDINARY,
        not_before=due.not_before,
        data={"due": iso(due.clock.due_at)},
        context={
            language: {
                "holder": written.HOLDERS[due.rule.holder].of(language),
                "provisional": "provisional" if due.clock.provisional else "",
                **missing.words(connection, due.loaded, due.subject, language, district),
            }
            for language in ("zh", "en")
        },
    )


def _raise_priority(connection: Connection, subjects: Sequence[int]) -> None:
    if subjects:
        connection.execute(
            update(_work)
            .where(_work.c.subject_id.in_(subjects), _work.c.done_at.is_(None))
            .values(priority=RAISED)
        )


def _open_incident(connection: Connection, due: _Due, now: datetime.datetime) -> None:
    clock = due.clock
    incidents.record_incident(
        connection,
        fingerprint=f"overdue:{due.loaded.id}:{clock.name}:{clock.occurrence}",
        kind="overdue",
        summary=incidents.in_words(
            "overdue",
            lambda language: {
                "ref": due.subject.ref,
                "title": due.rule.title.of(language),
                "due": written.when(clock.due_at, language),
            },
        ),
        detail=f"The ladder of {clock.name} has come to {due.last.id}.",
        now=now,
        subject_id=due.loaded.id,
    )


def _not_handed_on(connection: Connection, handing: Handing, now: datetime.datetime) -> None:
    ref, rule = handing.subject.ref, handing.rule
    incidents.record_incident(
        connection,
        fingerprint=f"not_handed_on:{handing.loaded.id}:{rule.id}",
        kind="not_handed_on",
        summary=incidents.in_words(
            "not_handed_on", lambda language: {"ref": ref, "title": rule.title.of(language)}
        ),
        detail=f"The rung {handing.rung.id} hands it to {handing.rung.reassign_to}; it stays where it is.",
        now=now,
        subject_id=handing.loaded.id,
    )


def _climbed(due: _Due, reached: Reached | None) -> Climbed:
    skipped = tuple(rung.id for rung, _ in due.rungs if due.over or rung is not due.last)
    return Climbed(
        due.subject.ref,
        due.clock.name,
        due.clock.occurrence,
        due.rungs[-1][1],
        None if due.over else due.last.id,
        0 if reached is None else len(reached.people),
        skipped,
    )
