"""Which channels exist here, from the environment."""

import re
from email.utils import parseaddr
from typing import Self
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from notifications.channel import trouble
from notifications.connections import Connections
from notifications.secret import Seal
from notifications.web import plainly_private
from notifications.webhook import key_for
from procedure.fault import Fault

EMAIL = "email"
BOTS = ("wecom_bot", "dingtalk", "feishu")
"""Channels whose address is a key that lets anyone write who knows it."""

LONGEST = 2000
"""The most characters of an address."""

_ACCOUNT = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_NUMBER = re.compile(r"\+?[0-9]{5,15}")
_KEY = re.compile(r"[A-Za-z0-9_-]{5,200}")
_SHORTEST_KEY = 32


class BadAddress(ValueError):
    """An address that its channel cannot reach; it says what one looks like, and does not repeat it."""


class ChannelSettings(BaseSettings):
    """The channels' addresses and secrets.

    `BEIAN_SMTP_URL` is an Apprise address of the mail server without a recipient, such as
    `mailtos://user:password@mail.example.gov.cn:465?mode=ssl` (special characters in the password
    percent-encoded). `BEIAN_MAIL_FROM` is the sender, `岳阳市科学技术局 <beian@example.gov.cn>`.
    `BEIAN_WECOM_APP` is `wecom://CORPID:SECRET@AGENTID`. `BEIAN_SMS_URL` is
    `aliyunsms://ACCESS_KEY:SECRET@SIGN_NAME/TEMPLATE/{number}`,
    `tencentsms://SECRET_ID:SECRET_KEY@SIGN_NAME/APP_ID/TEMPLATE/{number}`, or any Apprise address with
    `{number}` in it.
    `BEIAN_WEBHOOK_KEY` is what the signing keys of webhooks are made from. `BEIAN_SECRET_KEY` seals
    addresses; several, separated by commas, are a change of keys: the first seals. What is not set is a
    channel that does not exist: its notices wait, nothing fails. No error and no `repr` shows the values.

    `BEIAN_WEBHOOKS_PRIVATE=true` lets webhooks reach this machine and private networks. `…_API` is where a
    service stands that is not the public one. `BEIAN_SENDERS` messages leave at once.
    """

    model_config = SettingsConfigDict(
        env_prefix="BEIAN_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="ignore"
    )

    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    wecom_app: SecretStr | None = None
    wecom_api: str | None = None
    dingtalk_api: str | None = None
    feishu_api: str | None = None
    sms_url: SecretStr | None = None
    sms_api: str | None = None
    webhook_key: SecretStr | None = None
    webhooks_private: bool = False
    secret_key: SecretStr | None = None
    channel_timeout: float = Field(default=15.0, gt=0, le=300)
    senders: int = Field(default=4, ge=1, le=32)

    @model_validator(mode="after")
    def _can_send(self) -> Self:
        if self.smtp_url is not None:
            self._smtp_can_send(self.smtp_url.get_secret_value())
        for name, secret in (("BEIAN_SECRET_KEY", self.secret_key), ("BEIAN_WEBHOOK_KEY", self.webhook_key)):
            given = None if secret is None else secret.get_secret_value()
            if given is not None and any(len(key.strip()) < _SHORTEST_KEY for key in given.split(",")):
                raise ValueError(f"{name} must have at least {_SHORTEST_KEY} characters")
        if self.sms_url is not None and "{number}" not in self.sms_url.get_secret_value():
            raise ValueError("BEIAN_SMS_URL must have {number} where the telephone number belongs")
        for channel, name, address in (
            ("wecom", "BEIAN_WECOM_APP", "someone"),
            ("sms", "BEIAN_SMS_URL", "13800000000"),
        ):
            if channel in self.channels:
                reason = trouble(self.url(channel, address), address)
                if reason:
                    raise ValueError(f"{name} cannot send: {reason}")
        return self

    def _smtp_can_send(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"mailto", "mailtos"} or not parts.hostname:
            raise ValueError("BEIAN_SMTP_URL must be mailto://HOST or mailtos://HOST")
        if parts.path.strip("/") or parse_qs(parts.query).keys() & {"to", "cc", "bcc"}:
            raise ValueError("BEIAN_SMTP_URL must name no recipient: each notice has its own")
        # Found out when sending, it would wear out the attempts of every notice.
        reason = trouble(self.url(EMAIL, "someone@example.com"), "someone@example.com")
        if reason:
            raise ValueError(f"BEIAN_SMTP_URL and BEIAN_MAIL_FROM cannot send: {reason}")

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels that can be used."""
        sealed = self.secret_key is not None
        found = {
            EMAIL: self.smtp_url is not None,
            "wecom": sealed and self.wecom_app is not None,
            **dict.fromkeys(BOTS, sealed),
            "webhook": sealed and self.webhook_key is not None,
            "sms": self.sms_url is not None,
        }
        return tuple(name for name, there in found.items() if there)

    @property
    def domain(self) -> str:
        """The domain of the sender, under which conversations are named."""
        sender = parseaddr(self.mail_from or "")[1].rpartition("@")[2]
        server = urlsplit(self.smtp_url.get_secret_value()).hostname if self.smtp_url else None
        return sender or server or "beian"

    @property
    def seal(self) -> Seal:
        """What addresses are sealed with; raises NoKey."""
        keys = "" if self.secret_key is None else self.secret_key.get_secret_value()
        return Seal([key.strip() for key in keys.split(",") if key.strip()])

    def connections(self) -> Connections:
        """Connections for a run of deliveries."""
        return Connections(private=self.webhooks_private)

    def registrable(self, channel: str, address: str) -> str:
        """Return an address that may be registered for `channel`; raises BadAddress.

        A webhook that plainly leads to this machine or a private network is none unless
        `BEIAN_WEBHOOKS_PRIVATE=true`. What a name leads to is looked at whenever something is sent there.
        """
        target = checked(channel, address)
        if channel == "webhook" and not self.webhooks_private:
            host = urlsplit(target).hostname or ""
            if plainly_private(host):
                raise BadAddress(Fault("webhook_within", host=host))
        return target

    def signing_key(self, address: str) -> str:
        """The key that messages to a webhook are signed with, to be given to its owner."""
        if self.webhook_key is None:
            raise LookupError("BEIAN_WEBHOOK_KEY is not set")
        return key_for(self.webhook_key.get_secret_value(), address)

    def url(self, channel: str, address: str) -> str:
        """The Apprise URL that reaches `address`, and no one else, by `channel`; it contains secrets.

        Raises LookupError for a channel that is not configured and BadAddress for an address that is none.
        """
        if channel not in self.channels:
            raise LookupError(f"no channel {channel!r} is configured")
        secret = {EMAIL: self.smtp_url, "wecom": self.wecom_app, "sms": self.sms_url}.get(channel)
        base = "" if secret is None else secret.get_secret_value()
        match channel:
            case "email":
                parts = urlsplit(base)
                sender = {"from": self.mail_from} if self.mail_from else {}
                query = "&".join(filter(None, [parts.query, urlencode({**sender, "to": address})]))
                return urlunsplit(parts._replace(query=query))
            case "wecom":
                return _with_api(
                    f"{base.rstrip('/')}/{quote(checked(channel, address), safe='')}", self.wecom_api
                )
            case "wecom_bot":
                return _with_api(f"wecombot://{checked(channel, address)}", self.wecom_api)
            case "dingtalk":
                return _with_api(f"dingtalk://{checked(channel, address)}", self.dingtalk_api)
            case "feishu":
                token, _, signing = checked(channel, address).partition(":")
                return _with_api(
                    f"feishu://{token}" + (f"?secret={signing}" if signing else ""), self.feishu_api
                )
            case "webhook":
                target = checked(channel, address)
                scheme, rest = (
                    ("webhooks", target[8:]) if target[:8] == "https://" else ("webhook", target[7:])
                )
                return f"{scheme}://{rest}#{self.signing_key(target)}"
            case _:
                number = checked(channel, address).removeprefix("+")
                return _with_api(base.replace("{number}", number), self.sms_api)


def checked(channel: str, address: str) -> str:
    """Return an address that `channel` can reach; raises BadAddress."""
    if len(address) > LONGEST:
        raise BadAddress(Fault("address_too_long", channel=channel, length=len(address), most=LONGEST))
    shape = {
        "wecom": (_ACCOUNT, Fault("account_of_wecom")),
        "wecom_bot": (_KEY, Fault("key_of_bot")),
        "dingtalk": (
            re.compile(rf"({_KEY.pattern}@)?{_KEY.pattern}"),
            Fault("token_of_dingtalk"),
        ),
        "feishu": (
            re.compile(rf"{_KEY.pattern}(:{_KEY.pattern})?"),
            Fault("token_of_feishu"),
        ),
        "sms": (_NUMBER, Fault("number_of_digits")),
    }
    if channel in shape:
        pattern, looks = shape[channel]
        if not pattern.fullmatch(address):
            raise BadAddress(Fault("no_address", channel=channel, looks=looks))
        return address
    if channel != "webhook":
        raise BadAddress(Fault("no_such_channel", channel=channel))
    try:
        parts = urlsplit(address)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    else:
        fine = fine and not (parts.username or parts.password or parts.fragment)
    if not fine or any(each.isspace() or not each.isascii() for each in address):
        raise BadAddress(Fault("no_address", channel=channel, looks=Fault("address_of_webhook")))
    return address


def _with_api(url: str, api: str | None) -> str:
    return url if api is None else f"{url}{'&' if '?' in url else '?'}{urlencode({'api': api})}"
