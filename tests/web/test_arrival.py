"""When a request came in: as the machine knows it, however long it waits to be read."""

import asyncio
import datetime
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from queue import Queue

import pendulum
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from casework import clock
from procedure.instant import instant
from web.arrival import NotingArrival, Whole, waited
from web.received import Received

POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
WAITS = 0.6
TICK = datetime.timedelta(milliseconds=20)
"""More than the kernel's clock is ever behind."""


async def told(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer with the instant that was noted."""
    body = scope["state"]["received_at"].isoformat().encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
    )
    await send({"type": "http.response.body", "body": body})


def asked(line: socket.socket) -> pendulum.DateTime:
    answer = HTTPResponse(line, method="POST")
    answer.begin()
    return instant(answer.read().decode())


@contextmanager
def served(app: ASGIApp, listening: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(
        uvicorn.Config(app, http=NotingArrival, lifespan="off", log_config=None)  # type: ignore[arg-type]
    )
    serving = threading.Thread(target=server.run, args=([listening],), daemon=True)
    serving.start()
    yield
    server.should_exit = True
    serving.join(20)


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only Linux tells")
def test_what_came_before_the_portal_was_there_came_in_then() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    with socket.create_connection(listening.getsockname(), timeout=120) as early:
        before = clock.present(None)
        early.sendall(POST)
        time.sleep(WAITS)
        began = clock.present(None)
        with served(Received(told), listening):
            first = asked(early)
            assert before - TICK <= first < began
            between = clock.present(None)
            early.sendall(POST)
            assert asked(early) > between - TICK


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"a=1&b=2", b"a=1&b=2"),
        (b"a=1", None),
    ],
    ids=["whole", "cut off"],
)
def test_a_form_that_came_in_whole_is_read_although_its_sender_is_gone(
    sent: bytes, read: bytes | None
) -> None:
    got: Queue[bytes | None] = Queue()
    gone = threading.Event()

    async def reads_late(_scope: Scope, receive: Receive, _send: Send) -> None:
        await asyncio.to_thread(gone.wait)
        # Until the loop has told the connection that its sender is gone.
        await asyncio.sleep(0.1)
        body, message = b"", {"type": "http.request", "more_body": True}
        while message["type"] == "http.request" and message["more_body"]:
            message = dict(await receive())
            body += message.get("body", b"")
        got.put(body if message["type"] == "http.request" else None)

    listening = socket.create_server(("127.0.0.1", 0))
    with served(Whole(reads_late), listening):
        with socket.create_connection(listening.getsockname(), timeout=120) as sender:
            sender.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n" + sent)
        gone.set()
        assert got.get(timeout=120) == read


def test_where_nobody_can_tell_nothing_has_waited() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert waited(here) == datetime.timedelta()
    assert waited(None) == datetime.timedelta()
