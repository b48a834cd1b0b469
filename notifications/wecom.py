"""An application of WeCom, which writes to members by their account."""

import json
from typing import Any, Final
from urllib.parse import quote

from apprise.plugins.base import NotifyBase
from typing_extensions import override

from notifications.bots import WECOM, api
from notifications.web_service import WebService

_STALE: Final = (40014, 42001)


class WeComApplication(WebService):
    """`wecom://CORPID:SECRET@AGENTID/ACCOUNT`."""

    secure_protocol = "wecom"

    def __init__(self, *given: Any, **parsed: Any) -> None:
        super().__init__(*given, **parsed)
        self.place = api(parsed, WECOM)
        self.corporation, self.secret = str(parsed["user"]), str(parsed["password"])
        self.agent = int(parsed["host"])
        (self.account,) = self.split_path(parsed["fullpath"])

    @staticmethod
    @override
    def parse_url(url: Any, *_: Any, **__: Any) -> Any:
        """The parts of the address; None when some are missing."""
        parsed = NotifyBase.parse_url(url, verify_host=False)
        if not parsed or not all(parsed.get(name) for name in ("user", "password", "host", "fullpath")):
            return None
        if not str(parsed["host"]).isdigit():
            return None
        return parsed

    @override
    def _talk(self) -> bool:
        for fresh in (False, True):
            token = self._token(fresh=fresh)
            if token is None:
                return False
            content = {"content": self._words(2_048)}
            reply = self._post(
                self.connections.web,
                f"{self.place}/cgi-bin/message/send?access_token={quote(token)}",
                {"touser": self.account, "msgtype": "text", "agentid": self.agent, "text": content},
            )
            taken = self._taken(reply, "errcode", busy=(-1,))
            said = _said(reply.text)
            if taken:
                # Fine as a whole, yet the one account it was for is not among the members.
                return not said.get("invaliduser")
            if said.get("errcode") not in _STALE:
                return False
        return False

    def _token(self, *, fresh: bool) -> str | None:
        key = f"{self.place} {self.corporation} {self.agent}"
        if not fresh and key in self.connections.tokens:
            return self.connections.tokens[key]
        query = f"corpid={quote(self.corporation)}&corpsecret={quote(self.secret)}"
        url = f"{self.place}/cgi-bin/gettoken?{query}"
        reply = self._heard(self.connections.web.ask("GET", url, self._patience))
        token = _said(reply.text).get("access_token")
        if not self._taken(reply, "errcode", busy=(-1,)) or not isinstance(token, str):
            # Without a token nobody is reached.
            self.out_of_order = True
            return None
        self.connections.tokens[key] = token
        return token


def _said(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
