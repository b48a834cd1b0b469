"""The one place that reads the time: a story's moved one, the database server's, or the machine's.

Several machines on one PostgreSQL have its clock in common: none that is wrong lets anything happen early.
"""

import datetime
from typing import Any

import pendulum
from sqlalchemy import Connection, FunctionElement, func, select, update
from sqlalchemy.ext.compiler import compiles

from models import Clock
from models.instant import Instant
from models.prepared import Prepared
from procedure.instant import SHANGHAI, instant

_clock = Clock.__table__


class _ServerTime(FunctionElement[datetime.datetime]):
    """The time by the database server's own clock; NULL on SQLite, which has none but the machine's."""

    type = Instant()
    inherit_cache = True


@compiles(_ServerTime)
def _none(*_: Any, **__: Any) -> str:
    return "NULL"


@compiles(_ServerTime, "postgresql")
def _clock_timestamp(*_: Any, **__: Any) -> str:
    return "clock_timestamp()"


TOLD_AT = select(func.coalesce(_clock.c.at, _ServerTime())).where(_clock.c.id == 1).scalar_subquery()
"""The time that the database tells, as a column of another statement; NULL where only the machine does."""

_TOLD = Prepared(select(TOLD_AT.label("told_at")))

IN_STORY = select(_clock.c.story).where(_clock.c.id == 1).scalar_subquery()
"""Whether time is moved here, as a column of another statement."""


class NoStory(Exception):
    """Time can be moved only in a database that was created as a story."""


def now(connection: Connection) -> pendulum.DateTime:
    """Return the present instant of this database, in Asia/Shanghai."""
    (row,) = _TOLD.all(connection, {})
    return present(row.told_at)


def present(told_at: datetime.datetime | None) -> pendulum.DateTime:
    """Return the instant that a database tells if it does, else the machine's."""
    return instant(pendulum.now(SHANGHAI)) if told_at is None else instant(told_at)


def skew(connection: Connection) -> float:
    """Return by how many seconds this machine's clock is ahead of the database server's; 0 for SQLite."""
    if connection.dialect.name == "sqlite":
        return 0.0
    server = connection.execute(select(func.clock_timestamp())).scalar_one()
    return pendulum.now(SHANGHAI).timestamp() - float(server.timestamp())


def is_story(connection: Connection) -> bool:
    """Return whether this database's time can be moved."""
    return connection.execute(select(_clock.c.story)).scalar() is True


def move(connection: Connection, to: pendulum.DateTime) -> None:
    """Move a story's time forward to ``to``; raises NoStory elsewhere and ValueError for a step back."""
    if not is_story(connection):
        raise NoStory("this database lives in real time")
    if to < now(connection):
        raise ValueError(f"time moves forward only: it is {now(connection)}, asked for {to}")
    connection.execute(update(_clock).values(at=to))
