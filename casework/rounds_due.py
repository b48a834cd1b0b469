"""Which filed consortia a city bureau is to evaluate by its pack's interval, and has taken into no round yet.

Nothing is opened by itself: a round is the bureau's to announce, and this tells it that one is due.
"""

import datetime
from dataclasses import dataclass
from typing import Any

import pendulum
from sqlalchemy import Connection, func, select

from casework import clock, procedures, rounds
from models import Bureau, Matter, RegisterEntry
from models import Subject as SubjectRow
from procedure import subject as subjects
from procedure.evaluation import Round
from procedure.instant import day_of, end_of

_bureaus = Bureau.__table__
_entries = RegisterEntry.__table__
_matters = Matter.__table__
_subjects = SubjectRow.__table__


@dataclass(frozen=True, slots=True)
class Due:
    """How many valid entries of a bureau are due.

    They were filed by the day ``until``, ``months`` before today, and no round of evaluation announced since
    has taken them in; ``since`` is the first filing among them.
    """

    bureau: str
    months: int
    until: pendulum.Date
    entries: int
    since: datetime.datetime | None


def due(connection: Connection, bureau: str) -> Due | None:
    """Return what is due at a city bureau; None where its pack leaves the time to it (an interval of 0)."""
    now = clock.now(connection)
    place = connection.execute(select(_bureaus.c.id).where(_bureaus.c.code == bureau)).scalar_one()
    revision = rounds.revision_of(connection, place)
    if revision is None:
        return None
    months = int(procedures.of_revision(connection, revision).values["evaluation_interval"])
    if months == 0:
        return None
    until = day_of(now).subtract(months=months)
    taken_in = (
        select(_matters.c.subject_id)
        .where(
            _matters.c.entry_id == _entries.c.id, _matters.c.round_id.in_(_since(connection, place, until))
        )
        .correlate(_entries)
    )
    counted = (
        rounds.due_entries(place, end_of(until), day_of(now))
        .where(~taken_in.exists())
        .with_only_columns(func.count().label("entries"), func.min(_entries.c.filed_at).label("since"))
        .order_by(None)
    )
    row = connection.execute(counted).one()
    return Due(bureau, months, until, row.entries, row.since)


def _since(connection: Connection, bureau_id: int, day: pendulum.Date) -> list[int]:
    """Return the rounds of evaluation that the bureau has announced after the day."""
    rows: Any = connection.execute(
        select(_subjects.c.id, _subjects.c.state).where(
            _subjects.c.bureau_id == bureau_id,
            _subjects.c.kind == "round",
            _subjects.c.created_at > end_of(day),
        )
    )
    told = ((row.id, subjects.load(row.state).record) for row in rows)
    return [each for each, record in told if isinstance(record, Round) and record.purpose == "evaluation"]
