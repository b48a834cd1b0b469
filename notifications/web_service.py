"""What the channels over HTTP have in common: one request, and an answer that is read rather than counted."""

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final

from apprise.plugins.base import NotifyBase
from typing_extensions import override

from notifications.connections import Connections
from notifications.message import Message
from notifications.web import LONGEST_ANSWER, PrivateAddress, Reply, Unreachable, Web

_JSON: Final = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Beian"}
_LONGEST_TOLD: Final = 500
LONGEST_WORD: Final = 35
"""Characters that a variable of a text message's template may have."""


class WebService(NotifyBase):
    """An Apprise plugin that holds the conversation itself.

    Chat services answer 200 and put the refusal into the text, which Apprise takes for a success. `reply` is
    the answer. `unanswered` tells that the message may have been accepted although no answer came;
    `out_of_order` that no message would have fared better.
    """

    def __init__(self, message: Message, connections: Connections, **parsed: Any) -> None:
        super().__init__(**parsed)
        self.message = message
        self.connections = connections
        self.reply = ""
        self.unanswered = False
        self.out_of_order = False

    @override
    def send(self, *_: Any, **__: Any) -> bool:
        """Hand the message over; true only once the service has said that it took it."""
        try:
            return self._talk()
        except PrivateAddress as error:
            self.reply = str(error)
        except Unreachable as error:
            self.reply, self.unanswered = str(error), error.uncertain
            # Once a request went out, it may be this one that the service cannot stomach.
            self.out_of_order = not error.uncertain
        return False

    @abstractmethod
    def _talk(self) -> bool:
        """Ask, set `reply` and return whether the message was taken; what `Web.ask` raises is dealt with."""

    def _post(
        self, web: Web, url: str, payload: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Post `payload` as JSON, and take over what is to be told of the answer."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        return self._heard(web.ask("POST", url, self._patience, {**_JSON, **(headers or {})}, body))

    def _heard(self, reply: Reply) -> Reply:
        said = " ".join(reply.text.split())[:_LONGEST_TOLD]
        more = f" … (longer than {LONGEST_ANSWER // 1024} KB: no receipt)" if reply.cut else ""
        self.reply = f"HTTP {reply.status} {said}{more}".strip()
        if 300 <= reply.status < 400:
            self.reply += " (redirects are not followed)"
        self.out_of_order = reply.status >= 500
        return reply

    def _taken(
        self,
        reply: Reply,
        code: str | Callable[[Any], object],
        fine: object = 0,
        busy: tuple[object, ...] = (),
    ) -> bool:
        """Return whether a JSON answer says under `code` that all is `fine`; `busy` is its own fault."""
        if not 200 <= reply.status < 300:
            return False
        try:
            answer = json.loads(reply.text)
            found = code(answer) if callable(code) else answer[code]
        except (ValueError, LookupError, TypeError):
            self.reply += f" (an answer without {'a code' if callable(code) else code})"
            return False
        self.out_of_order = found in busy
        return bool(found == fine)

    @property
    def _patience(self) -> float:
        return float(self.socket_read_timeout or 15)

    def _words(self, most: int) -> str:
        """Subject and text in at most so many bytes, cut between characters."""
        words = f"{self.message.subject}\n{self.message.text}".strip()
        raw = words.encode()
        return words if len(raw) <= most else raw[: most - 3].decode("utf-8", "ignore") + "…"
