"""One moment for all that a page looks at: the readings of one request share a connection and its snapshot.

Each reading by itself asks a connection whether it is alive, begins, and ends: for a page that looks five
times that is more to and fro than its questions.
"""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from contextvars import ContextVar
from typing import Final

from sqlalchemy import Connection, Engine

from models.unusable import DatabaseUnusable

Snapshot = Callable[[Engine], AbstractContextManager[Connection]]


class Moment:
    """What readings share: the first begins it. Once something was written, or failed, none joins any more.

    It may pass from thread to thread, but is in the hands of one at a time.
    """

    def __init__(self) -> None:
        self._open = ExitStack()
        self._begun: tuple[Engine, Connection] | None = None
        self._over = False

    @contextmanager
    def joined(self, engine: Engine, snapshot: Snapshot) -> Generator[Connection, None, None]:
        """The shared connection to `engine`, begun as `snapshot` begins one; one of its own when over."""
        if self._over or (self._begun is not None and self._begun[0] is not engine):
            with snapshot(engine) as connection:
                yield connection
            return
        if self._begun is None:
            self._begun = (engine, self._open.enter_context(snapshot(engine)))
        try:
            yield self._begun[1]
        except BaseException:
            # PostgreSQL answers nothing more after an error.
            self._over = True
            raise

    def over(self) -> None:
        """Let later readings see what was written since."""
        self._over = True

    def end(self) -> None:
        """Give the connection back. Later readings begin by themselves.

        A database that is gone by now has answered all that it was asked: that is no trouble here.
        """
        self._over = True
        with suppress(DatabaseUnusable):
            self._open.close()


_CURRENT: Final[ContextVar[Moment | None]] = ContextVar("moment", default=None)


@contextmanager
def shared() -> Generator[Moment, None, None]:
    """Have the readings of the block share one moment. Whoever opens the block ends it."""
    moment = Moment()
    before = _CURRENT.set(moment)
    try:
        yield moment
    finally:
        _CURRENT.reset(before)


def current() -> Moment | None:
    """Return the moment that readings share here, if they do."""
    return _CURRENT.get()


def over() -> None:
    """Say that something is written: what is read from now on must see it."""
    moment = _CURRENT.get()
    if moment is not None:
        moment.over()
