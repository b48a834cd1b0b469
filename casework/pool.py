"""A bureau's pool of experts: every change is recorded and chained, so that a draw can be judged later."""

import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from casework import clock
from casework.chain import ORIGIN
from models import Bureau, Expert, Organisation, PoolChange
from procedure.instant import instant

_bureaus = Bureau.__table__
_changes = PoolChange.__table__
_experts = Expert.__table__
_organisations = Organisation.__table__


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the pool: which expert (a person's id), what, when, by whom and why."""

    seq: int
    expert: int
    kind: str
    at: datetime.datetime
    by: int | None
    reason: str | None
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PoolFinding:
    """Where a bureau's pool is not what its changes make; ``seq`` is 0 where an expert has none."""

    bureau: int
    seq: int
    detail: str


class NoExpert(LookupError):
    """The person is in no pool, or is there already as was asked."""


def record(
    connection: Connection, expert_id: int, kind: str, by: int | None = None, reason: str | None = None
) -> None:
    """Append what the pool now says of an expert to the chain of their bureau."""
    bureau_id = connection.execute(
        select(_experts.c.bureau_id).where(_experts.c.id == expert_id)
    ).scalar_one()
    # Changes of one pool are put in one order.
    connection.execute(select(_bureaus.c.id).where(_bureaus.c.id == bureau_id).with_for_update())
    last = connection.execute(
        select(_changes.c.seq, _changes.c.hash)
        .where(_changes.c.bureau_id == bureau_id)
        .order_by(_changes.c.seq.desc())
        .limit(1)
    ).one_or_none()
    row = {
        "bureau_id": bureau_id,
        "seq": 1 if last is None else last.seq + 1,
        "expert_id": expert_id,
        "kind": kind,
        "at": clock.now(connection),
        "person_id": by,
        "reason": reason,
        "state": _states(connection, bureau_id)[expert_id],
        "prev_hash": ORIGIN if last is None else last.hash,
    }
    connection.execute(insert(_changes).values(**row, hash=seal(row)))


def set_active(connection: Connection, person_id: int, *, active: bool, by: int | None, reason: str) -> None:
    """Retire an expert, or readmit one; raises NoExpert where there is nothing to do."""
    changed = connection.execute(
        update(_experts)
        .where(_experts.c.person_id == person_id, _experts.c.active.is_(not active))
        .values(active=active)
        .returning(_experts.c.id)
    ).scalar()
    if changed is None:
        raise NoExpert(person_id)
    record(connection, changed, "readmitted" if active else "retired", by, reason)


def changes(
    connection: Connection,
    bureau_id: int,
    after: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
) -> list[Change]:
    """Return the changes of a bureau's pool in order, those from ``after`` to ``until`` (both included)."""
    query = (
        select(_changes, _experts.c.person_id.label("expert"))
        .join(_experts, _experts.c.id == _changes.c.expert_id)
        .where(_changes.c.bureau_id == bureau_id)
        .order_by(_changes.c.seq)
    )
    if after is not None:
        query = query.where(_changes.c.at >= after)
    if until is not None:
        query = query.where(_changes.c.at <= until)
    return [
        Change(row.seq, row.expert, row.kind, row.at, row.person_id, row.reason, row.state)
        for row in connection.execute(query)
    ]


def verify(connection: Connection) -> Iterator[PoolFinding]:
    """Yield every change that was altered or removed, and every expert for whom they do not account."""
    for bureau_id in connection.execute(
        select(_experts.c.bureau_id).distinct().order_by("bureau_id")
    ).scalars():
        seq, head, told = 0, ORIGIN, dict[int, dict[str, Any]]()
        rows = connection.execute(
            select(_changes).where(_changes.c.bureau_id == bureau_id).order_by(_changes.c.seq)
        )
        for row in rows.mappings():
            if row["seq"] != seq + 1:
                yield PoolFinding(bureau_id, seq + 1, f"change {seq + 1} of the pool is missing")
            if row["prev_hash"] != head or seal(row) != row["hash"]:
                yield PoolFinding(bureau_id, row["seq"], f"change {row['seq']} of the pool was altered")
            seq, head = row["seq"], row["hash"]
            told[row["expert_id"]] = row["state"]
        for expert_id, state in _states(connection, bureau_id).items():
            if told.get(expert_id) != state:
                yield PoolFinding(bureau_id, 0, f"expert {expert_id} is not what the changes make")


def seal(row: Any) -> str:
    """Return the hash of a change; altering any value of it changes the hash."""
    content = [
        row["prev_hash"],
        row["bureau_id"],
        row["seq"],
        row["expert_id"],
        row["kind"],
        instant(row["at"]).timestamp(),
        row["person_id"],
        row["reason"],
        row["state"],
    ]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _states(connection: Connection, bureau_id: int) -> dict[int, dict[str, Any]]:
    rows = connection.execute(
        select(_experts, _organisations.c.uscc)
        .outerjoin(_organisations, _organisations.c.id == _experts.c.employer_id)
        .where(_experts.c.bureau_id == bureau_id)
    )
    return {
        row.id: {
            "employer": row.uscc,
            "fields": list(row.fields),
            "ties": list(row.ties),
            "active": bool(row.active),
        }
        for row in rows
    }
