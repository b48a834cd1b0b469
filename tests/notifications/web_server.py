"""A real HTTP server on this machine that misbehaves when told to."""

import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any


@dataclass
class WebServer:
    """`answers` are given one after the other, then `default` for good.

    An answer is a status and a text (or a JSON value); or one of the words `cut` (the connection ends in the
    middle of the answer), `lost` (it is reset once the request was read), `drip` (a byte now and then),
    `flood` (megabytes) and `away` (a redirect to an address of a private network).
    """

    answers: list[Any] = field(default_factory=list)
    default: Any = (200, {"errcode": 0, "errmsg": "ok", "code": 0})
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    lock: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self) -> Any:
        with self.lock:
            return self.answers.pop(0) if self.answers else self.default


class _Handler(BaseHTTPRequestHandler):
    web: WebServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        with self.web.lock:
            self.web.connections += 1

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.web.lock:
            self.web.requests.append((self.path, dict(self.headers), raw))
        answer = self.web.answer()
        if isinstance(answer, str):
            self.close_connection = True
            getattr(self, answer)()
            return
        status, text = answer
        self.say(status, text if isinstance(text, str) else json.dumps(text, ensure_ascii=False))

    def say(self, status: int, text: str, **headers: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def cut(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")

    def lost(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def drip(self) -> None:
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(999):
                self.wfile.write(b" ")
                time.sleep(0.05)
        except OSError:
            pass

    def flood(self) -> None:
        try:
            self.send_response(200)
            self.send_header("Content-Length", str(20_000_000))
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"x" * 100_000)
        except OSError:
            pass

    def away(self) -> None:
        self.say(302, "", Location="http://169.254.169.254/latest/meta-data/")

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def web_serving() -> Iterator[WebServer]:
    """A server on a free port of 127.0.0.1."""
    web = WebServer()

    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"web": web}))
    server.daemon_threads = True
    web.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
