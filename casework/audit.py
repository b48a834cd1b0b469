"""Proof that the record was not altered: chains recomputed, and compared with an anchor kept elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import orjson
import pendulum
from sqlalchemy import Connection, Row, Text, select, type_coerce

from casework import chain, clock, loading, proof
from casework.findings import Finding
from models import Event, Matter, RegisterEntry, RegisterState, Revision, Subject
from models.instant import Instant
from procedure import event as events
from procedure import subject as subjects
from procedure.fault import Fault
from procedure.instant import instant, iso
from procedure.machine import replay

_events = Event.__table__
_subjects = Subject.__table__
_register = RegisterEntry.__table__
_revisions = Revision.__table__
_matters = Matter.__table__
_states = RegisterState.__table__


class BadAnchor(ValueError):
    """The anchor file is none that ``anchor`` wrote."""


CHUNK: Final = 500
"""Subjects whose events are held in memory at once."""

FILED: Final = ("number", "name", "direction", "document_number", "valid_from", "valid_to")
"""What an entry of the register has from its filing."""


def verify(connection: Connection, anchored: "Anchor | None" = None) -> Iterator[Finding]:
    """Yield every altered, removed or reordered event, and those cut from a tail before ``anchored``.

    A subject whose state, stage, outcome or entry in the register is not what its events make is named too,
    and so is every state of the register, and every attempt to deliver a notice, that was altered or removed.
    """
    anchors = dict(anchored.heads) if anchored is not None else {}
    last_id = 0
    while chunk := connection.execute(
        select(
            *(_subjects.c[name] for name in ("id", "version", "head", "state", "stage", "outcome")),
            _revisions.c.content_hash,
        )
        .join(_revisions, _revisions.c.id == _subjects.c.revision_id)
        .where(_subjects.c.id > last_id)
        .order_by(_subjects.c.id)
        .limit(CHUNK)
    ).all():
        within = (last_id, chunk[-1].id)
        last_id = chunk[-1].id
        own_rows = _rows(connection, within)
        said = _register_states(connection, within)
        entries = {
            row.subject_id: row
            for row in connection.execute(
                select(_register).where(_register.c.subject_id.between(within[0] + 1, within[1]))
            )
        }
        for subject in chunk:
            own = own_rows.get(subject.id, [])
            yield from _of_subject(subject, own, entries.get(subject.id))
            yield from _of_register(subject.id, own, said.get(subject.id))
            if anchored is not None:
                yield from _against(anchored.at, subject.id, anchors.pop(subject.id, None), own)
    for subject_id, (seq, _) in sorted(anchors.items()):
        yield Finding(subject_id, seq, "cut", "the anchor knows a subject that is gone")
    yield from proof.verify(connection)
    if anchored is not None and anchored.deliveries is not None:
        yield from proof.against(connection, *anchored.deliveries, anchored.at)


def _rows(connection: Connection, within: tuple[int, int]) -> dict[int, list[Row[Any]]]:
    """Return the events of the subjects in a span of ids, in order, with their instants as stored.

    Who alters a row may write what is no instant; reading it must not fail.
    """
    raw = [
        type_coerce(column, Text).label(column.name)
        if isinstance(column.type, Instant) and connection.dialect.name == "sqlite"
        else column
        for column in _events.c
    ]
    rows = connection.execute(
        select(*raw)
        .where(_events.c.subject_id > within[0], _events.c.subject_id <= within[1])
        .order_by(_events.c.subject_id, _events.c.seq)
    )
    return {subject_id: list(own) for subject_id, own in groupby(rows, lambda row: row.subject_id)}


def _of_subject(subject: Row[Any], rows: list[Row[Any]], entry: Row[Any] | None) -> Iterator[Finding]:
    found = list(_chain(subject.id, rows))
    yield from found
    seq, head = (rows[-1].seq, rows[-1].hash) if rows else (0, chain.ORIGIN)
    if seq < subject.version:
        yield Finding(
            subject.id, seq + 1, "cut", f"the subject is at {subject.version}, its last event is {seq}"
        )
    elif seq > subject.version:
        yield Finding(subject.id, seq, "head_changed", f"the subject says that it is at {subject.version}")
    elif head != subject.head and not found:
        yield Finding(subject.id, seq, "head_changed", "the subject's head is not its last event's hash")
    elif not found:
        wrong = _differs(subject, rows, entry)
        if wrong is not None:
            yield Finding(subject.id, seq, "state_changed", f"{wrong} is not what its events make")


def _register_states(
    connection: Connection, within: tuple[int, int]
) -> dict[int, list[tuple[int, str, str]]]:
    """Return what the register said of each entry of a span of subjects, and since when, in order.

    An entry that never was in any state has an empty list.
    """
    since = _states.c.since
    if connection.dialect.name == "sqlite":
        since = type_coerce(since, Text).label("since")
    rows = connection.execute(
        select(_matters.c.subject_id, _states.c.number, _states.c.state, since)
        .outerjoin(_states, _states.c.entry_id == _matters.c.entry_id)
        .where(
            _matters.c.kind == "entry",
            _matters.c.subject_id > within[0],
            _matters.c.subject_id <= within[1],
        )
        .order_by(_matters.c.subject_id, _states.c.number)
    )
    said: dict[int, list[tuple[int, str, str]]] = {}
    for row in rows:
        own = said.setdefault(row.subject_id, [])
        if row.number is not None:
            own.append((row.number, row.state, _readable(row.since)))
    return said


def _of_register(
    subject_id: int, rows: list[Row[Any]], said: list[tuple[int, str, str]] | None
) -> Iterator[Finding]:
    """Yield the states of the register that are not what the entry's events make of it."""
    if said is None:
        return
    made: list[tuple[int, str, str]] = []
    for row in rows:
        try:
            event = events.load(row.data)
        except (ValueError, KeyError, TypeError):
            # The chain has named it already.
            return
        if event.stage or event.outcome:
            made.append((row.seq, str(event.outcome or event.stage), _readable(row.effective_at)))
    for number, state, since in sorted({*made} ^ {*said}):
        what = "is missing" if (number, state, since) in made else "is not what its events make"
        yield Finding(
            subject_id, number, "register_changed", f"the register's state {state} since {since} {what}"
        )


def _readable(at: Any) -> str:
    try:
        return iso(instant(at))
    except ValueError:
        return str(at)


def _chain(subject_id: int, rows: list[Row[Any]]) -> Iterator[Finding]:
    """Yield what is wrong with the events of one subject: each altered one once, under its own number."""
    seq, head, suspect = 0, chain.ORIGIN, False
    for row in rows:
        for missing in range(seq + 1, row.seq):
            yield Finding(subject_id, missing, "removed", f"event {missing} is missing")
        was = _sealed_as(row._mapping, len(rows) + row.seq)
        if was is None:
            yield Finding(subject_id, row.seq, "changed", f"event {row.seq} ({row.kind}) was altered")
        elif was != row.seq:
            yield Finding(subject_id, row.seq, "reordered", f"it was recorded as event {was}")
        elif row.seq == seq + 1 and row.prev_hash != head and not suspect:
            # Both are whole in themselves: the earlier one was replaced, hash and all.
            yield Finding(subject_id, seq, "changed", f"event {row.seq} follows another one than this")
        else:
            yield from _personal(subject_id, row)
        seq, head, suspect = row.seq, row.hash, was != row.seq


def _sealed_as(row: Mapping[Any, Any], most: int) -> int | None:
    """Return the number under which an event was sealed, its own if it was not moved; None if altered."""
    whole = dict(row)
    try:
        for name in ("effective_at", "recorded_at"):
            whole[name] = instant(whole[name])
    except ValueError:
        return None
    for number in (row["seq"], *range(1, most + 1)):
        if chain.seal({**whole, "seq": number}, row["prev_hash"]) == row["hash"]:
            return number
    return None


def _personal(subject_id: int, row: Row[Any]) -> Iterator[Finding]:
    if row.personal is None:
        return
    digests = events.load(row.data).digests
    try:
        stored = {path: chain.digest(*pair) for path, pair in orjson.loads(row.personal).items()}
    except (ValueError, TypeError, AttributeError):
        stored = dict[str, str]()
    for path in sorted({*digests, *stored}):
        if stored.get(path) != digests.get(path):
            yield Finding(subject_id, row.seq, "personal_changed", f"{path} is not what was recorded")


def _differs(subject: Row[Any], rows: list[Row[Any]], entry: Row[Any] | None) -> str | None:
    """Return which of a subject's rows is not what its events make, None if all are."""
    try:
        made = replay(events.load(row.data, loading.personal(row.personal)) for row in rows)
        kept = subjects.load(subject.state)
    except (ValueError, KeyError, TypeError):
        return "the subject's state"
    if made != kept:
        return "the subject's state"
    if (made.stage, made.outcome) != (subject.stage, subject.outcome):
        return "the subject's stage or outcome"
    moves = [row for row in rows if row.kind == "revision_changed"]
    if moves and orjson.loads(moves[-1].data)["data"]["to"] != subject.content_hash:
        return "the subject's revision"
    filing = made.record.filing if isinstance(made.record, subjects.Application) else None
    listed = None if entry is None else tuple(getattr(entry, name) for name in FILED)
    if listed != (None if filing is None else tuple(getattr(filing, name) for name in FILED)):
        return "the register's entry"
    return None


def _against(
    at: str, subject_id: int, known: tuple[int, str] | None, rows: list[Row[Any]]
) -> Iterator[Finding]:
    if known is None:
        return
    seq, head = known
    last = rows[-1].seq if rows else 0
    if last < seq:
        yield Finding(
            subject_id, last + 1, "cut", f"the anchor of {at} knows event {seq}; the last is {last}"
        )
    elif head not in {row.hash for row in rows if row.seq == seq}:
        yield Finding(subject_id, seq, "changed", f"event {seq} is not the one that the anchor of {at} knows")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The heads of all chains at one instant, and the last attempt to deliver.

    It is to be kept where the database's administrators cannot write.
    """

    at: str
    heads: dict[int, tuple[int, str]]
    deliveries: tuple[int, str] | None = None

    def root(self) -> str:
        """Return one digest over all heads, short enough to be published or printed."""
        listed: list[Any] = [[subject_id, *self.heads[subject_id]] for subject_id in sorted(self.heads)]
        if self.deliveries is not None:
            listed.append(self.deliveries)
        return chain.digest(self.at, orjson.dumps(listed).decode())

    def write(self, path: Path) -> None:
        """Write the anchor as JSON."""
        heads = {str(subject_id): head for subject_id, head in sorted(self.heads.items())}
        path.write_bytes(
            orjson.dumps(
                {"at": self.at, "root": self.root(), "heads": heads, "deliveries": self.deliveries},
                option=orjson.OPT_INDENT_2,
            )
        )


def anchor(connection: Connection) -> Anchor:
    """Return the present anchor."""
    now: pendulum.DateTime = clock.now(connection)
    rows = connection.execute(select(_subjects.c.id, _subjects.c.version, _subjects.c.head))
    heads = {row.id: (row.version, row.head) for row in rows}
    return Anchor(iso(now), heads, proof.end(connection))


def read_anchor(path: Path) -> Anchor:
    """Return the anchor written to ``path``; raises BadAnchor when it is none or was altered."""
    try:
        content = orjson.loads(path.read_bytes())
        found = Anchor(
            content["at"],
            {int(key): (int(seq), str(head)) for key, (seq, head) in content["heads"].items()},
            # Anchors of earlier versions know nothing of deliveries.
            None
            if content.get("deliveries") is None
            else (int(content["deliveries"][0]), str(content["deliveries"][1])),
        )
    except OSError as error:
        raise BadAnchor(Fault("anchor_unread", path=path, why=error.strerror)) from error
    except KeyError as error:
        raise BadAnchor(Fault("anchor_lacks", path=path, key=error.args[0])) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise BadAnchor(Fault("no_anchor", path=path, why=error)) from error
    if found.root() != content.get("root"):
        raise BadAnchor(Fault("anchor_altered", path=path))
    return found
