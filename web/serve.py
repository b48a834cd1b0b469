"""The portal as a process: ``python -m web.serve FOLDER PORT``, the database from BEIAN_DATABASE_URL.

Documents are stored in FOLDER/files. It listens on this machine only: what stands before it speaks https.
"""

import os
import sys
from pathlib import Path

import uvicorn

from models.database import connect
from models.migrate import require_current
from web.app import create_app


def main(folder: str, port: str) -> None:
    """Serve until the process is asked to end."""
    engine = connect(os.environ["BEIAN_DATABASE_URL"])
    require_current(engine)
    app = create_app(engine, Path(folder) / "files")
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(port),
        access_log=False,
        server_header=False,
        # Whoever ends a connection early should not hold up the end of the process.
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
