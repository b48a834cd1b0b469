"""The one place that reads the time: the machine's clock, or a story's moved one."""

import datetime

import pendulum
from sqlalchemy import Connection, func, select, update

from models import Clock
from procedure.instant import SHANGHAI, instant

_clock = Clock.__table__
STORY_AT = select(_clock.c.at).where(_clock.c.id == 1).scalar_subquery()
"""The story's time as a column of another statement; NULL in a database that lives in real time."""


class NoStory(Exception):
    """Time can be moved only in a database that was created as a story."""


def now(connection: Connection) -> pendulum.DateTime:
    """Return the present instant of this database, in Asia/Shanghai."""
    return present(connection.execute(select(_clock.c.at)).scalar())


def present(story_at: datetime.datetime | None) -> pendulum.DateTime:
    """Return the story's instant if there is one, else the machine's."""
    return instant(pendulum.now(SHANGHAI)) if story_at is None else instant(story_at)


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
