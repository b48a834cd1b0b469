"""The portal as a process: ``python -m web.serve FOLDER PORT``, the database from BEIAN_DATABASE_URL.

Documents are stored in FOLDER/files. It listens on this machine only: what stands before it speaks https.
``line:N`` in place of the port is an open line (a descriptor) that several processes share.
"""

import gc
import os
import socket
import sys
from pathlib import Path
from typing import Final

import uvicorn

from casework import procedures
from models.database import connect, reading
from models.migrate import require_current
from notifications.settings import ChannelSettings
from web.app import create_app
from web.arrival import NotingArrival, Whole

KEPT_OPEN: Final = 75
"""Seconds for which a connection stays open between two requests: longer than those of proxies."""


def main(folder: str, where: str) -> None:
    """Serve until the process is asked to end."""
    engine = connect(os.environ["BEIAN_DATABASE_URL"])
    require_current(engine)
    channels = ChannelSettings()
    seal = None if channels.secret_key is None else channels.seal
    app = create_app(engine, Path(folder) / "files", seal=seal)
    with reading(engine) as connection:
        procedures.read_in_use(connection)
    # What is loaded now stays: to go through it for garbage again and again would stop every page for half a
    # second each time.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        Whole(app),
        http=NotingArrival,
        access_log=False,
        server_header=False,
        # Whoever ends a connection early should not hold up the end of the process.
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEPT_OPEN,
    )
    kind, _, number = where.rpartition(":")
    if kind == "line":
        line = socket.socket(fileno=int(number))
    else:
        line = socket.create_server(("127.0.0.1", int(number)), backlog=config.backlog)
    uvicorn.Server(config).run([line])


if __name__ == "__main__":
    main(*sys.argv[1:])
