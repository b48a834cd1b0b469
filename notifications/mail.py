"""E-mail: Apprise reads the server's address, the letter and the conversation with the server are ours."""

import base64
import hashlib
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from apprise.plugins.email.base import NotifyEmail
from typing_extensions import override

from notifications.connections import Connections
from notifications.message import Message

# Base64 rather than raw 8-bit: not every relay announces 8BITMIME.
_POLICY = SMTP.clone(cte_type="7bit")
_CLOSING = 421


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
        """The letter, its parts put together by hand: the library needs as long for them as for all else."""
        message = self.message
        letter = EmailMessage(_POLICY)
        name, address = self.from_addr
        letter["From"] = Address(display_name=str(name or ""), addr_spec=str(address))
        letter["To"] = Address(addr_spec=message.recipient)
        if self.reply_to:
            letter["Reply-To"] = ", ".join(sorted(self.reply_to))
        letter["Subject"] = message.subject
        letter["Date"] = format_datetime(message.at)
        letter["Message-ID"] = message.message_id
        letter["In-Reply-To"] = message.thread
        letter["References"] = message.thread
        letter["Auto-Submitted"] = "auto-generated"
        for header, value in self.headers.items():
            letter[header] = value
        boundary = f"={hashlib.sha256(message.message_id.encode()).hexdigest()[:24]}="
        head = letter.as_bytes().removesuffix(b"\r\n")
        kind = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
        plain, html = _part("plain", message.plain), _part("html", message.html)
        mark = f"--{boundary}"
        return head + kind.encode() + f"{mark}\r\n{plain}{mark}\r\n{html}{mark}--\r\n".encode()


def _part(kind: str, text: str) -> str:
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    content = base64.encodebytes(lines.encode()).decode().replace("\n", "\r\n")
    return f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}'


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {text}"
