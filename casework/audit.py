"""Proof that the record was not altered: chains recomputed, and compared with an anchor kept elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
import pendulum
from sqlalchemy import Connection, select

from casework import chain, clock
from models import Event, Subject
from procedure import event as events
from procedure.instant import iso

_events = Event.__table__
_subjects = Subject.__table__


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the record is not what was written: the subject's id, the event's number, and how."""

    subject: int
    seq: int
    kind: Literal["changed", "removed", "reordered", "cut", "personal_changed", "head_changed"]
    detail: str


class BadAnchor(ValueError):
    """The anchor file is none that ``anchor`` wrote."""


def verify(connection: Connection, anchored: "Anchor | None" = None) -> Iterator[Finding]:
    """Yield every altered, removed or reordered event, and those cut from a tail before ``anchored``."""
    held: dict[int, dict[int, str]] = {}
    heads = {
        row.id: (row.version, row.head)
        for row in connection.execute(select(_subjects.c.id, _subjects.c.version, _subjects.c.head))
    }
    rows = connection.execute(
        select(_events).order_by(_events.c.subject_id, _events.c.seq).execution_options(yield_per=1000)
    )
    subject_id, seq, head = 0, 0, chain.ORIGIN
    last: dict[int, tuple[int, str]] = {}
    for row in rows:
        if row.subject_id != subject_id:
            subject_id, seq, head = row.subject_id, 0, chain.ORIGIN
        yield from _links(row._mapping, seq, head)
        seq, head = row.seq, row.hash
        last[subject_id] = (seq, head)
        if anchored is not None and anchored.heads.get(subject_id, (0, ""))[0] == seq:
            held[subject_id] = {seq: head}
    for known, (version, kept) in heads.items():
        at, actual = last.get(known, (0, chain.ORIGIN))
        if at < version:
            yield Finding(known, at + 1, "cut", f"the subject is at {version}, its last event is {at}")
        elif actual != kept:
            yield Finding(known, at, "head_changed", "the subject's head is not its last event's hash")
    if anchored is not None:
        yield from _against(anchored, held, last)


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
    anchored: "Anchor", held: dict[int, dict[int, str]], last: dict[int, tuple[int, str]]
) -> Iterator[Finding]:
    for subject_id, (seq, head) in sorted(anchored.heads.items()):
        at = last.get(subject_id, (0, ""))[0]
        if at < seq:
            yield Finding(
                subject_id, at + 1, "cut", f"the anchor of {anchored.at} knows event {seq}; the last is {at}"
            )
        elif held.get(subject_id, {}).get(seq) != head:
            yield Finding(subject_id, seq, "changed", f"event {seq} is not the anchor's of {anchored.at}")


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
