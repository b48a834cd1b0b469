"""The vocabulary of acts, one family a file; the pack says who may do which at what stage."""

from procedure.acts import (
    clock,
    correction,
    defence,
    draft,
    endorsement,
    filing,
    objection,
    panel,
    publicity,
    review,
    scoring,
    selection,
    taking_back,
    visit,
)
from procedure.acts.act_type import ACTS, EVOLVE, ActType, Context, Happening, parsed, take

__all__ = [
    "ACTS",
    "EVOLVE",
    "ActType",
    "Context",
    "Happening",
    "clock",
    "correction",
    "defence",
    "draft",
    "endorsement",
    "filing",
    "objection",
    "panel",
    "parsed",
    "publicity",
    "review",
    "scoring",
    "selection",
    "take",
    "taking_back",
    "visit",
]
