"""E-mail: Apprise reads the server's address, the letter and the conversation with the server are ours."""

import base64
import hashlib
import re
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Any, Final

from apprise.plugins.email.base import NotifyEmail
from typing_extensions import override

from notifications.connections import Connections
from notifications.message import Message

# Base64 rather than raw 8-bit: not every relay announces 8BITMIME.
_POLICY = SMTP.clone(cte_type="7bit")
_CLOSING = 421
_LINE: Final = 78
"""Characters of a line after which a header is folded."""

_PLAIN_ADDRESS: Final = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""Addresses that stand in a header as they are."""


class Mail(NotifyEmail):
    """Apprise's e-mail plugin with a letter of its own.

    Apprise's letter cannot serve: it adds a Message-ID beside any given one (large providers refuse two),
    makes the plain part by stripping the HTML, and keeps the server's answer to itself. Its reading of
    `mailto(s)://` URLs, with the known providers' settings and the modes of encryption, is used as it is.

    `reply` is what the server said last. `unanswered` tells that the letter may have been accepted although
    no answer came, so that a further attempt may deliver it twice. `out_of_order` tells that no letter would
    have fared better.
    """

    def __init__(self, message: Message, connections: Connections, **parsed: Any) -> None:
        super().__init__(**parsed)
        if [address for _, address in self.targets] != [message.recipient]:
            raise TypeError(f"{message.recipient!r} is not one e-mail address")
        if self.cc or self.bcc or self.pgp_mode != "no":
            raise TypeError("cc, bcc and pgp have no place in a notice's URL")
        self.message = message
        self.connections = connections
        self.reply = ""
        self.unanswered = False
        self.out_of_order = False

    @override
    def send(self, *_: Any, **__: Any) -> bool:
        """Hand the letter to the server; true only once the server has taken it."""
        try:
            letter = self._letter()
        except ValueError as error:
            self.reply = f"{type(error).__name__}: {error}"
            return False
        place = f"{self.smtp_host}:{self.port} {self.user} {self.password} {self.from_addr[1]}"
        while True:
            self.out_of_order, kept = True, False
            try:
                server, kept = self.connections.mail(place, self._connect)
                self._submit(server, letter)
            except smtplib.SMTPResponseException as refusal:
                self.reply = _said(refusal.smtp_code, refusal.smtp_error)
                self.out_of_order = self.out_of_order or refusal.smtp_code == _CLOSING
            except (OSError, ValueError) as error:  # smtplib's own errors are kinds of OSError
                self.reply = f"{type(error).__name__}: {error}"
                self.connections.drop(place)
                # Who keeps a connection finds out only now that the server has closed it meanwhile.
                if kept and isinstance(error, smtplib.SMTPServerDisconnected) and not self.unanswered:
                    continue
                return False
            else:
                return True
            # What a refused letter leaves behind must not cling to the next.
            self.connections.drop(place)
            return False

    def _connect(self) -> smtplib.SMTP:
        host, port, timeout = self.smtp_host, int(self.port or 0), self.socket_connect_timeout
        if self.secure_mode == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=self._tls())
        else:
            server = smtplib.SMTP(host, port, timeout=timeout)
        try:
            if self.secure_mode == "starttls":
                server.starttls(context=self._tls())
            if self.user and self.password:
                server.login(self.user, self.password)
        except Exception:
            server.close()
            raise
        return server

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self.verify_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _submit(self, server: smtplib.SMTP, letter: bytes) -> None:
        """Step by step, because `sendmail` drops the queue number that proves the acceptance."""
        server.ehlo_or_helo_if_needed()
        for command, address in ((server.mail, self.from_addr[1]), (server.rcpt, self.message.recipient)):
            code, said = command(str(address))
            if code not in {250, 251}:
                raise smtplib.SMTPResponseException(code, said)
            # Whoever takes the sender's name is in order; the rest is between it and this recipient.
            self.out_of_order = False
        try:
            code, said = server.data(letter)
        except smtplib.SMTPResponseException:
            raise
        except OSError:
            self.unanswered = True
            raise
        if code != 250:
            raise smtplib.SMTPResponseException(code, said)
        self.reply = _said(code, said)

    def _letter(self) -> bytes:
        """The letter, put together by hand: the library needs longer for it than the sending takes."""
        message = self.message
        name, address = self.from_addr
        headers = [
            _sender(str(name or ""), str(address)),
            _recipient(message.recipient),
            *([_header("Reply-To", ", ".join(sorted(self.reply_to)))] if self.reply_to else []),
            _header("Subject", message.subject),
            _header("Date", format_datetime(message.at)),
            _header("Message-ID", message.message_id),
            _header("In-Reply-To", message.thread),
            _header("References", message.thread),
            _header("Auto-Submitted", "auto-generated"),
            *(_header(header, value) for header, value in self.headers.items()),
        ]
        boundary = f"={hashlib.sha256(message.message_id.encode()).hexdigest()[:24]}="
        kind = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
        plain, html = _part("plain", message.plain), _part("html", message.html)
        mark = f"--{boundary}"
        return "".join([*headers, kind, f"{mark}\r\n{plain}{mark}\r\n{html}{mark}--\r\n"]).encode()


@cache
def _sender(name: str, address: str) -> str:
    return _folded("From", Address(display_name=name, addr_spec=address))


def _recipient(address: str) -> str:
    plain = _PLAIN_ADDRESS.fullmatch(address) is not None and len(address) < _LINE - len("To: ")
    return f"To: {address}\r\n" if plain else _folded("To", Address(addr_spec=address))


def _header(name: str, value: str) -> str:
    """The header as it goes over the wire; what is short and plain needs no library to say it."""
    plain = value.isascii() and value.isprintable() and "=?" not in value
    if plain and len(name) + len(value) + 2 < _LINE:
        return f"{name}: {value}\r\n"
    return _folded(name, value)


def _folded(name: str, value: str | Address) -> str:
    letter = EmailMessage(_POLICY)
    letter[name] = value
    return letter.as_bytes().decode("ascii").removesuffix("\r\n")


def _part(kind: str, text: str) -> str:
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    content = base64.encodebytes(lines.encode()).decode().replace("\n", "\r\n")
    return f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}'


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {text}"
