"""A deadline of the procedure: when it falls, and what happens once it has passed."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from procedure.definition.ground import Grounded
from procedure.definition.ladder import Ladder
from procedure.definition.model import Model, Words
from procedure.definition.notice import Notify
from procedure.definition.vocabulary import Holder, Identifier
from procedure.fault import Fault

MOST_DAYS: Final = 400
"""The most working days that a deadline may run: more is a misprint, and would leave the calendar."""


class Due(Model):
    """When a deadline falls: a date the call names, or working days after the stage is entered.

    ``working_days`` is a number or the name of a setting. The day of the event is not counted and the
    deadline ends with the last day.
    """

    date: Identifier | None = None
    working_days: Identifier | Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.date is None) == (self.working_days is None):
            raise ValueError(Fault("one_due"))
        return self


class Lapse(Grounded):
    """What happens by itself when a deadline has passed: the case moves ``to`` a stage or an outcome."""

    to: Identifier
    notify: tuple[Notify, ...] = ()


class DeadlineRule(Grounded):
    """A deadline of the procedure.

    Without ``lapse`` it only becomes overdue: the case stays where it is and nobody decides by default.
    ``closing`` says whether the instant itself is still in time. ``may`` names what an authorised person can
    do to it, with a reason. ``ladder`` replaces the pack's own.
    """

    id: Identifier
    title: Words
    holder: Holder
    due: Due
    closing: Literal["inclusive", "exclusive"] = "inclusive"
    lapse: Lapse | None = None
    overdue: tuple[Notify, ...] = ()
    may: tuple[Literal["extend", "suspend"], ...] = ()
    ladder: Ladder | None = None
