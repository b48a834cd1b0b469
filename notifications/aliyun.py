"""Text messages through Alibaba Cloud; any other service that Apprise knows can take its place."""

import hashlib
import hmac
import json
import secrets
from datetime import UTC
from typing import Any, Final
from urllib.parse import quote

from apprise.plugins.base import NotifyBase
from typing_extensions import override

from notifications.bots import api
from notifications.web_service import LONGEST_WORD, WebService

ALIYUN: Final = "https://dysmsapi.aliyuncs.com"
_BUSY: Final = ("isp.SYSTEM_ERROR", "isv.OUT_OF_SERVICE", "isv.AMOUNT_NOT_ENOUGH", "isv.ACCOUNT_ABNORMAL")


class AliyunSms(WebService):
    """`aliyunsms://ACCESS_KEY:SECRET@SIGN_NAME/TEMPLATE/NUMBER`.

    Operators allow approved templates only: `TEMPLATE` has the variables `case` and `subject`.
    """

    secure_protocol = "aliyunsms"

    def __init__(self, *given: Any, **parsed: Any) -> None:
        super().__init__(*given, **parsed)
        self.place = api(parsed, ALIYUN)
        self.access, self.secret = str(parsed["user"]), str(parsed["password"])
        self.sign_name = self.unquote(parsed["host"])
        self.template, self.number = self.split_path(parsed["fullpath"])

    @staticmethod
    @override
    def parse_url(url: Any, *_: Any, **__: Any) -> Any:
        """The parts of the address; None when some are missing."""
        parsed = NotifyBase.parse_url(url, verify_host=False)
        if not parsed or not all(parsed.get(name) for name in ("user", "password", "host", "fullpath")):
            return None
        return parsed if len(NotifyBase.split_path(parsed["fullpath"])) == 2 else None

    @override
    def _talk(self) -> bool:
        message = self.message
        words = {"case": message.case or "", "subject": message.subject[:LONGEST_WORD]}
        query = "&".join(
            f"{name}={quote(value, safe='-_.~')}"
            for name, value in sorted(
                {
                    "PhoneNumbers": self.number,
                    "SignName": self.sign_name,
                    "TemplateCode": self.template,
                    "TemplateParam": json.dumps(words, ensure_ascii=False),
                }.items()
            )
        )
        reply = self.connections.web.ask(
            "POST", f"{self.place}/?{query}", self._patience, self._headers(query)
        )
        return self._taken(self._heard(reply), "Code", "OK", _BUSY)

    def _headers(self, query: str) -> dict[str, str]:
        """Signed as ACS3-HMAC-SHA256 asks."""
        nothing = hashlib.sha256(b"").hexdigest()
        headers = {
            "host": self.place.partition("://")[2],
            "x-acs-action": "SendSms",
            "x-acs-content-sha256": nothing,
            "x-acs-date": self.message.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": "2017-05-25",
        }
        names = ";".join(headers)
        listed = "".join(f"{name}:{value}\n" for name, value in headers.items())
        asked = "\n".join(("POST", "/", query, listed, names, nothing))
        to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(asked.encode()).hexdigest()}"
        signature = hmac.new(self.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        credential = f"Credential={self.access},SignedHeaders={names},Signature={signature}"
        return {**headers, "Authorization": f"ACS3-HMAC-SHA256 {credential}"}
