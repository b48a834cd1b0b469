"""Chunks of work during which nothing is collected."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Generator[None]:
    """Hold the garbage collector back while a chunk is written.

    What a chunk makes is many, bounded and without cycles. A collection in its midst would find nothing and
    go through all that the process holds, while people's acts wait for the write lock.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
