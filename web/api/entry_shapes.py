"""What answers about an entry of the register look like: what was changed of it, what it may claim."""

import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from web.api import shapes
from web.api.problem import Both


class State(BaseModel):
    """What the register says of an entry from ``since`` on, until its next state."""

    state: str
    since: datetime.datetime


class Standing(shapes.Entry):
    """One entry of the register with every state that it had, the present one last."""

    history: list[State]


class Changed(BaseModel):
    """One approved change of an entry: by which matter, of what, what it said before and since.

    None before means as the application said.
    """

    at: datetime.datetime
    cause: str
    aspect: str
    title: Both
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]


class Reason(BaseModel):
    """Why a measure may be claimed or not; ``clause`` is what it rests on, or says that it is a setting."""

    code: str
    says: Both
    clause: Both
    facts: dict[str, Any]


class Entitlement(BaseModel):
    """What one measure comes to, reasons against it first."""

    measure: str
    title: Both
    verdict: Literal["payable", "decide", "cannot_tell", "not_payable"]
    says: Both
    at_most_fen: int | None = Field(description="The most, in fen; None where the document states no amount.")
    exact: bool = Field(description="Just this is given, or nothing.")
    reasons: list[Reason]


class Claimable(BaseModel):
    """What an entry may claim of its city's support on ``day``; ``note`` where that needs saying."""

    day: datetime.date
    statuses: dict[str, datetime.date] = Field(description="Statuses held, each since its first day.")
    measures: list[Entitlement]
    note: Both | None
