"""What an operator sets about the portal, from the environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class PortalSettings(BaseSettings):
    """The settings, each named ``BEIAN_PORTAL_`` and the name here in capitals.

    ``secure`` says that people reach the portal over https: cookies are then sent over nothing else.
    ``demonstration`` offers to sign in as anybody without a password; it works in a story's database only.
    ``prefect_url`` is where operations reach Prefect's own pages, empty for nowhere.
    ``url`` is where people open it, for links in messages and for identity providers.
    ``session_hours`` is how long a sign-in lasts, ``idle_minutes`` how long without a page asked for.
    ``oidc_issuer``, ``oidc_client`` and ``oidc_secret`` name the identity provider through which people may
    sign in as well, with ``url`` to come back to.
    """

    model_config = SettingsConfigDict(
        env_prefix="BEIAN_PORTAL_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    secure: bool = False
    demonstration: bool = False
    prefect_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+/?$")
    session_hours: int = Field(default=12, ge=1, le=24 * 30)
    idle_minutes: int = Field(default=120, ge=5, le=24 * 60)
    oidc_issuer: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$", max_length=300)
    oidc_client: str | None = None
    oidc_secret: SecretStr | None = None
