"""Group bots of WeCom, DingTalk and Feishu: Apprise reads their addresses, the conversation is ours."""

import base64
import hashlib
import hmac
from typing import Any, Final

from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from typing_extensions import override

from notifications.web_service import WebService

WECOM: Final = "https://qyapi.weixin.qq.com"
DINGTALK: Final = "https://oapi.dingtalk.com"
FEISHU: Final = "https://open.feishu.cn"


def api(parsed: dict[str, Any], default: str) -> str:
    """Return where the service stands: the public one, or the private one of `?api=https://…`."""
    return str(parsed.get("qsd", {}).get("api") or default).rstrip("/")


class WeComBot(WebService, NotifyWeComBot):
    """`wecombot://KEY`: a bot of a WeCom group. Its texts have at most 2,048 bytes."""

    def __init__(self, *given: Any, **parsed: Any) -> None:
        super().__init__(*given, **parsed)
        self.place = api(parsed, WECOM)

    @override
    def _talk(self) -> bool:
        reply = self._post(
            self.connections.web,
            f"{self.place}/cgi-bin/webhook/send?key={self.key}",
            {"msgtype": "text", "text": {"content": self._words(2_048)}},
        )
        return self._taken(reply, "errcode", busy=(-1,))


class DingTalkBot(WebService, NotifyDingTalk):
    """`dingtalk://SECRET@TOKEN`: a bot of a DingTalk group, signed where it has a secret."""

    def __init__(self, *given: Any, **parsed: Any) -> None:
        super().__init__(*given, **parsed)
        self.place = api(parsed, DINGTALK)

    @override
    def _talk(self) -> bool:
        url = f"{self.place}/robot/send?access_token={self.token}"
        if self.secret:
            timestamp, signature = self.get_signature()
            url += f"&timestamp={timestamp}&sign={signature}"
        content = {"msgtype": "text", "text": {"content": self._words(20_000)}}
        return self._taken(self._post(self.connections.web, url, content), "errcode", busy=(-1,))


class FeishuBot(WebService, NotifyFeishu):
    """`feishu://TOKEN?secret=…`: a bot of a Feishu group, signed where it has a secret."""

    def __init__(self, *given: Any, **parsed: Any) -> None:
        super().__init__(*given, **parsed)
        self.place = api(parsed, FEISHU)
        self.secret = str(parsed.get("qsd", {}).get("secret", ""))

    @override
    def _talk(self) -> bool:
        payload: dict[str, Any] = {"msg_type": "text", "content": {"text": self._words(19_000)}}
        if self.secret:
            timestamp = str(int(self.message.at.timestamp()))
            signed = hmac.new(f"{timestamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
            payload |= {"timestamp": timestamp, "sign": base64.b64encode(signed).decode()}
        reply = self._post(self.connections.web, f"{self.place}/open-apis/bot/v2/hook/{self.token}", payload)
        return self._taken(reply, "code")
