"""Which channels exist here, from the environment."""

from email.utils import parseaddr
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from notifications.channel import trouble

EMAIL = "email"


class ChannelSettings(BaseSettings):
    """The channels' addresses and secrets.

    `BEIAN_SMTP_URL` is an Apprise address of the mail server without a recipient, such as
    `mailtos://user:password@mail.example.gov.cn:465?mode=ssl` (special characters in the password
    percent-encoded). `BEIAN_MAIL_FROM` is the sender, `岳阳市科学技术局 <beian@example.gov.cn>`.
    Without a mail server notices wait; nothing fails. No error and no `repr` shows the values.
    """

    model_config = SettingsConfigDict(
        env_prefix="BEIAN_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="ignore"
    )

    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    channel_timeout: float = 15.0

    @model_validator(mode="after")
    def _can_send(self) -> Self:
        if self.smtp_url is None:
            return self
        parts = urlsplit(self.smtp_url.get_secret_value())
        if parts.scheme not in {"mailto", "mailtos"} or not parts.hostname:
            raise ValueError("BEIAN_SMTP_URL must be mailto://HOST or mailtos://HOST")
        if parts.path.strip("/") or parse_qs(parts.query).keys() & {"to", "cc", "bcc"}:
            raise ValueError("BEIAN_SMTP_URL must name no recipient: each notice has its own")
        # Found out when sending, it would wear out the attempts of every notice.
        reason = trouble(self.url(EMAIL, "someone@example.com"), "someone@example.com")
        if reason:
            raise ValueError(f"BEIAN_SMTP_URL and BEIAN_MAIL_FROM cannot send: {reason}")
        return self

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels that can be used."""
        return (EMAIL,) if self.smtp_url else ()

    @property
    def domain(self) -> str:
        """The domain of the sender, under which conversations are named."""
        sender = parseaddr(self.mail_from or "")[1].rpartition("@")[2]
        server = urlsplit(self.smtp_url.get_secret_value()).hostname if self.smtp_url else None
        return sender or server or "beian"

    def url(self, channel: str, address: str) -> str:
        """The Apprise URL that reaches `address`, and no one else, by `channel`; it contains secrets."""
        if self.smtp_url is None or channel != EMAIL:
            raise LookupError(f"no channel {channel!r} is configured")
        parts = urlsplit(self.smtp_url.get_secret_value())
        sender = {"from": self.mail_from} if self.mail_from else {}
        query = "&".join(filter(None, [parts.query, urlencode({**sender, "to": address})]))
        return urlunsplit(parts._replace(query=query))
