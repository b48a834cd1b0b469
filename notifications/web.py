"""HTTP to servers that others name: no redirect is followed, no private address reached, no flood read."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import httpcore
from typing_extensions import override

LONGEST_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are read; the rest is left unread and the connection closed."""

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_until: ContextVar[float] = ContextVar("until")


class Unreachable(Exception):
    """There was no answer; ``uncertain`` when the request may have arrived all the same."""

    def __init__(self, reason: str, *, uncertain: bool) -> None:
        super().__init__(reason)
        self.uncertain = uncertain


class PrivateAddress(ValueError):
    """The host stands on this machine or in a private network, which its address may not name."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: its status, and as much of its text as is read; ``cut`` if there was more."""

    status: int
    text: str
    cut: bool = False


class Web:
    """Kept connections to web servers, shared by threads. With ``private`` any address may be reached."""

    def __init__(self, *, private: bool) -> None:
        self._pool = httpcore.ConnectionPool(
            max_connections=32, keepalive_expiry=30, network_backend=_Guarded(private=private)
        )

    def ask(
        self,
        method: str,
        url: str,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """Return the answer to one request, which as a whole may take ``timeout`` seconds.

        Raises Unreachable, and PrivateAddress before anything is sent.
        """
        sent = False
        limits = dict.fromkeys(("connect", "read", "write", "pool"), timeout)

        def trace(event: str, _info: Mapping[str, Any]) -> None:
            nonlocal sent
            sent = sent or event.endswith("send_request_body.started")

        token = _until.set(time.monotonic() + timeout)
        try:
            with self._pool.stream(
                method,
                url,
                headers=[*(headers or {}).items()],
                content=body,
                extensions={"timeout": limits, "trace": trace},
            ) as response:
                return _reply(response.status, response.iter_stream())
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            OSError,
            ssl.SSLError,
        ) as error:
            raise Unreachable(f"{type(error).__name__}: {error}", uncertain=sent) from error
        finally:
            _until.reset(token)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def _reply(status: int, chunks: Iterable[bytes]) -> Reply:
    read = b""
    for chunk in chunks:
        read += chunk
        if len(read) > LONGEST_ANSWER:
            return Reply(status, read[:LONGEST_ANSWER].decode("utf-8", "replace"), cut=True)
    return Reply(status, read.decode("utf-8", "replace"))


def is_private(address: str) -> bool:
    """Return whether an IP address is not one of the public internet, however it is wrapped."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        ip = inner or ip
    return not ip.is_global or ip.is_multicast


def plainly_private(host: str) -> bool:
    """Return whether a host is not of the public internet, as far as it says so itself.

    Addresses are taken as a resolver takes them (`127.1` is one); what other names stand for is not asked.
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return is_private(name)
    except ValueError:
        pass
    try:
        return is_private(socket.inet_ntoa(socket.inet_aton(name)))
    except (OSError, UnicodeError):
        return False


class _Guarded(httpcore.NetworkBackend):
    """Connects to the very address that was looked at: a name may resolve differently a moment later."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._inner = httpcore.SyncBackend()

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} is not known: {error}") from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        private = [each for each in addresses if is_private(each)]
        if private and not self._private:
            raise PrivateAddress(f"{host} is {private[0]}, an address that is not public")
        stream = self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)
        return _Timed(stream)


class _Timed(httpcore.NetworkStream):
    """A stream whose every step ends with the request's time: a byte now and then does not prolong it."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def _left(self, timeout: float | None) -> float | None:
        until = _until.get(None)
        if until is None:
            return timeout
        left = until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("timed out")
        return left if timeout is None else min(left, timeout)

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout))

    @override
    def close(self) -> None:
        self._inner.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._inner.start_tls(ssl_context, server_hostname, self._left(timeout)))

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
