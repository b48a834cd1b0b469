"""Proof that the record was not altered: chains recomputed, and compared with an anchor kept elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import pendulum
from sqlalchemy import Connection, Row, select

from casework import chain, clock, loading
from models import Event, Subject
from procedure import event as events
from procedure import subject as subjects
from procedure.instant import iso
from procedure.machine import replay

_events = Event.__table__
_subjects = Subject.__table__


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the record is not what was written: the subject's id, the event's number, and how."""

    subject: int
    seq: int
    kind: Literal[
        "changed", "removed", "reordered", "cut", "personal_changed", "head_changed", "state_changed"
    ]
    detail: str


class BadAnchor(ValueError):
    """The anchor file is none that ``anchor`` wrote."""


CHUNK: Final = 500
"""Subjects whose events are held in memory at once."""


def verify(connection: Connection, anchored: "Anchor | None" = None) -> Iterator[Finding]:
    """Yield every altered, removed or reordered event, and those cut from a tail before ``anchored``.

    A subject whose state is not what its events make is named too.
    """
    anchors = dict(anchored.heads) if anchored is not None else {}
    last_id = 0
    while chunk := connection.execute(
        select(_subjects.c.id, _subjects.c.version, _subjects.c.head, _subjects.c.state)
        .where(_subjects.c.id > last_id)
        .order_by(_subjects.c.id)
        .limit(CHUNK)
    ).all():
        rows = connection.execute(
            select(_events)
            .where(_events.c.subject_id > last_id, _events.c.subject_id <= chunk[-1].id)
            .order_by(_events.c.subject_id, _events.c.seq)
        ).all()
        last_id = chunk[-1].id
        of_subject = {subject_id: list(own) for subject_id, own in groupby(rows, lambda row: row.subject_id)}
        for subject in chunk:
            own = of_subject.get(subject.id, [])
            yield from _of_subject(subject, own)
            if anchored is not None:
                yield from _against(anchored.at, subject.id, anchors.pop(subject.id, None), own)
    for subject_id, (seq, _) in sorted(anchors.items()):
        yield Finding(subject_id, seq, "cut", "the anchor knows a subject that is gone")


def _of_subject(subject: Row[Any], rows: list[Row[Any]]) -> Iterator[Finding]:
    seq, head, sound = 0, chain.ORIGIN, True
    for row in rows:
        for finding in _links(row._mapping, seq, head):
            sound = False
            yield finding
        seq, head = row.seq, row.hash
    if seq < subject.version:
        yield Finding(
            subject.id, seq + 1, "cut", f"the subject is at {subject.version}, its last event is {seq}"
        )
    elif head != subject.head:
        yield Finding(subject.id, seq, "head_changed", "the subject's head is not its last event's hash")
    elif sound and not _makes(rows, subject.state):
        yield Finding(subject.id, seq, "state_changed", "the subject's state is not what its events make")


def _makes(rows: list[Row[Any]], state: str) -> bool:
    happened = (events.load(row.data, loading.personal(row.personal)) for row in rows)
    try:
        return subjects.dump(replay(happened)) == state
    except (ValueError, KeyError):
        return False


def _links(row: Any, seq: int, head: str) -> Iterator[Finding]:
    subject_id = row["subject_id"]
    if row["seq"] != seq + 1:
        yield Finding(
            subject_id, seq + 1, "removed", f"event {seq + 1} is missing; {row['seq']} follows {seq}"
        )
    elif row["prev_hash"] != head:
        yield Finding(subject_id, row["seq"], "reordered", "it is not linked to the event before it")
    if chain.seal(dict(row), row["prev_hash"]) != row["hash"]:
        yield Finding(subject_id, row["seq"], "changed", f"event {row['seq']} ({row['kind']}) was altered")
        return
    if row["personal"] is not None:
        digests = events.load(row["data"]).digests
        stored = orjson.loads(row["personal"])
        for path in sorted(set(digests) | set(stored)):
            if path not in stored or chain.digest(*stored[path]) != digests.get(path):
                yield Finding(subject_id, row["seq"], "personal_changed", f"{path} is not what was recorded")


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
    """The heads of all chains at one instant, to be kept where the database's administrators cannot write."""

    at: str
    heads: dict[int, tuple[int, str]]

    def root(self) -> str:
        """Return one digest over all heads, short enough to be published or printed."""
        listed = [[subject_id, *self.heads[subject_id]] for subject_id in sorted(self.heads)]
        return chain.digest(self.at, orjson.dumps(listed).decode())

    def write(self, path: Path) -> None:
        """Write the anchor as JSON."""
        heads = {str(subject_id): head for subject_id, head in sorted(self.heads.items())}
        path.write_bytes(
            orjson.dumps({"at": self.at, "root": self.root(), "heads": heads}, option=orjson.OPT_INDENT_2)
        )


def anchor(connection: Connection) -> Anchor:
    """Return the present anchor."""
    now: pendulum.DateTime = clock.now(connection)
    rows = connection.execute(select(_subjects.c.id, _subjects.c.version, _subjects.c.head))
    return Anchor(iso(now), {row.id: (row.version, row.head) for row in rows})


def read_anchor(path: Path) -> Anchor:
    """Return the anchor written to ``path``; raises BadAnchor when it is none or was altered."""
    try:
        content = orjson.loads(path.read_bytes())
        found = Anchor(
            content["at"], {int(key): (int(seq), str(head)) for key, (seq, head) in content["heads"].items()}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadAnchor(f"{path} is no anchor: {error}") from error
    if found.root() != content.get("root"):
        raise BadAnchor(f"{path} was altered: its root does not fit its heads")
    return found
