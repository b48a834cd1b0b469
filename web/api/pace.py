"""How many requests one caller may make: counted here, by the minute, in this process."""

import time
from threading import Lock
from typing import Final

WINDOW: Final = 60.0
"""Seconds over which requests are counted."""


class Pace:
    """Lets each caller make ``most`` requests a window."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def allows(self, caller: str) -> bool:
        """Count a request and return whether it may go on."""
        window = int(time.monotonic() // WINDOW)
        with self._lock:
            if window != self._window:
                self._window = window
                self._counts.clear()
            self._counts[caller] = self._counts.get(caller, 0) + 1
            return self._counts[caller] <= self._most
