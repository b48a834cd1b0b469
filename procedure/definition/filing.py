"""What a filing is called, how it is numbered, and how long it is valid."""

import re
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from procedure.definition.ground import Grounded
from procedure.fault import Fault

STATUS: Final = "consortium.status"
"""The form field of a pack whose city knows several statuses of a consortium: which one is applied for."""


class Naming(Grounded):
    """The official name's pattern, with ``{direction}`` and, where names differ by status, ``{status}``."""

    pattern: Annotated[str, StringConstraints(max_length=100)]

    @model_validator(mode="after")
    def _has_direction(self) -> Self:
        rest = self.pattern.replace("{status}", "", 1)
        if not re.fullmatch(r"[^{}]*\{direction\}[^{}]*", rest):
            raise ValueError(Fault("name_pattern", pattern=self.pattern))
        return self


class Numbering(Grounded):
    """How numbers are built from a counter: ``{year}`` and ``{n}`` (with a format such as ``{n:03d}``)."""

    pattern: Annotated[str, StringConstraints(max_length=100)]

    @model_validator(mode="after")
    def _is_a_pattern(self) -> Self:
        if not re.fullmatch(r"(?:[^{}]|\{year\}|\{n(?::0[1-9]d)?\})*", self.pattern):
            raise ValueError(Fault("number_pattern", pattern=self.pattern))
        if "{n" not in self.pattern:
            raise ValueError(Fault("numbers_repeat", pattern=self.pattern))
        return self


class Validity(Grounded):
    """How long a filing is valid, in calendar years from the filing document's date."""

    years: Annotated[int, Field(ge=1, le=30)]
