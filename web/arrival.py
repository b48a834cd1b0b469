"""When a request reached this machine, as its kernel knows: not when a busy process came to look at it."""

import datetime
import socket
import struct
from typing import Final

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
