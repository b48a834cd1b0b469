"""A real SMTP server on this machine that misbehaves when told to."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from threading import Lock, Thread

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailServer:
    """`answers` are given one after the other to DATA (or RCPT); then all is well again.

    An answer of None drops the connection instead, after the letter was taken. While `silent`, letters are
    taken and nothing is answered.
    """

    answers: list[str | None] = field(default_factory=list)
    recipient_answers: list[str] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str]]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    port: int = 0
    silent: bool = False
    _lock: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        with self._lock:
            answer = self.recipient_answers.pop(0) if self.recipient_answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        with self._lock:
            answer = self.answers.pop(0) if self.answers else f"250 queued as {len(self.letters) + 1}"
            if answer is None or answer.startswith("250"):
                content = bytes(envelope.content or b"")
                self.raw.append(content)
                self.letters.append(BytesParser(EmailMessage, policy=policy.default).parsebytes(content))
                self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        while self.silent:
            await asyncio.sleep(0.01)
        if answer is None:
            assert server.transport is not None
            server.transport.abort()
            return "250 never heard"
        return answer

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == b"p@ss word", handled=False)


@contextmanager
def serving(port: int | None = None, **options: object) -> Iterator[MailServer]:
    """A server on a free port of 127.0.0.1, or on this one."""
    mail = MailServer()
    controller = Controller(
        mail, hostname="127.0.0.1", port=port or free_port(), authenticator=mail.authenticate, **options
    )
    controller.start()
    mail.port = controller.port
    try:
        yield mail
    finally:
        controller.stop(no_assert=True)


@contextmanager
def scripted(**replies: str) -> Iterator[str]:
    """A server that answers one client, word for word as told; its `mailto` URL.

    Keywords are SMTP commands, and `END` is the end of the letter; whatever is not told gets 250.
    """

    def talk() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 ready\r\n")
            in_letter = False
            for line in lines:
                command = "END" if line == b".\r\n" else line[:4].decode().upper()
                if in_letter and command != "END":
                    continue
                reply = replies.get(command, "354 go on" if command == "DATA" else "250 taken")
                in_letter = command == "DATA" and reply.startswith("354")
                connection.sendall(f"{reply}\r\n".encode())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=talk)
        thread.start()
        yield f"mailto://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def free_port() -> int:
    """A port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
