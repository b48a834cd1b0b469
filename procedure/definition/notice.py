"""What people are told, whom it is told to, and the hours in which reminders go out."""

from typing import Final, Literal, Self

from pydantic import Field, model_validator

from procedure.definition.ground import Grounded
from procedure.definition.model import Model
from procedure.definition.vocabulary import Audience, ClockTime, Identifier
from procedure.fault import Fault

REASSIGNED: Final = "reassigned"
"""The text by which whoever gets a case from a rung of a ladder is told."""

URGED: Final = "urged"
"""The text that tells a holder that somebody urges them."""


class NoticeText(Model):
    """What people are told in each language.

    ``served`` marks what is served on a person (a decision, a return, a hearing): it is told at once, and
    nobody can choose not to be told.
    """

    served: bool = False
    zh: dict[Literal["subject", "body"], str] = {}
    en: dict[Literal["subject", "body"], str] = {}


class Notify(Model):
    """Which text goes to whom."""

    text: Identifier
    to: tuple[Audience, ...] = Field(min_length=1)


class SendingHours(Grounded):
    """When reminders and escalations go out, in Shanghai time; ``closes`` itself is too late.

    What falls outside waits for the next opening, except what is marked urgent.
    """

    opens: ClockTime = "09:00"
    closes: ClockTime = "18:00"
    days: Literal["working", "all"] = "working"

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(Fault("opens_before_closes", opens=self.opens, closes=self.closes))
        return self
