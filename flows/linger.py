"""A run with nothing left to do may stay for what comes next, but never holds up the end of its worker."""

import threading

_ending = threading.Event()


def end() -> None:
    """Let no run of this process stay any longer: its worker ends."""
    _ending.set()


def stay(seconds: float) -> bool:
    """Wait for some `seconds`; false when there is no staying because the worker ends."""
    return not _ending.wait(seconds)
