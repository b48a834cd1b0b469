"""How a city lets a filed consortium change: who must agree, and what is handed in."""

from typing import Literal

from procedure.definition.ground import Grounded
from procedure.definition.model import Words
from procedure.definition.vocabulary import Identifier

Aspect = Literal["members", "lead", "direction", "name", "chief_expert", "plan", "dissolution"]
"""What of a filed consortium can change, its end included."""


class Changing(Grounded):
    """One kind of change: whether all units must agree to it, and the materials it asks for, by id."""

    title: Words
    consent: Literal["all", "none"]
    materials: dict[Identifier, Words] = {}
