"""A rule of eligibility, as the pack writes it."""

from typing import Literal

from procedure.definition.ground import Grounded
from procedure.definition.model import Words
from procedure.definition.vocabulary import Expression, Identifier


class Rule(Grounded):
    """An eligibility rule in CEL over the form.

    ``each: member`` asks it of every confirmed member in turn. ``applies`` narrows it. ``stops`` names the
    acts that are refused while the rule is not met; an officer's finding answers what the form cannot, and
    one that is ``waivable`` an officer may waive in one case with a written reason.
    """

    id: Identifier
    title: Words
    met: Expression
    applies: Expression | None = None
    each: Literal["member"] | None = None
    stops: tuple[Identifier, ...] = ()
    waivable: bool = False
