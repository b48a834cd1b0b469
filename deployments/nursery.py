"""The far side of a `Child`: a process that imports what its work needs, then forks the one that works.

What has died is forked anew without importing anything again, which is most of what a start takes. A nursery
ends when its parent does, however that ends, and its fork when the nursery does: each holds an end of a line.
"""

import gc
import os
import runpy
import select
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module

GRACE = 15.0


def _tend(orders: socket.socket) -> socket.socket:
    """Fork once for each order, and say whose process began (its id) and that it ended (0).

    Returns in each fork, with its line to the nursery; the nursery itself ends when nobody gives orders.
    """
    while orders.recv(1):
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if not pid:
            ours.close()
            orders.close()
            return theirs
        theirs.close()
        _say(orders, pid)
        # Its line closes with a process that ends; a closed parent is readable at its end.
        parted = ours not in select.select([ours, orders], [], [])[0]
        if parted:
            os.kill(pid, signal.SIGTERM)
            if not select.select([ours], [], [], GRACE)[0]:
                os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        ours.close()
        if not parted:
            _say(orders, 0)
    sys.exit()


def _say(orders: socket.socket, pid: int) -> None:
    # A parent that is gone is noticed by its orders.
    with suppress(OSError):
        orders.sendall(b"%d\n" % pid)


def _end_with(nursery: socket.socket) -> None:
    nursery.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def main() -> None:
    """Import, wait for orders, and in each fork run the module: `LINE IMPORTS MODULE ARGUMENTS…`."""
    line, imports, module, *arguments = sys.argv[1:]
    for name in filter(None, imports.split(",")):
        # What cannot be imported is for the module itself to tell.
        with suppress(Exception, SystemExit):
            import_module(name)
    gc.freeze()
    nursery = _tend(socket.socket(fileno=int(line)))
    threading.Thread(target=_end_with, args=(nursery,), name="tether", daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
