"""The life of one kind of subject, from its first stage to the ways it ends."""

from collections.abc import Iterator
from functools import cached_property

from pydantic import Field

from procedure.definition.act_rule import ActRule
from procedure.definition.deadline import DeadlineRule
from procedure.definition.model import Model
from procedure.definition.named import NamedDate
from procedure.definition.stage import Outcome, Stage
from procedure.definition.vocabulary import Identifier, Role


class Life(Model):
    """The stages of one kind of subject, in the pack's order, and the ways it ends.

    ``start`` is the first stage, begun by ``start_roles``; an application can start only while its call is
    at the stage ``start_while``. ``everywhere`` holds acts possible at every stage that does not give its
    own rule for them, ``afterwards`` those that are possible still when it has ended. ``dates`` are those
    that subjects of a kind after filing carry themselves; calls and applications have the pack's.
    """

    start: Identifier
    start_roles: tuple[Role, ...]
    start_while: Identifier | None = None
    everywhere: dict[Identifier, ActRule] = {}
    afterwards: dict[Identifier, ActRule] = {}
    dates: dict[Identifier, NamedDate] = {}
    deadlines: tuple[DeadlineRule, ...] = ()
    stages: tuple[Stage, ...] = Field(min_length=1)
    outcomes: tuple[Outcome, ...] = Field(min_length=1)

    def acts(self, stage: str) -> dict[str, ActRule]:
        """Return the acts possible at ``stage``; a stage's own rule replaces the one for everywhere."""
        return self.everywhere | self.stage[stage].acts

    @cached_property
    def stage(self) -> dict[str, Stage]:
        """Stages by id."""
        return {stage.id: stage for stage in self.stages}

    @cached_property
    def outcome(self) -> dict[str, Outcome]:
        """Outcomes by id."""
        return {outcome.id: outcome for outcome in self.outcomes}

    @cached_property
    def deadline(self) -> dict[str, DeadlineRule]:
        """Deadline rules by id."""
        return {rule.id: rule for rule in self.deadlines}


def act_rules(life: Life, kind: str) -> Iterator[tuple[str, ActRule]]:
    """Yield every act rule of a life with its path in the pack."""
    for act, rule in life.everywhere.items():
        yield f"{kind}.everywhere.{act}", rule
    for act, rule in life.afterwards.items():
        yield f"{kind}.afterwards.{act}", rule
    for i, stage in enumerate(life.stages):
        for act, rule in stage.acts.items():
            yield f"{kind}.stages.{i}.acts.{act}", rule
