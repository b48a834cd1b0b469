"""How a city evaluates what it has filed: what is reported on, and what follows from a grade."""

from typing import Annotated, Literal

from pydantic import Field

from procedure.definition.ground import Grounded
from procedure.definition.model import Model, Words
from procedure.definition.vocabulary import FieldPath, Identifier


class Content(Grounded):
    """One content that a self-report must speak of."""

    id: Identifier
    title: Words


class Consequence(Grounded):
    """What follows from final results of one entry, ``in_a_row`` of them.

    ``failed`` and ``excellent`` are grades of evaluations, ``acceptance_failed`` is the end of the
    construction period. A ``revocation`` begins with the unit being heard; ``mark`` notes the entry for more
    support; ``rectification`` has the unit put right what failed, or pay back.
    """

    id: Identifier
    title: Words
    on: Literal["failed", "excellent", "acceptance_failed"]
    in_a_row: Annotated[int, Field(ge=1, le=10)] = 1
    then: Literal["revocation", "mark", "rectification"]


class Evaluating(Model):
    """What a self-report contains and what follows from the grades.

    ``indicators`` are the numbers and amounts of the application form in which the construction plan sets its
    targets; a self-report says of each that was filled in what was reached. ``targets_by`` is the date of
    the form by which they are to be reached.
    """

    contents: tuple[Content, ...] = Field(min_length=1)
    indicators: tuple[FieldPath, ...] = ()
    targets_by: FieldPath | None = None
    consequences: tuple[Consequence, ...] = ()
