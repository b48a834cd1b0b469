"""Rounds of evaluation: announced by the city bureau with their dates, opened in batch by the program."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import pendulum
from pydantic import StringConstraints
from sqlalchemy import Connection, Engine, Row, Select, func, select

from casework import access, calendars, clock, loading, matters, procedures
from casework.access import Claim, NoSuchRole, NotTheSubstitute
from casework.acts import LONGEST_KEY, Receipt, attempt, refuse, usable
from casework.beginning import Beginning, Where, begin_all
from casework.giving_way import Chunk
from casework.recording import Hand
from casework.uncollected import uncollected
from models import Bureau, Call, Case, Event, Matter, Organisation, RegisterEntry, Revision
from models import Subject as SubjectRow
from models.database import reading, writing
from procedure.act import SYSTEM, Refusal
from procedure.acts import parsed
from procedure.acts.act_type import Payload
from procedure.definition import Procedure
from procedure.evaluation import Evaluation, Purpose, Round
from procedure.instant import Day, day_of, end_of, instant
from procedure.text import shown

_matters = Matter.__table__
_events = Event.__table__
_subjects = SubjectRow.__table__
_entries = RegisterEntry.__table__
_revisions = Revision.__table__
_bureaus = Bureau.__table__
_cases = Case.__table__
_calls = Call.__table__
_leads = Organisation.__table__.alias("leads")
_districts = Bureau.__table__.alias("districts")

CHUNK: Final = 500
"""The most tasks opened in one transaction."""


class Announced(Payload):
    """A round as the bureau announces it; what is left out follows from the pack's settings.

    ``filed_until`` is the last day of filing of the entries that are due: by default the pack's interval
    before today. The round's ``code`` is unique within the bureau.
    """

    code: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\s/]+$")]
    period: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    purpose: Purpose = "evaluation"
    filed_until: Day | None = None
    self_report: Day | None = None
    last_report: Day | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What one look for rounds to open did: the tasks opened, by round."""

    tasks: dict[str, int]


def announce(
    engine: Engine, bureau: str, claim: Claim, particulars: Mapping[str, Any], key: str | None = None
) -> Receipt | Refusal:
    """Announce a round (``Announced``) of a city bureau; the tasks of the entries due are opened by a flow.

    Refused where no entry is due, where the code is taken, or where the dates lie behind or out of order.
    Announced again by the same person with the same ``key``, it answers as it did at first.
    """
    if key is not None and not usable(key):
        return Refusal("bad_key", {"key": shown(key), "at_most": LONGEST_KEY})
    wanted = parsed("announce_round", Announced, particulars)
    if isinstance(wanted, Refusal):
        return wanted

    def once() -> Receipt | Refusal:
        with writing(engine) as connection:
            answer = _announce(connection, bureau, claim, wanted, key)
            if isinstance(answer, Refusal):
                refuse(answer)
            return answer

    return attempt(once)


def _announce(
    connection: Connection, bureau: str, claim: Claim, wanted: Announced, key: str | None
) -> Receipt | Refusal:
    now = clock.now(connection)
    try:
        actors = access.roles_of(connection, claim, day_of(now))
    except NotTheSubstitute:
        return Refusal("not_the_substitute", {"role": claim.role})
    except NoSuchRole:
        return Refusal("no_such_role", {"role": claim.role})
    actor = next((each for each in actors if each.bureau == bureau), None)
    if actor is None:
        return Refusal("not_yours", {"ref": bureau, "role": claim.role, "acting_for": actors[0].bureau or ""})
    place = connection.execute(select(_bureaus.c.id).where(_bureaus.c.code == bureau)).scalar_one()
    done = None if key is None else _announced_with(connection, place, actor.person, key)
    if done is not None:
        return done if done.ref == wanted.code else Refusal("key_used", {"key": key, "act": "announce_round"})
    revision = revision_of(connection, place)
    if revision is None:
        return Refusal("no_entry_is_due", {"bureau": bureau, "filed_until": day_of(now).isoformat()})
    procedure = procedures.of_revision(connection, revision)
    if _taken(connection, place, wanted.code):
        return Refusal("code_taken", {"field": "code", "value": wanted.code})
    calendar = calendars.current(connection, day_of(now))
    dates = _dates(procedure, calendar, wanted, now)
    if isinstance(dates, Refusal):
        return dates
    until = wanted.filed_until or _due_until(procedure, now)
    due = due_entries(place, end_of(until), day_of(now)).with_only_columns(func.count()).order_by(None)
    if not connection.execute(due).scalar_one():
        return Refusal("no_entry_is_due", {"bureau": bureau, "filed_until": until.isoformat()})
    where = Where(place, revision, procedure, calendar, now)
    record = Round(wanted.code, wanted.purpose, wanted.period, end_of(until))
    begun = begin_all(
        connection,
        where,
        [Beginning("round", wanted.code, record, dates=dates)],
        Hand(actor, "announce_round", key),
    )
    if isinstance(begun, Refusal):
        return begun
    return Receipt(wanted.code, 1, procedure.life("round").start, None, now)


def open_tasks(engine: Engine) -> Opened:
    """Open the task of every entry due in every round that is being opened, and note those as opened.

    In chunks of a transaction each: whatever stops it, the next run goes on where it stood.
    """
    opened: dict[str, int] = {}
    with reading(engine) as connection:
        found = connection.execute(_being_opened()).scalar()
        if found is None:
            return Opened(opened)
        # To read a pack for the first time takes long: nobody is to wait for it at the lock.
        loading.one(connection, found)
    chunk = Chunk(engine, CHUNK)
    with engine.connect() as connection:
        while True:
            with uncollected(), connection.begin():
                began = time.perf_counter()
                chunk.look(connection)
                # Kept from others until the transaction ends.
                found = connection.execute(_being_opened().with_for_update()).scalar()
                if found is None:
                    return Opened(opened)
                code, done = _open_chunk(connection, found, chunk.size)
            opened[code] = opened.get(code, 0) + done
            if done:
                chunk.give_way(done, time.perf_counter() - began)


def _being_opened() -> Select[Any]:
    """Return the query for the round that is being opened since longest."""
    return (
        select(_subjects.c.id)
        .where(
            # Along the index of stages, bureau by bureau: along the ids it would pass every case there is.
            _subjects.c.bureau_id.in_(select(_bureaus.c.id)),
            _subjects.c.kind == "round",
            _subjects.c.stage == "opening",
            _subjects.c.outcome.is_(None),
        )
        .order_by(_subjects.c.id + 0)
        .limit(1)
    )


def _open_chunk(connection: Connection, round_id: int, most: int) -> tuple[str, int]:
    loaded = loading.one(connection, round_id)
    record = loaded.subject.record
    if not isinstance(record, Round):
        raise TypeError(f"{loaded.subject.ref} is a {loaded.subject.kind}")
    so_far = select(func.max(_matters.c.entry_id)).where(_matters.c.round_id == round_id)
    last = connection.execute(so_far).scalar() or 0
    due = due_entries(loaded.bureau_id, record.filed_until, day_of(loaded.now))
    rows = connection.execute(due.where(_entries.c.id > last).limit(most)).all()
    if not rows:
        opened = select(func.count()).where(_matters.c.round_id == round_id)
        count = int(connection.execute(opened).scalar_one())
        matters.act(connection, round_id, "be_opened", {"opened": count}, loaded.now)
        return record.code, 0
    revision = connection.execute(
        select(_subjects.c.revision_id).where(_subjects.c.id == round_id)
    ).scalar_one()
    where = Where(loaded.bureau_id, revision, loaded.procedure, loaded.calendar, loaded.now)
    parent = (round_id, loaded.subject.ref)
    beginnings = [_beginning(row, record, parent, loaded.subject.dates) for row in rows]
    answer = begin_all(connection, where, beginnings, Hand(SYSTEM))
    if isinstance(answer, Refusal):
        raise RuntimeError(f"the tasks of round {record.code} cannot be opened: {answer.code}")
    return record.code, len(rows)


def _beginning(
    row: Row[Any], record: Round, parent: tuple[int, str], dates: dict[str, pendulum.DateTime]
) -> Beginning:
    evaluation = Evaluation(
        row.number, row.name, row.uscc, row.lead_name, row.district, record.code, record.purpose
    )
    return Beginning("evaluation", f"{record.code}/{row.number}", evaluation, row.id, parent, dates=dates)


def due_entries(bureau_id: int, filed_until: pendulum.DateTime, today: pendulum.Date) -> Any:
    """Return the query for the entries that are valid and were filed by then, in the order of their ids.

    One whose last day is over is not valid, though no sweep has been there yet.
    """
    return (
        select(
            _entries.c.id,
            _entries.c.number,
            _entries.c.name,
            _leads.c.uscc,
            _leads.c.name.label("lead_name"),
            _districts.c.code.label("district"),
        )
        .join(_leads, _leads.c.id == _entries.c.lead_id)
        .join(_cases, _cases.c.subject_id == _entries.c.subject_id)
        .join(_districts, _districts.c.id == _cases.c.district_id)
        .where(
            # Along the ids: what an index of the bureau gives would be sorted anew for every chunk.
            _entries.c.bureau_id + 0 == bureau_id,
            _entries.c.state == "valid",
            _entries.c.valid_to.is_(None) | (_entries.c.valid_to >= today),
            _entries.c.filed_at <= filed_until,
        )
        .order_by(_entries.c.id)
    )


def revision_of(connection: Connection, bureau_id: int) -> int | None:
    """Return the newest revision of the pack of the bureau's latest entry; None before it has any."""
    code = connection.execute(
        select(_revisions.c.code)
        .join(_subjects, _subjects.c.revision_id == _revisions.c.id)
        .join(_matters, _matters.c.subject_id == _subjects.c.id)
        .where(_matters.c.bureau_id == bureau_id, _matters.c.kind == "entry")
        .order_by(_matters.c.subject_id.desc())
        .limit(1)
    ).scalar()
    return None if code is None else procedures.latest(connection, code)


def _announced_with(connection: Connection, bureau_id: int, person: int | None, key: str) -> Receipt | None:
    """Return the round that this person announced with ``key``, if any."""
    row = connection.execute(
        select(_matters.c.number, _events.c.effective_at, _subjects.c.stage, _subjects.c.outcome)
        .join(_events, _events.c.subject_id == _matters.c.subject_id)
        .join(_subjects, _subjects.c.id == _matters.c.subject_id)
        .where(
            _matters.c.bureau_id == bureau_id,
            _matters.c.kind == "round",
            _events.c.seq == 1,
            _events.c.person_id == person,
            _events.c.act_key == key,
        )
    ).first()
    if row is None:
        return None
    return Receipt(row.number, 1, row.stage, row.outcome, instant(row.effective_at), repeated=True)


def _taken(connection: Connection, bureau_id: int, code: str) -> bool:
    """Return whether a call, a case or a matter of the bureau is called so already."""
    for table, column in ((_matters, "number"), (_calls, "code"), (_cases, "number")):
        taken = select(table.c.subject_id).where(table.c.bureau_id == bureau_id, table.c[column] == code)
        if connection.execute(taken).first() is not None:
            return True
    return False


def _due_until(procedure: Procedure, now: pendulum.DateTime) -> pendulum.Date:
    return day_of(now).subtract(months=int(procedure.values["evaluation_interval"]))


def _dates(
    procedure: Procedure, calendar: Any, wanted: Announced, now: pendulum.DateTime
) -> dict[str, pendulum.DateTime] | Refusal:
    first = wanted.self_report or calendar.add(day_of(now), int(procedure.values["self_report_days"]))
    last = wanted.last_report or calendar.add(first, int(procedure.values["report_grace_days"]))
    if first < day_of(now):
        told = {"field": "self_report", "value": first.isoformat(), "now": instant(now).isoformat()}
        return Refusal("time_behind", told)
    if last < first:
        return Refusal(
            "dates_out_of_order",
            {"field": "last_report", "value": last.isoformat(), "first": first.isoformat()},
        )
    return {"self_report": end_of(first), "last_report": end_of(last)}
