"""What an operator sets about the portal, from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PortalSettings(BaseSettings):
    """The settings, each named ``BEIAN_PORTAL_`` and the name here in capitals.

    ``secure`` says that people reach the portal over https: cookies are then sent over nothing else.
    ``demonstration`` offers to sign in as anybody without a password; it works in a story's database only.
    ``session_hours`` is how long a sign-in lasts, ``idle_minutes`` how long without a page asked for.
    """

    model_config = SettingsConfigDict(
        env_prefix="BEIAN_PORTAL_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    secure: bool = False
    demonstration: bool = False
    session_hours: int = Field(default=12, ge=1, le=24 * 30)
    idle_minutes: int = Field(default=120, ge=5, le=24 * 60)
