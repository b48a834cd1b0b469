"""What a story asks of its database: whether it may be told there, and what is due by itself."""

from collections.abc import Collection

import pendulum
from sqlalchemy import ColumnElement, Connection, Engine, exists, or_, select

from casework import clock
from casework.wake import LAG
from models import Subject
from models.database import reading, writing
from models.migrate import upgrade
from procedure.fault import Fault
from procedure.instant import instant, iso

_subjects = Subject.__table__


class NotFresh(Exception):
    """The database already holds a story or a call; a story is told from its beginning."""


def begin(engine: Engine, at: pendulum.DateTime) -> None:
    """Make the database a story whose clock stands at ``at``, in which nothing has happened yet.

    Raises DatabaseUnusable for a database that lives in real time, and NotFresh for one in which something
    has happened or whose clock is ahead.
    """
    upgrade(engine, at)
    with writing(engine) as connection:
        now = clock.now(connection)
        if now > at:
            raise NotFresh(Fault("story_ahead", now=iso(now), begins=iso(at)))
        if connection.execute(select(exists().where(_subjects.c.id.is_not(None)))).scalar():
            raise NotFresh(Fault("story_told"))
        clock.move(connection, at)


def move(engine: Engine, to: pendulum.DateTime) -> pendulum.DateTime:
    """Move the story's time forward to ``to``, unless it is ahead already, and return where it stands."""
    with writing(engine) as connection:
        now = clock.now(connection)
        if to <= now:
            return now
        clock.move(connection, to)
        return to


Due = tuple[int, pendulum.DateTime]
"""A subject and the instant at which something happens to it by itself."""


def next_due(engine: Engine, stuck: Collection[Due]) -> pendulum.DateTime | None:
    """Return the earliest instant at which something happens by itself to what is not ``stuck``."""
    query = (
        select(_subjects.c.id, _subjects.c.wake_at)
        .where(_subjects.c.wake_at.is_not(None))
        .order_by(_subjects.c.wake_at, _subjects.c.id)
        .limit(len(stuck) + 1)
    )
    with reading(engine) as connection:
        waiting = [(row.id, instant(row.wake_at)) for row in connection.execute(query)]
    return next((at for subject, at in waiting if (subject, at) not in stuck), None)


def due_kinds(engine: Engine) -> frozenset[str]:
    """Return the kinds of subject to which something is due now; a round, while its tasks are not opened."""
    with reading(engine) as connection:
        kinds = select(_subjects.c.kind).distinct()
        opening = (_subjects.c.kind == "round") & (_subjects.c.stage == "opening")
        return frozenset(connection.execute(kinds.where(or_(_is_due(connection), opening))).scalars())


def left_due(engine: Engine) -> list[Due]:
    """Return the subjects that were due and did not move, with the instant, the longest due first."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(_subjects.c.id, _subjects.c.wake_at)
            .where(_is_due(connection))
            .order_by(_subjects.c.wake_at, _subjects.c.id)
        )
        return [(row.id, instant(row.wake_at)) for row in rows]


def _is_due(connection: Connection) -> ColumnElement[bool]:
    return _subjects.c.wake_at.is_not(None) & (_subjects.c.wake_at <= clock.now(connection) - LAG)
