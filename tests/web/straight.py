"""A browser that asks the portal in its own thread: no event loop and no thread is started for a request."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
from typing_extensions import override


class _Loops(threading.local):
    def __init__(self) -> None:
        self.here = asyncio.new_event_loop()


_LOOPS = _Loops()


class _Streamed(httpx.AsyncByteStream):
    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


class _Straight(httpx.BaseTransport):
    def __init__(self, app: Any) -> None:
        self.app = app

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return _LOOPS.here.run_until_complete(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if not isinstance(request.stream, httpx.AsyncByteStream):
            request.stream = _Streamed(request.stream)
        transport = httpx.ASGITransport(self.app, client=("testclient", 50_000))
        found = await transport.handle_async_request(request)
        assert isinstance(found.stream, httpx.AsyncByteStream)
        content = b"".join([part async for part in found.stream])
        return httpx.Response(found.status_code, headers=found.headers, stream=httpx.ByteStream(content))


class Browser(httpx.Client):
    """A browser on an application; what the application raises is raised here."""

    def __init__(self, app: Any) -> None:
        super().__init__(transport=_Straight(app), base_url="http://testserver", follow_redirects=True)
