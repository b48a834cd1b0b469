"""What comes after filing begins: a subject of its own kind, linked to the entry of the register it concerns.

Those that differ in nothing but whose they are begin alike: they are decided once, with marks in place of
what is their own (``casework.stencil``), and a few statements write for each what it had written alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Table, bindparam, func, insert, select, true, union_all

from casework import chain, told_alike
from casework.chain import ORIGIN
from casework.loading import Loaded
from casework.recording import ENTRY, EVENT, LEDGER, NEW_CLOCK, STATE, Batch, Hand
from casework.stencil import MARKS, NUMBER, Own, Stencil, marked
from models import Bureau, Deadline, LedgerEntry, Matter, Timer
from models import Subject as SubjectRow
from models.prepared import Prepared, together
from procedure.act import Facts, Refusal
from procedure.definition import Procedure
from procedure.entry import OfEntry
from procedure.machine import begin
from procedure.subject import Record, Subject, SubjectKind
from procedure.working_days import WorkingCalendar

_subjects = SubjectRow.__table__
_bureaus = Bureau.__table__


_SUBJECT: Final = Prepared(insert(_subjects))
_MATTER: Final = Prepared(insert(Matter.__table__))

_OF_SUBJECT: Final = (
    "stage",
    "outcome",
    "version",
    "entered_at",
    "due_at",
    "closed_at",
    "wake_at",
    "passes_at",
)
"""What a move says of a subject that all who begin alike share."""

Run = tuple[int, int]
"""The first and the last of ids without a gap."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where matters begin: their bureau, the revision they follow, its procedure, calendar and the time."""

    bureau_id: int
    revision_id: int
    procedure: Procedure
    calendar: WorkingCalendar
    now: pendulum.DateTime


@dataclass(frozen=True, slots=True)
class Beginning:
    """A matter that is to begin: its kind and number, its particulars, and what it is linked to.

    ``parent`` is the subject it belongs to: of an evaluation its round. ``cause`` is the subject that it
    follows from, once at most.
    """

    kind: SubjectKind
    number: str
    record: Record
    entry: int | None = None
    parent: tuple[int, str] | None = None
    cause: int | None = None
    dates: dict[str, pendulum.DateTime] = field(default_factory=dict[str, pendulum.DateTime])


def begin_all(
    connection: Connection, where: Where, beginnings: Sequence[Beginning], hand: Hand
) -> list[int] | Refusal:
    """Begin all of them in the transaction, and return their ids; the first refusal stops it.

    The caller holds the lock under which SQLite gives out ids.
    """
    decided: list[tuple[list[Beginning], Batch]] = []
    for _, group in groupby(beginnings, _shared):
        alike = list(group)
        batch = _decide(where, alike[0], hand)
        if isinstance(batch, Refusal):
            return batch
        decided.append((alike, batch))
    return [subject for alike, batch in decided for subject in _write(connection, where, alike, batch)]


def _shared(beginning: Beginning) -> tuple[Any, ...]:
    """Return all that is decided on and is not a subject's own: equal for those that begin alike."""
    record = beginning.record
    rest = _particulars(type(record))(record) if isinstance(record, OfEntry) else record
    return beginning.kind, beginning.parent, beginning.dates, type(record), rest


@cache
def _particulars(kind: type[OfEntry]) -> Callable[[OfEntry], Any]:
    """Return what finds the particulars that are not of the entry."""
    return attrgetter(*(each.name for each in fields(kind)[len(fields(OfEntry)) :]))


def _decide(where: Where, one: Beginning, hand: Hand) -> Batch | Refusal:
    """Gather what is written when this one begins, with marks in place of what is its own."""
    parent = None if one.parent is None else one.parent[1]
    blank = Subject(one.kind, MARKS[NUMBER], parent, "", 0, marked(one.record), dates=one.dates)
    decision = begin(where.procedure, blank, Facts(where.calendar), hand.actor, {}, where.now)
    if isinstance(decision, Refusal):
        return decision
    nobody = ("", "")
    loaded = Loaded(
        0,
        where.bureau_id,
        ORIGIN,
        where.procedure,
        blank,
        None,
        None,
        nobody,
        nobody,
        where.calendar,
        where.now,
    )
    batch = Batch(where.now)
    batch.add(loaded, decision.events, decision.subject, (hand,))
    return batch


def _write(connection: Connection, where: Where, alike: list[Beginning], batch: Batch) -> list[int]:
    ids = _new_ids(connection, len(alike))
    each = [Own.of(id_, one.number, one.record) for id_, one in zip(ids, alike, strict=True)]
    events, heads = _sealed(batch, each)
    runs = list(_runs(ids))
    districts = _districts(connection, alike)
    first = alike[0]
    [move] = batch.moves.rows
    state = Stencil(move["state"])
    subject = {
        "kind": first.kind,
        "bureau_id": where.bureau_id,
        "parent_id": None if first.parent is None else first.parent[0],
        "revision_id": where.revision_id,
        "created_at": where.now,
        "district_id": None,
        **{name: move[name] for name in _OF_SUBJECT},
    }
    with together(connection):
        _SUBJECT.fill(
            connection,
            subject,
            {
                "id": ids,
                "state": [state.fill(own.written) for own in each],
                "head": heads,
                "entry_district_id": districts,
            },
        )
        _MATTER.fill(
            connection,
            {
                "bureau_id": where.bureau_id,
                "kind": first.kind,
                "round_id": subject["parent_id"] if first.kind == "evaluation" else None,
            },
            {
                "subject_id": ids,
                "number": [one.number for one in alike],
                "entry_id": [one.entry for one in alike],
                "cause_id": [one.cause for one in alike],
            },
        )
        for common, own in events:
            EVENT.fill(connection, common, own)
        for table, rows in (
            (Deadline.__table__, batch.rows(NEW_CLOCK)),
            (LedgerEntry.__table__, batch.rows(LEDGER)),
            (Timer.__table__, batch.timers.begun),
        ):
            _of_runs(connection, table, rows, runs)
        for statement in (STATE, ENTRY):
            for row in batch.rows(statement):
                statement.fill(connection, _without(row, "of_id"), {"of_id": ids})
    told_alike.write(connection, batch.tales, each, where.now)
    return ids


def _districts(connection: Connection, beginnings: Sequence[Beginning]) -> list[int | None]:
    """Return the recommending unit of each one's entry; a round has none."""
    codes = [each.record.district if isinstance(each.record, OfEntry) else "" for each in beginnings]
    rows = connection.execute(select(_bureaus.c.code, _bureaus.c.id).where(_bureaus.c.code.in_(set(codes))))
    known = {row.code: row.id for row in rows}
    return [known.get(code) for code in codes]


def _new_ids(connection: Connection, count: int) -> list[int]:
    """Return ids for as many new subjects, in rising order."""
    if connection.dialect.name == "sqlite":
        last = connection.execute(select(func.max(_subjects.c.id))).scalar() or 0
        return list(range(last + 1, last + 1 + count))
    sequence = func.nextval(func.pg_get_serial_sequence("subjects", "id"))
    drawn = select(sequence).select_from(func.generate_series(1, count))
    return sorted(connection.execute(drawn).scalars())


def _sealed(
    batch: Batch, each: Sequence[Own]
) -> tuple[list[tuple[dict[str, Any], dict[str, Any]]], list[str]]:
    """Return what all subjects' events have in common, what is their own, and the heads of their chains."""
    heads: list[str] = [ORIGIN] * len(each)
    events: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for row in batch.rows(EVENT):
        fill, seal = Stencil(row["data"]).fill, chain.sealing(row)
        ids = [one.id for one in each]
        data = [fill(one.written) for one in each]
        own = {"subject_id": ids, "data": data, "prev_hash": heads, "hash": list(map(seal, ids, data, heads))}
        heads = own["hash"]
        events.append((_without(row, *own), own))
    return events, heads


def _of_runs(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], runs: Sequence[Run]
) -> None:
    if rows:
        given = {f"{name}_{n}": value for n, row in enumerate(rows) for name, value in row.items()}
        ranges = [{**given, "first_id": first, "last_id": last} for first, last in runs]
        _of_each(table, len(rows)).execute(connection, ranges)


@cache
def _of_each(table: Table, count: int) -> Prepared:
    """Return the statement that writes so many rows, whose columns are given, for each of a row of subjects.

    Subject by subject, as the keys lie: row by row it would go through the same pages of them each time.
    """
    given = [column for column in table.c if column.name != "subject_id"]
    rows = union_all(
        *(
            select(*(bindparam(f"{each.name}_{n}", type_=each.type).label(each.name) for each in given))
            for n in range(count)
        )
    ).cte("given")
    subjects = (
        select(_subjects.c.id, *rows.c)
        .join(rows, true())
        .where(_subjects.c.id.between(bindparam("first_id"), bindparam("last_id")))
        .order_by(_subjects.c.id)
    )
    names = ["subject_id", *(column.name for column in given)]
    return Prepared(insert(table).from_select(names, subjects, include_defaults=False))


def _runs(ids: Sequence[int]) -> Iterator[Run]:
    """Yield the runs without a gap that rising ids are made of: others may draw some in between."""
    first = last = ids[0]
    for each in ids[1:]:
        if each != last + 1:
            yield first, last
            first = each
        last = each
    yield first, last


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
