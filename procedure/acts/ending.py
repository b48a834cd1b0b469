"""Ending with the entry: what is still open of a consortium that is filed no longer."""

from dataclasses import replace
from typing import Any

import pendulum

from procedure.acts.act_type import Context, Happening, act, evolves
from procedure.acts.entry import Cause
from procedure.change import Change
from procedure.evaluation import Evaluation
from procedure.revocation import Revocation

END_WITH_ENTRY = "end_with_entry"
"""The program's act at the stages, by the pack, that have no sense without a valid entry."""


@act(END_WITH_ENTRY, "ended_with_entry", Cause)
def end_with_entry(c: Context, p: Cause) -> Happening:
    """End, because the entry it concerns expired, was revoked or dissolved: no clock runs any longer."""
    return Happening(p.model_dump())


@evolves("ended_with_entry")
def _ended(
    r: Evaluation | Change | Revocation, data: dict[str, Any], at: pendulum.DateTime
) -> Evaluation | Change | Revocation:
    if isinstance(r, Evaluation):
        return replace(r, reason=data["reason"])
    return replace(r, answer=data["reason"])
