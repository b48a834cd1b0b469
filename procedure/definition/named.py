"""What a pack gives a name to: the dates of a call, and the numbers and texts its rules refer to."""

from typing import Literal, Self

from pydantic import model_validator

from procedure.definition.ground import Grounded
from procedure.definition.model import Words
from procedure.fault import Fault
from procedure.instant import calendar_day, local_instant


class NamedDate(Grounded):
    """A date that a call must give; ``value`` is what the source states for this call.

    ``instant`` is a local date and time (Asia/Shanghai), ``day`` runs through the end of that day.
    """

    title: Words
    kind: Literal["instant", "day"]
    value: str | None = None

    @model_validator(mode="after")
    def _value_fits_kind(self) -> Self:
        if self.value is not None:
            example = "2024-08-04T18:00" if self.kind == "instant" else "2024-08-13"
            try:
                if self.kind == "day":
                    calendar_day(self.value)
                elif "T" in self.value:
                    local_instant(self.value)
                else:
                    raise ValueError
            except ValueError as error:
                raise ValueError(Fault("value_must_read", example=example, given=self.value)) from error
        return self


class NamedValue(Grounded):
    """A number or text that rules refer to by name, such as a pass mark."""

    title: Words
    value: int | bool | str
