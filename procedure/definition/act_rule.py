"""Who may do an act at a stage, and the ways that lead out of it."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from procedure.definition.ground import Clause
from procedure.definition.model import Model
from procedure.definition.notice import Notify
from procedure.definition.vocabulary import Expression, Identifier, Role
from procedure.fault import Fault

RETURN: Final = "return_for_correction"
"""The act that hands an application back to be corrected."""
SETTING_OF_ACT: Final = {
    "name_panel": "panel_size",
    "draw_panel": "panel_size",
    "close_scoring": "scores_needed",
    "schedule_visit": "visit_team",
    "record_defence": "defence_quorum",
}
"""The setting that an act of the machine reads, so that a pack with the act must have it."""


class Branch(Model):
    """One guarded way out of an act; the first whose ``when`` holds is taken, the last is ``else``.

    It leads to a stage or an outcome, or refuses the act under a name; with neither the case stays where
    it is.
    """

    when: Expression | None = None
    otherwise: Annotated[bool, Field(alias="else")] = False
    to: Identifier | None = None
    refuse: Identifier | None = None
    clause: Clause | None = None
    notify: tuple[Notify, ...] = ()

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        if (self.when is None) != self.otherwise:
            raise ValueError(Fault("when_or_else"))
        if self.to is not None and self.refuse is not None:
            raise ValueError(Fault("to_or_refuse"))
        return self


class ActRule(Model):
    """Who may do an act at a stage, where it leads, and whom it is told to.

    ``to`` is one way out; ``branches`` are guarded ways; neither means the case stays where it is.
    ``may_be_taken_back`` lets whoever did it take it back until somebody else has acted.
    """

    roles: tuple[Role, ...] = Field(min_length=1)
    may_be_taken_back: bool = False
    to: Identifier | None = None
    branches: tuple[Branch, ...] = ()
    notify: tuple[Notify, ...] = ()
    clause: Clause | None = None

    @model_validator(mode="after")
    def _ways_out(self) -> Self:
        if self.to is not None and self.branches:
            raise ValueError(Fault("to_or_branches"))
        if any(branch.otherwise for branch in self.branches[:-1]):
            raise ValueError(Fault("else_at_the_end"))
        if self.branches and not self.branches[-1].otherwise:
            raise ValueError(Fault("else_is_needed"))
        return self

    @property
    def targets(self) -> tuple[str, ...]:
        """The stages and outcomes this act can lead to; empty when the case stays where it is."""
        if self.to is not None:
            return (self.to,)
        return tuple(branch.to for branch in self.branches if branch.to is not None)
