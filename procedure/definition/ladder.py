"""The ladder of reminders and escalations towards a deadline, as the pack writes it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from procedure.definition.ground import Grounded
from procedure.definition.model import Model
from procedure.definition.vocabulary import Identifier, Recipient, Relief
from procedure.fault import Fault


class Offset(Model):
    """How far a rung lies from the due instant: working days, or hours by the clock."""

    working_days: Annotated[int, Field(ge=1, le=200)] | None = None
    hours: Annotated[int, Field(ge=1, le=2000)] | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.working_days is None) == (self.hours is None):
            raise ValueError(Fault("one_offset"))
        return self


class Rung(Model):
    """One step of a ladder: when it comes, which text goes to whom, and what else it does.

    Without ``before`` and ``after`` it comes on the last working day in time. ``channels`` are tried in their
    order; empty means each recipient's own. ``also`` never decides the case: it raises its priority on the
    desk or opens an incident. ``reassign_to`` lays it on another desk of the unit that holds it.
    """

    id: Identifier
    before: Offset | None = None
    after: Offset | None = None
    text: Identifier
    recipients: tuple[Recipient, ...] = Field(min_length=1)
    channels: tuple[Identifier, ...] = ()
    urgent: bool = False
    also: tuple[Literal["raise_priority", "open_incident"], ...] = ()
    reassign_to: Relief | None = None

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        if self.before is not None and self.after is not None:
            raise ValueError(Fault("before_or_after"))
        if self.id == "due":
            raise ValueError(Fault("rung_called_due"))
        return self


class Ladder(Grounded):
    """Reminders before a deadline and escalations after it; none of them decides anything."""

    rungs: tuple[Rung, ...] = ()
