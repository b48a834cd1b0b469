"""Calls and applications begin: a call pins its procedure's revision, and its applications inherit it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pendulum
from sqlalchemy import Connection, Engine, Row, insert, select

from casework import access, bars, calendars, facts, loading, procedures
from casework.access import Claim, NoSuchRole, NotTheSubstitute
from casework.acts import LONGEST_KEY, Receipt, attempt, refuse, usable
from casework.chain import ORIGIN
from casework.clock import now as present
from casework.loading import Loaded, NoSuchSubject
from casework.recording import Batch, Hand
from models import Bureau, Call, Case, Event, Organisation
from models import Subject as SubjectRow
from models.database import writing
from procedure import register, subject
from procedure.act import SYSTEM, Actor, Decision, Facts, Refusal
from procedure.acts.draft import application, blank
from procedure.definition import NamedDate, Procedure
from procedure.fault import Fault
from procedure.form import FormProblem
from procedure.instant import calendar_day, day_of, end_of, instant, iso, local_instant
from procedure.machine import begin, settle
from procedure.subject import Subject
from procedure.text import shown
from procedure.working_days import FIRST_DAY, LAST_DAY

_calls = Call.__table__
_cases = Case.__table__
_subjects = SubjectRow.__table__
_bureaus = Bureau.__table__
_organisations = Organisation.__table__
_events = Event.__table__


class BadDates(ValueError):
    """The dates given for a call do not fit what its procedure asks for; ``problems`` names each."""

    def __init__(self, problems: Sequence[FormProblem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.rule}" for problem in problems))
        self.problems = tuple(problems)


def announce(
    engine: Engine,
    revision_id: int,
    code: str,
    claim: Claim,
    dates: Mapping[str, str] | None = None,
    title: tuple[str, str] | None = None,
) -> Receipt | Refusal:
    """Announce a call under a published revision; ``dates`` replace the pack's own by name (local times).

    Raises BadDates for dates that are missing, malformed or out of order.
    """

    def once() -> Receipt | Refusal:
        with writing(engine) as connection:
            now = present(connection)
            procedure = procedures.of_revision(connection, revision_id)
            actor = _actor(connection, claim, now, procedure.bureau.code)
            if isinstance(actor, Refusal):
                return actor
            bureau_id = connection.execute(
                select(_bureaus.c.id).where(_bureaus.c.code == procedure.bureau.code)
            ).scalar_one()
            if connection.execute(
                select(_calls.c.code).where(_calls.c.bureau_id == bureau_id, _calls.c.code == code)
            ).scalar():
                return Refusal("call_exists", {"code": code})
            resolved = resolve(procedure, dates or {})
            fresh = Subject("call", code, None, "", 0, subject.Call(code), dates=resolved)
            decision = begin(
                procedure,
                fresh,
                Facts(calendars.current(connection, day_of(now))),
                actor,
                {"code": code},
                now,
            )
            if isinstance(decision, Refusal):
                return decision
            call_id = _insert(connection, decision, bureau_id, None, revision_id, now)
            names = title or (procedure.title.zh, procedure.title.en)
            window = _window(procedure, resolved, now)
            if window[1] is not None and window[1] <= window[0]:
                rule = Fault("no_window")
                raise BadDates([FormProblem("window", iso(window[1]), "no_window", rule)])
            connection.execute(
                insert(_calls).values(
                    subject_id=call_id,
                    bureau_id=bureau_id,
                    code=code,
                    title_zh=names[0],
                    title_en=names[1],
                    opens_at=window[0],
                    closes_at=window[1],
                    dates={name: at.isoformat() for name, at in resolved.items()},
                )
            )
            return _record(connection, call_id, decision, Hand(actor, "announce"), now)

    return attempt(once)


def start(
    engine: Engine, call_id: int, claim: Claim, district: str, key: str | None = None, lead: str | None = None
) -> Receipt | Refusal:
    """Begin an application of the claim's unit in an open call; ``district`` is its first authority's code.

    ``lead`` names the unit by USCC where the person speaks for several.
    """

    def once() -> Receipt | Refusal:
        if key is not None and not usable(key):
            return Refusal("bad_key", {"key": shown(key), "at_most": LONGEST_KEY})
        with writing(engine) as connection:
            try:
                call = loading.one(connection, call_id)
                now = call.now
                actors = access.roles_of(connection, claim, day_of(now))
            except NoSuchSubject:
                return Refusal("not_found", {"ref": call_id})
            except NotTheSubstitute:
                return Refusal("not_the_substitute", {"role": claim.role})
            except NoSuchRole:
                return Refusal("no_such_role", {"role": claim.role})
            actor = next((each for each in actors if lead in (None, each.organisation)), None)
            if actor is None or actor.organisation is None:
                return Refusal(
                    "not_yours", {"ref": call.subject.ref, "role": claim.role, "acting_for": lead or ""}
                )
            call = _settled(connection, call, now)
            unit = connection.execute(
                select(_organisations).where(_organisations.c.uscc == actor.organisation)
            ).one()
            place = connection.execute(
                select(_bureaus).where(_bureaus.c.code == district, _bureaus.c.parent_id == call.bureau_id)
            ).one_or_none()
            if place is None:
                return Refusal("unknown_district", {"district": district})
            done = None if key is None else _begun_with(connection, call_id, unit.id, key)
            if done is not None:
                if done.person_id != claim.person:
                    return Refusal("key_used", {"key": key, "act": "start"})
                there = loading.one(connection, done.subject_id).subject
                at = instant(done.effective_at)
                return Receipt(there.ref, 1, there.stage, there.outcome, at, repeated=True)
            other = connection.execute(
                select(_cases.c.number).where(
                    _cases.c.call_id == call_id, _cases.c.lead_id == unit.id, _cases.c.closed.is_(False)
                )
            ).scalar()
            stand = bars.standing(connection, call.bureau_id, [unit.uscc])
            known = replace(facts.plain(call), call=call.subject, other_open_case=other, bars=stand)
            n = facts.next_number(connection, call.bureau_id, f"case:{now.year}")
            number = register.case_number(call.procedure, now.year, n)
            particulars = application(unit.uscc, unit.name, unit.kind, place.code, place.kind)
            fresh = blank(number, call.subject, particulars)
            decision = begin(
                call.procedure, fresh, known, actor, {"lead": unit.uscc, "district": place.code}, now
            )
            if isinstance(decision, Refusal):
                refuse(decision)
                raise AssertionError
            revision_id = connection.execute(
                select(_subjects.c.revision_id).where(_subjects.c.id == call_id)
            ).scalar_one()
            case_id = _insert(connection, decision, call.bureau_id, call_id, revision_id, now, place.id)
            connection.execute(
                insert(_cases).values(
                    subject_id=case_id,
                    call_id=call_id,
                    bureau_id=call.bureau_id,
                    number=number,
                    lead_id=unit.id,
                    district_id=place.id,
                )
            )
            return _record(connection, case_id, decision, Hand(actor, "start", key), now)

    return attempt(once)


def resolve(procedure: Procedure, given: Mapping[str, str]) -> dict[str, pendulum.DateTime]:
    """Return the call's dates as instants, the pack's own where not ``given``; raises BadDates."""
    names = list(procedure.dates)
    problems = [
        FormProblem(name, text, "unknown_date", Fault("unknown_date", known=names), {"dates": names})
        for name, text in given.items()
        if name not in procedure.dates
    ]
    resolved: dict[str, pendulum.DateTime] = {}
    for name, rule in procedure.dates.items():
        text = given.get(name, rule.value)
        if text is None:
            continue
        try:
            resolved[name] = _moment(rule, str(text))
        except (ValueError, OverflowError):
            form = "2024-08-04T18:00" if rule.kind == "instant" else "2024-08-13"
            expected = Fault("no_date", what=rule.kind, example=form, given=text)
            problems.append(FormProblem(name, str(text), f"not_{rule.kind}", expected))
    instants = [(name, resolved[name]) for name in procedure.dates if name in resolved]
    problems += [
        FormProblem(
            later,
            iso(at),
            "before",
            Fault("lies_before", at=at.isoformat(), earlier=earlier, before=before.isoformat()),
            {"earlier": earlier, "before": iso(before)},
        )
        for (earlier, before), (later, at) in pairwise(instants)
        if at < before
    ]
    if problems:
        raise BadDates(problems)
    return resolved


def _moment(rule: NamedDate, text: str) -> pendulum.DateTime:
    if rule.kind == "instant" and ":" not in text:
        # A day alone would read as its first instant.
        raise ValueError(text)
    at = end_of(calendar_day(text)) if rule.kind == "day" else local_instant(text)
    # What lies beyond the calendar could neither be suspended nor counted.
    if not FIRST_DAY <= day_of(at) <= LAST_DAY:
        raise ValueError(text)
    return at


def _window(
    procedure: Procedure, dates: Mapping[str, pendulum.DateTime], now: pendulum.DateTime
) -> tuple[datetime.datetime, datetime.datetime | None]:
    """Return when the call opens and closes: the dates that bound the stage in which applications start."""
    life = procedure.call
    opening = life.deadline[life.stage[life.start].deadlines[0]] if life.stage[life.start].deadlines else None
    named = procedure.application.start_while
    closing = (
        life.deadline[life.stage[named].deadlines[0]]
        if named is not None and life.stage[named].deadlines
        else None
    )
    opens = dates.get(opening.due.date or "") if opening is not None and named != life.start else None
    closes = dates.get(closing.due.date or "") if closing is not None else None
    return opens or now, closes


def _actor(connection: Connection, claim: Claim, now: pendulum.DateTime, bureau: str) -> Actor | Refusal:
    try:
        actors = access.roles_of(connection, claim, day_of(now))
    except NotTheSubstitute:
        return Refusal("not_the_substitute", {"role": claim.role})
    except NoSuchRole:
        return Refusal("no_such_role", {"role": claim.role})
    actor = next((each for each in actors if each.bureau == bureau), None)
    return actor or Refusal(
        "not_yours", {"ref": bureau, "role": claim.role, "acting_for": actors[0].bureau or ""}
    )


def _begun_with(connection: Connection, call_id: int, lead_id: int, key: str) -> Row[Any] | None:
    """Return the beginning of the lead's case in the call that bears ``key``, whatever became of the case."""
    return connection.execute(
        select(_events.c.subject_id, _events.c.person_id, _events.c.effective_at)
        .join(_cases, _cases.c.subject_id == _events.c.subject_id)
        .where(
            _cases.c.call_id == call_id,
            _cases.c.lead_id == lead_id,
            _events.c.seq == 1,
            _events.c.act_key == key,
        )
    ).one_or_none()


def _settled(connection: Connection, call: Loaded, now: pendulum.DateTime) -> Loaded:
    after, events = settle(call.procedure, call.subject, facts.plain(call), now)
    if not events:
        return call
    batch = Batch(now)
    batch.add(call, events, after, (Hand(SYSTEM),) * len(events))
    batch.write(connection)
    return loading.one(connection, call.id)


def _insert(
    connection: Connection,
    decision: Decision,
    bureau_id: int,
    parent_id: int | None,
    revision_id: int,
    now: pendulum.DateTime,
    district_id: int | None = None,
) -> int:
    """Insert the subject as it is before its first event, which the recording then moves on."""
    fresh = decision.before
    return int(
        connection.execute(
            insert(_subjects)
            .values(
                kind=fresh.kind,
                bureau_id=bureau_id,
                parent_id=parent_id,
                revision_id=revision_id,
                stage=decision.subject.stage,
                version=0,
                state=subject.dump(fresh),
                head=ORIGIN,
                entered_at=now,
                created_at=now,
                district_id=district_id,
            )
            .returning(_subjects.c.id)
        ).scalar_one()
    )


def _record(
    connection: Connection, subject_id: int, decision: Decision, hand: Hand, now: pendulum.DateTime
) -> Receipt:
    batch = Batch(now)
    batch.add(loading.one(connection, subject_id), decision.events, decision.subject, (hand,))
    batch.write(connection)
    after = decision.subject
    return Receipt(after.ref, after.version, after.stage, after.outcome, now)
