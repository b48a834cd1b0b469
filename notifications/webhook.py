"""A program's own address: the notice as JSON, signed."""

import hashlib
import hmac
import json
from typing import Any, Final

from apprise.plugins.base import NotifyBase
from typing_extensions import override

from notifications.web_service import WebService

SIGNATURE: Final = "Beian-Signature"


def key_for(master: str, address: str) -> str:
    """Return the key that messages to `address` are signed with; who knows it cannot sign to another."""
    return hmac.new(master.encode(), address.encode(), hashlib.sha256).hexdigest()


def sign(key: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header that proves `body` comes from here: `t=SECONDS,v1=HMAC-SHA256`."""
    signed = hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={signed}"


class Webhook(WebService):
    """`webhook(s)://HOST/PATH#KEY`: any answer of 200 to 299 counts as taken, unless it is a flood.

    The same notice has the same `id` each time it is sent, so that a receiver can drop what it has already.
    """

    protocol = "webhook"
    secure_protocol = "webhooks"

    def __init__(self, *given: Any, **parsed: Any) -> None:
        super().__init__(*given, **parsed)
        self.address, self.key = str(parsed["address"]), str(parsed["key"])

    @staticmethod
    @override
    def parse_url(url: Any, *_: Any, **__: Any) -> Any:
        """The parts of the address; None when it is none."""
        parsed = NotifyBase.parse_url(url, verify_host=True)
        if not parsed:
            return None
        whole = str(url)
        address, key = whole[: whole.rfind("#")], whole[whole.rfind("#") + 1 :]
        # Host, path and query are the receiver's own and go as they came.
        plain = "https" if parsed["schema"] == "webhooks" else "http"
        return {**parsed, "address": f"{plain}{address[address.find('://') :]}", "key": key}

    @override
    def _talk(self) -> bool:
        message = self.message
        payload = {
            "id": message.message_id.strip("<>"),
            "at": message.at.isoformat(),
            "case": message.case,
            "cause": message.cause,
            "subject": message.subject,
            "text": message.text,
        }
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Beian",
            SIGNATURE: sign(self.key, int(message.at.timestamp()), body),
        }
        reply = self.connections.guarded.ask("POST", self.address, self._patience, headers, body)
        fine = 200 <= self._heard(reply).status < 300
        # Megabytes are no receipt, and do not tell that nothing was taken either.
        self.unanswered = fine and reply.cut
        return fine and not reply.cut
