"""Connections kept from one message to the next: to mail servers one a thread, to web servers shared."""

import contextlib
import smtplib
from collections.abc import Callable
from functools import cached_property
from threading import Lock, get_ident
from typing import Final

from notifications.web import Web

_LETTERS: Final = 100
"""Letters after which a mail server's connection is renewed, as some servers ask."""


class Connections:
    """What a run of deliveries keeps open; ``close`` it, or use it as a context.

    ``private`` allows webhooks on addresses that are not public.
    """

    def __init__(self, *, private: bool = False) -> None:
        self._private = private
        self._lock = Lock()
        self._servers: dict[tuple[int, str], tuple[smtplib.SMTP, int]] = {}
        self.tokens: dict[str, str] = {}

    @cached_property
    def web(self) -> Web:
        """To servers that the bureau's own settings name."""
        return Web(private=True)

    @cached_property
    def guarded(self) -> Web:
        """To servers that recipients name."""
        return Web(private=self._private)

    def mail(self, place: str, connect: Callable[[], smtplib.SMTP]) -> tuple[smtplib.SMTP, bool]:
        """Return this thread's connection to the mail server at ``place``, and whether it was kept."""
        key = (get_ident(), place)
        with self._lock:
            server, letters = self._servers.get(key, (None, 0))
        if server is not None and letters < _LETTERS:
            self._keep(key, server, letters + 1)
            return server, True
        self.drop(place)
        server = connect()
        self._keep(key, server, 1)
        return server, False

    def drop(self, place: str) -> None:
        """Close this thread's connection to the mail server at ``place``."""
        with self._lock:
            server, _ = self._servers.pop((get_ident(), place), (None, 0))
        _farewell(server)

    def close(self) -> None:
        """Close everything."""
        with self._lock:
            servers = [server for server, _ in self._servers.values()]
            self._servers.clear()
        for server in servers:
            _farewell(server)
        for name in ("web", "guarded"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()

    def __enter__(self) -> "Connections":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keep(self, key: tuple[int, str], server: smtplib.SMTP, letters: int) -> None:
        with self._lock:
            self._servers[key] = (server, letters)


def _farewell(server: smtplib.SMTP | None) -> None:
    if server is None:
        return
    # A server that mishandles the farewell has still taken, or refused, its letters.
    with contextlib.suppress(OSError):
        server.quit()
    server.close()
