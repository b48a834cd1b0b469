"""When a request came in: as the machine knows it, however long it waits to be read."""

import datetime
import socket
import threading
import time
from http.client import HTTPResponse

import pendulum
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from casework import clock
from procedure.instant import instant
from web.arrival import NotingArrival, waited
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


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only Linux tells")
def test_what_came_before_the_portal_was_there_came_in_then() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(Received(told), http=NotingArrival, lifespan="off", log_config=None)  # type: ignore[arg-type]
    )
    with socket.create_connection(listening.getsockname(), timeout=120) as early:
        before = clock.present(None)
        early.sendall(POST)
        time.sleep(WAITS)
        began = clock.present(None)
        serving = threading.Thread(target=server.run, args=([listening],), daemon=True)
        serving.start()
        first = asked(early)
        assert before - TICK <= first < began
        between = clock.present(None)
        early.sendall(POST)
        assert asked(early) > between - TICK
    server.should_exit = True
    serving.join(20)


def test_where_nobody_can_tell_nothing_has_waited() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert waited(here) == datetime.timedelta()
    assert waited(None) == datetime.timedelta()
