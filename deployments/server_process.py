"""The server's process: Prefect's own command, with garbage collected off its event loop.

Prefect on SQLite (3.8.8, aiosqlite) stalls for a minute when Python's collector, at work on the event loop's
thread, finds a forgotten cursor of a connection that waits for the write lock: resetting the cursor waits for
that connection, the connection for the lock, and the lock's holder for the event loop. With four runs started
together this hit one start in ten. Collected by a thread of their own, such cursors hold up nobody.
"""

import gc
import runpy
import threading
import time

YOUNG_EVERY = 1.0
ALL_EVERY = 60


def _collect_garbage() -> None:
    rounds = 0
    while True:
        time.sleep(YOUNG_EVERY)
        rounds += 1
        gc.collect(2 if rounds % ALL_EVERY == 0 else 1)


if __name__ == "__main__":
    gc.disable()
    threading.Thread(target=_collect_garbage, name="garbage", daemon=True).start()
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)
