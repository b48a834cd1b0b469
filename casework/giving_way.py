"""Chunks that give way: SQLite has one write lock, for which people's acts wait while a chunk holds it."""

import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine

from models.prepared import send

HOLD: Final = 0.02
"""For how many seconds a chunk may hold SQLite's write lock while others write too.

SQLite has whoever waits look again after 1, 3, 8, 18, 33 and 53 ms: what takes half as long again as meant
is still over at the fifth look.
"""

HOLD_ALONE: Final = 0.1
"""For how many while nobody else does: so long the first of them may wait."""

QUIET: Final = 1.0
"""For how many seconds nobody else may have written for that: who waits may miss the lock more than once."""

FEWEST: Final = 25
"""Subjects of a chunk on SQLite at first, before it is known how long one takes, and at least.

Of fewer, most of the time would go into the commit, which is as long for one as for many.
"""


_SEEN: Final = "beian_seen"


@dataclass(slots=True)
class _Seen:
    """What is known on one connection: since when nobody else writes, and what a subject took last.

    It outlasts a chunk's work: on a connection kept in the pool the next begins where this one ended.
    """

    version: int | None = None
    disturbed: float = float("inf")
    each: float | None = None


class Chunk:
    """How many subjects the next transaction takes: ``most``, on SQLite as many as the lock may be held for.

    That is ``HOLD``, or ``HOLD_ALONE`` while nobody else writes. Who never asks (``look``) is never alone.
    """

    def __init__(self, engine: Engine, most: int) -> None:
        self._shared = engine.dialect.name == "sqlite"
        self._least, self._most = min(most, FEWEST), most
        self._twice = most
        self._seen = _Seen()
        self.size = self._least if self._shared else most

    def look(self, connection: Connection) -> None:
        """Look whether others wrote since the last look on this connection: the next chunk's size says it."""
        if not self._shared:
            return
        self._seen = connection.info.setdefault(_SEEN, _Seen(each=self._seen.each))
        # It counts what other connections committed, and no commit of this one.
        (version,) = send(connection, "PRAGMA data_version").fetchone()
        if version != self._seen.version:
            self._seen.version, self._seen.disturbed = version, time.perf_counter()
        self.size = self._fitting()

    def give_way(self, done: int, held: float) -> None:
        """Give the lock back for as long as it was held, in seconds, for ``done`` subjects."""
        if self._shared:
            time.sleep(held)
            self._seen.each = held / done
            self._twice = 2 * self.size
            self.size = self._fitting()

    def _fitting(self) -> int:
        if self._seen.each is None:
            return self._least
        alone = time.perf_counter() - self._seen.disturbed > QUIET
        hold = HOLD_ALONE if alone else HOLD
        return max(self._least, min(self._most, self._twice, int(hold / self._seen.each)))
