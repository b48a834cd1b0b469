"""What reached this machine counts, and since when: not when a busy process came to look at it."""

import datetime
import socket
import struct
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from casework import clock

_TCP_INFO: Final = getattr(socket, "TCP_INFO", None)
_SINCE_LAST_DATA: Final = struct.Struct("=52xI")
"""``tcpi_last_data_recv`` of Linux: milliseconds since the last bytes came in on a connection."""


def waited(line: socket.socket | None) -> datetime.timedelta:
    """Return for how long what came last on a connection has waited to be read.

    That is exact to a tick of the kernel (10 ms at most), for the sender; nothing where none can tell.
    """
    if line is None or _TCP_INFO is None:
        return datetime.timedelta()
    try:
        info = line.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _SINCE_LAST_DATA.size)
        (milliseconds,) = _SINCE_LAST_DATA.unpack(info)
    except (OSError, struct.error):
        return datetime.timedelta()
    return datetime.timedelta(milliseconds=milliseconds)


class NotingArrival(H11Protocol):
    """Reads requests, and notes in the state of each when it came in: never later than it is seen here."""

    @override
    def data_received(self, data: bytes) -> None:
        line = self.transport.get_extra_info("socket")
        self.app_state = {**self.app_state, "received_at": clock.present(None) - waited(line)}
        super().data_received(data)


class Whole:
    """Hands a body on that came in whole, although its sender is gone by the time it is read.

    uvicorn then tells of the sender alone: a form that was here in time would be dropped, and late when it
    is sent again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; one that is cut off in its body stays cut off."""
        exchange: Any = getattr(receive, "__self__", None)
        if scope["type"] != "http" or exchange is None:
            await self._app(scope, receive, send)
            return
        handed_on = False

        async def all_that_came() -> Message:
            nonlocal handed_on
            message = await receive()
            if message["type"] == "http.disconnect" and not exchange.more_body and not handed_on:
                message = {"type": "http.request", "body": bytes(exchange.body), "more_body": False}
            handed_on = handed_on or not message.get("more_body", False)
            return message

        await self._app(scope, all_that_came, send)
