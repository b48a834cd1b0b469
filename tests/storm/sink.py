"""The mail server of the storm: what it acknowledges is on disk before it answers."""

import asyncio
import os
import random
import time
from email.parser import BytesParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


def serve(port: int, journal: Path) -> None:
    """Serve on ``port`` until killed; each letter taken is a line ``TIME MESSAGE-ID`` in ``journal``."""

    class Handler:
        async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
            letter = BytesParser().parsebytes(bytes(envelope.content or b""), headersonly=True)
            with journal.open("a", encoding="ascii") as lines:
                lines.write(f"{time.time()} {letter['Message-ID']}\n")
                lines.flush()
                os.fsync(lines.fileno())
            # Time in which this process, or who waits for the answer, may die.
            await asyncio.sleep(random.uniform(0, 0.01))  # noqa: S311
            return "250 taken"

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Handler()), "127.0.0.1", port, reuse_address=True)
        await server.serve_forever()

    asyncio.run(run())


def letters(journal: Path) -> list[tuple[float, str]]:
    """Return when the server took which letter; a line cut off by a kill is none."""
    lines = journal.read_text(encoding="ascii").splitlines(keepends=True) if journal.exists() else []
    whole = (line.split() for line in lines if line.endswith("\n"))
    return [(float(parts[0]), parts[1]) for parts in whole if len(parts) == 2]
