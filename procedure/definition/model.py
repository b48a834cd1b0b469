"""What everything a pack says is made of: a frozen model, and a wording in both languages."""

from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Model(BaseModel):
    """Frozen, and closed to keys it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, ignored_types=(cached_property,), defer_build=True
    )


class Words(Model):
    """One wording in Chinese and in English."""

    zh: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=1000)]

    def of(self, language: str) -> str:
        """Return the wording in ``language`` ("zh" or "en"); anything else reads Chinese."""
        return self.en if language == "en" else self.zh
