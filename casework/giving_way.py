"""Chunks that give way: SQLite has one write lock, for which people's acts wait while a chunk holds it."""

import time
from typing import Final

from sqlalchemy import Engine

HOLD: Final = 0.03
"""For how many seconds a chunk may hold SQLite's write lock."""

FEWEST: Final = 25
"""Subjects of a chunk on SQLite at first, before it is known how long one takes, and at least.

Of fewer, most of the time would go into the commit, which is as long for one as for many.
"""


class Chunk:
    """How many subjects the next transaction takes: ``most``, and on SQLite as many as fit into ``HOLD``."""

    def __init__(self, engine: Engine, most: int) -> None:
        self._shared = engine.dialect.name == "sqlite"
        self._least, self._most = min(most, FEWEST), most
        self.size = self._least if self._shared else most

    def give_way(self, done: int, held: float) -> None:
        """Give the lock back for as long as it was held, in seconds, for ``done`` subjects."""
        if self._shared:
            time.sleep(held)
            self.size = max(self._least, min(self._most, 2 * self.size, int(done * HOLD / held)))
