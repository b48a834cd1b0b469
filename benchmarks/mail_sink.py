"""A mail server in a process of its own that takes every letter: `python -m benchmarks.mail_sink`."""

import socket
import sys
import threading

from aiosmtpd.controller import Controller


class Sink:
    """Takes every letter."""

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802
        return "250 taken"


def main() -> None:
    """Serve on a free port of 127.0.0.1, named on standard output, until standard input ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    print(port, flush=True)
    waiting = threading.Thread(target=sys.stdin.read)
    waiting.start()
    waiting.join()
    controller.stop(no_assert=True)


if __name__ == "__main__":
    main()
