"""Text messages through Tencent Cloud, version 2021-01-11 of its interface."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from apprise.plugins.base import NotifyBase
from typing_extensions import override

from notifications.bots import api
from notifications.web_service import LONGEST_WORD, WebService

TENCENT: Final = "https://sms.tencentcloudapi.com"
REGION: Final = "ap-guangzhou"
"""Where messages are handed in when the address names no other region."""

_JSON: Final = "application/json; charset=utf-8"
_ALGORITHM: Final = "TC3-HMAC-SHA256"
_SIGNED: Final = "content-type;host"
_DOMESTIC: Final = 11
_BUSY: Final = (
    "InternalError",
    "RequestLimitExceeded",
    "AuthFailure.SignatureFailure",
    "AuthFailure.SecretIdNotFound",
    "FailedOperation.InsufficientBalanceInSmsPackage",
)


class TencentSms(WebService):
    """`tencentsms://SECRET_ID:SECRET_KEY@SIGN_NAME/APP_ID/TEMPLATE/NUMBER`, `?region=` for another one.

    Operators allow approved templates only: the two variables of `TEMPLATE` are case and subject.
    """

    secure_protocol = "tencentsms"

    def __init__(self, *given: Any, **parsed: Any) -> None:
        super().__init__(*given, **parsed)
        self.place = api(parsed, TENCENT)
        self.region = str(parsed.get("qsd", {}).get("region") or REGION)
        self.access, self.secret = str(parsed["user"]), str(parsed["password"])
        self.sign_name = self.unquote(parsed["host"])
        self.application, self.template, number = self.split_path(parsed["fullpath"])
        domestic = len(number) == _DOMESTIC and number.startswith("1")
        self.number = f"+86{number}" if domestic else f"+{number}"

    @staticmethod
    @override
    def parse_url(url: Any, *_: Any, **__: Any) -> Any:
        """The parts of the address; None when some are missing."""
        parsed = NotifyBase.parse_url(url, verify_host=False)
        if not parsed or not all(parsed.get(name) for name in ("user", "password", "host", "fullpath")):
            return None
        return parsed if len(NotifyBase.split_path(parsed["fullpath"])) == 3 else None

    @override
    def _talk(self) -> bool:
        message = self.message
        body = json.dumps(
            {
                "PhoneNumberSet": [self.number],
                "SmsSdkAppId": self.application,
                "SignName": self.sign_name,
                "TemplateId": self.template,
                "TemplateParamSet": [message.case or "", message.subject[:LONGEST_WORD]],
            },
            ensure_ascii=False,
        ).encode()
        at = datetime.now(UTC)
        headers = {
            "Content-Type": _JSON,
            "Host": urlsplit(self.place).netloc,
            "X-TC-Action": "SendSms",
            "X-TC-Version": "2021-01-11",
            "X-TC-Region": self.region,
            "X-TC-Timestamp": str(int(at.timestamp())),
        }
        headers["Authorization"] = authorization(self.access, self.secret, "sms", headers["Host"], at, body)
        reply = self.connections.web.ask("POST", f"{self.place}/", self._patience, headers, body)
        return self._taken(self._heard(reply), _code, "Ok", _BUSY)


def authorization(access: str, secret: str, service: str, host: str, at: datetime, body: bytes) -> str:
    """Return the header that signs a POST of JSON by TC3-HMAC-SHA256, good for five minutes from ``at``."""
    headers = f"content-type:{_JSON}\nhost:{host}\n"
    asked = "\n".join(("POST", "/", "", headers, _SIGNED, hashlib.sha256(body).hexdigest()))
    day = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    hashed = hashlib.sha256(asked.encode()).hexdigest()
    key = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    to_sign = f"{_ALGORITHM}\n{int(at.timestamp())}\n{scope}\n{hashed}"
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={access}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}"


def _code(answer: Any) -> object:
    """What the service says of the whole request, else of its one message."""
    response = answer["Response"]
    return response["Error"]["Code"] if "Error" in response else response["SendStatusSet"][0]["Code"]
