"""Revocation: the unit is heard before its filing is taken back, and may appeal against it."""

from dataclasses import dataclass
from typing import Literal

from procedure.entry import OfEntry


@dataclass(frozen=True, slots=True)
class Revocation(OfEntry):
    """What one revocation rests on, what the unit said, and what was decided.

    ``facts`` are the finding, ``ground`` the clause or setting it rests on as the notice cites it, ``cause``
    the evaluation it follows from, if it follows from one.
    """

    facts: str
    ground: str
    cause: str | None = None
    statement: str | None = None
    decision: Literal["revoked", "kept"] | None = None
    answer: str | None = None
    document_number: str | None = None
    appeal: str | None = None
    appeal_decision: Literal["upheld", "reversed"] | None = None
