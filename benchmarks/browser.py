"""A browser as far as a server sees one: a connection kept open, pages asked for, their forms sent back."""

import asyncio
import gzip
import re
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with its text, and how many seconds it took and bytes came over the line."""

    status: int
    headers: dict[str, str]
    text: str
    took: float
    size: int

    def hidden(self, name: str) -> str:
        """Return the value of the page's last hidden input of this name."""
        return re.findall(rf'name="{name}" value="([^"]*)"', self.text)[-1]


class Browser:
    """Somebody with a session, who asks one thing at a time; a connection that was ended is opened again."""

    def __init__(self, port: int, session: str | None = None) -> None:
        self._port = port
        self._cookie = "" if session is None else f"Cookie: beian_session={session}\r\n"
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.sent_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    async def get(self, path: str) -> Answer:
        """Open a page."""
        return await self._ask(f"GET {path} HTTP/1.1\r\n", b"")

    async def post(self, path: str, **fields: str) -> Answer:
        """Send a form; `sent_at` tells when its last byte had left."""
        return await self._ask(*self._form(path, fields))

    async def throw(self, path: str, **fields: str) -> None:
        """Send a form and end the connection without waiting for the answer."""
        head, body = self._form(path, fields)
        await self._send(head, body)
        self.leave()

    def leave(self) -> None:
        """End the connection."""
        if self._line is not None:
            self._line[1].close()
            self._line = None

    @staticmethod
    def _form(path: str, fields: dict[str, str]) -> tuple[str, bytes]:
        body = urlencode(fields).encode()
        kind = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n"
        return f"POST {path} HTTP/1.1\r\n{kind}Content-Length: {len(body)}\r\n", body

    async def _send(self, head: str, body: bytes) -> asyncio.StreamReader:
        if self._line is not None and self._line[0].at_eof():
            self.leave()
        if self._line is None:
            self._line = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._line
        writer.write(f"{head}Host: 127.0.0.1\r\nAccept-Encoding: gzip\r\n{self._cookie}\r\n".encode() + body)
        self.sent_at = time.time()
        await writer.drain()
        return reader

    async def _ask(self, head: str, body: bytes) -> Answer:
        began = time.perf_counter()
        reader = await self._send(head, body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(": ") for line in lines[1:] if line)
        headers = {name.lower(): value for name, _, value in pairs}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        took = time.perf_counter() - began
        if headers.get("connection") == "close":
            self.leave()
        text = gzip.decompress(content) if headers.get("content-encoding") == "gzip" else content
        return Answer(int(lines[0].split()[1]), headers, text.decode(), took, len(content))
