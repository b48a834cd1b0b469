"""The one place that talks to Apprise, whichever of its versions is installed."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from apprise import Apprise, AppriseAsset, NotifyFormat
from apprise.plugins.base import NotifyBase
from typing_extensions import override

from notifications.aliyun import AliyunSms
from notifications.bots import DingTalkBot, FeishuBot, WeComBot
from notifications.connections import Connections
from notifications.mail import Mail
from notifications.message import Message
from notifications.tencent import TencentSms
from notifications.web_service import WebService
from notifications.webhook import Webhook
from notifications.wecom import WeComApplication

_LONGEST_DETAIL = 1_000
_SHORTEST_SECRET = 5
_ASSET = AppriseAsset(app_id="Beian", async_mode=False)

_OURS: Final[dict[str, type[Mail] | type[WebService]]] = {
    "mailto": Mail,
    "mailtos": Mail,
    "wecombot": WeComBot,
    "dingtalk": DingTalkBot,
    "feishu": FeishuBot,
    "wecom": WeComApplication,
    "webhook": Webhook,
    "webhooks": Webhook,
    "aliyunsms": AliyunSms,
    "tencentsms": TencentSms,
}
"""The services whose answers are read here, by the scheme of their address; Apprise has many more."""

_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt: `detail` is the provider's own answer, or the reason why there is none.

    `uncertain` marks a failure after which the message may nevertheless have arrived, `out_of_order` one that
    any other message by this channel would have met too.
    """

    ok: bool
    detail: str
    duration_ms: int = 0
    uncertain: bool = False
    out_of_order: bool = False


class _Hubs(threading.local):
    """A hub for each thread: to make one, Apprise looks for its translations on the disk."""

    def __init__(self) -> None:
        self.hub = Apprise(asset=_ASSET)


_hubs = _Hubs()


def deliver(url: str, message: Message, timeout: float, connections: Connections | None = None) -> Answer:
    """Hand `message` to the one recipient that `url` addresses, and tell what the provider answered.

    Never raises: a URL that cannot be used, a server that refuses or hangs up, an error inside a plugin all
    come back as an answer that is not ok. `timeout` bounds each step of the conversation, in seconds. With
    `connections` they are kept for the next message.
    """
    if connections is None:
        with Connections() as own:
            return deliver(url, message, timeout, own)
    started = time.perf_counter()
    ok, uncertain, out_of_order = False, False, False
    with _listening() as heard:
        try:
            service = _service(url, message, connections)
            service.socket_connect_timeout = service.socket_read_timeout = timeout
            # Apprise's own repetition, and its option to report failures as successes, would blur the record.
            service.retry, service.optional = 0, False
            ours = isinstance(service, (Mail, WebService))
            # Apprise would cut what is long into several messages.
            body = message.subject if ours else message.text or message.plain
            hub = _hubs.hub
            hub.clear()
            hub.add(service)
            # None means that nothing was sent; a partial success of Apprise 2 counts as false.
            ok = bool(hub.notify(body=body or "-", title=message.subject, body_format=NotifyFormat.TEXT))
            if isinstance(service, (Mail, WebService)):
                heard.append(service.reply)
                uncertain, out_of_order = service.unanswered, service.out_of_order
        except Exception as error:  # plugins raise what they like
            heard[:] = [f"{_place(url)} cannot be used: {_reason(heard, error)}"]
    detail = _without_secrets("; ".join(filter(None, heard)), url)[:_LONGEST_DETAIL]
    elapsed = round((time.perf_counter() - started) * 1_000)
    return Answer(ok, detail, elapsed, uncertain, out_of_order and not ok)


def trouble(url: str, recipient: str) -> str | None:
    """Why `url` cannot reach `recipient`, as far as that can be told without sending; None when it can."""
    nothing = Message(recipient, "", "", "", "", "", datetime.min.replace(tzinfo=UTC))
    with _listening() as heard, Connections() as connections:
        try:
            _service(url, nothing, connections)
        except Exception as error:  # plugins raise what they like
            return _without_secrets(_reason(heard, error), url)
    return None


def _service(url: str, message: Message, connections: Connections) -> NotifyBase:
    ours = _OURS.get(url.partition("://")[0].lower())
    if ours is not None:
        parsed = ours.parse_url(url)
        if not parsed:
            raise ValueError("no channel of that kind, or an incomplete address")
        return ours(message, connections, **(parsed | {"asset": _ASSET}))
    service = Apprise.instantiate(url, asset=_ASSET)
    if service is None:
        raise ValueError("no channel of that kind, or an incomplete address")
    return service


def _reason(heard: list[str], error: Exception) -> str:
    """Plugins log what they then raise, or log it and raise something vague."""
    return "; ".join(dict.fromkeys([*heard, str(error)]))


def _place(url: str) -> str:
    """The part of a channel's URL that may be shown."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "The channel's URL"
    return f"{parts.scheme}://{parts.hostname}" if parts.scheme and parts.hostname else "The channel's URL"


def _without_secrets(text: str, url: str) -> str:
    """Plugins quote whole URLs in what they say, and what they say is stored.

    Of a mailbox or a mail server only the password is secret; of any other service each part of the address.
    """
    secrets = [url]
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        others: list[str] = []
        if not parts.scheme.startswith("mailto"):
            others = [parts.username or "", parts.fragment, *(value for _, value in parse_qsl(parts.query))]
            if not parts.scheme.startswith("webhook"):
                others += [parts.netloc.rpartition("@")[2], *parts.path.split("/")]
        # Short words would be struck out of whatever else a service says.
        secrets += [parts.password or "", *(each for each in others if len(each) > _SHORTEST_SECRET)]
    for secret in sorted(
        {each for one in secrets for each in (one, unquote(one)) if each}, key=len, reverse=True
    ):
        text = text.replace(secret, "****")
    return text


class _Listener(logging.Handler):
    """Collects what Apprise says during a delivery: its return value only tells whether, never why."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        heard = _heard.get()
        said = record.getMessage()
        # Apprise hides the cause at this level, among much that is of no use.
        telling = record.levelno >= logging.WARNING or said.startswith(
            ("Socket Exception", "Response Details")
        )
        if heard is not None and telling:
            heard.append(said if not record.exc_info else f"{said}: {record.exc_info[1]}")


@contextlib.contextmanager
def _listening() -> Iterator[list[str]]:
    heard: list[str] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


_log = logging.getLogger("apprise")
_log.setLevel(logging.DEBUG)
_log.addHandler(_Listener())
# Its lines carry addresses and, at times, passwords: they belong in the delivery's row, not in a log file.
_log.propagate = False
