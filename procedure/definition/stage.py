"""The stages of a procedure, and the ways a case ends."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from procedure.definition.act_rule import ActRule
from procedure.definition.ground import Grounded
from procedure.definition.model import Model, Words
from procedure.definition.notice import Notify
from procedure.definition.vocabulary import Holder, Identifier, StageKind
from procedure.fault import Fault


class Correction(Model):
    """The applicant's side of a return: which stage it returns to and how many rounds that stage has."""

    of: Identifier
    rounds: Identifier | Annotated[int, Field(ge=1, le=20)]


class Stage(Grounded):
    """A stage: its kind, who holds the clock, which deadlines run or are suspended in it, and its acts.

    Entering a stage starts its ``deadlines`` that are not yet running, resumes those that were suspended,
    suspends the running ones named in ``suspends`` and ends all others. The first stage that ``seeds`` fixes,
    for good, the seed from which the case's panel will be drawn.
    """

    id: Identifier
    kind: StageKind
    title: Words
    holder: Holder
    deadlines: tuple[Identifier, ...] = ()
    no_deadline: Words | None = None
    suspends: tuple[Identifier, ...] = ()
    correction: Correction | None = None
    seeds: bool = False
    acts: dict[Identifier, ActRule] = {}
    notify: tuple[Notify, ...] = ()

    @model_validator(mode="after")
    def _has_a_deadline_or_says_why(self) -> Self:
        if self.deadlines and self.no_deadline is not None:
            raise ValueError(Fault("why_no_deadline"))
        if not self.deadlines and self.no_deadline is None:
            raise ValueError(Fault("deadlines_or_why"))
        return self


class Outcome(Grounded):
    """A way a case ends."""

    id: Identifier
    title: Words
    notify: tuple[Notify, ...] = ()
