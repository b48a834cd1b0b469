"""A claim of support as a record: what is asked, granted, paid and recovered. All amounts are fen."""

from dataclasses import dataclass, field
from typing import Literal

from procedure.entry import OfEntry
from procedure.instant import Day

Question = Literal["term", "beside"]


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a grant, or one sum recovered: how much, on which day, by which document."""

    amount: int
    on: Day
    document: str


@dataclass(frozen=True, slots=True)
class SupportClaim(OfEntry):
    """One claim from its filing on.

    ``consortium`` is the number under which the consortium's grants count, ``year`` the year it counts for
    where the measure is given every year. ``decided`` holds an officer's answers to what documents leave
    open.
    """

    measure: str
    consortium: str
    beneficiary: str
    claimed_on: Day
    object: str | None = None
    year: int | None = None
    facts: dict[str, bool | int] = field(default_factory=dict)
    asked: int | None = None
    decided: dict[Question, bool] = field(default_factory=dict)
    granted: int | None = None
    document: str | None = None
    payments: tuple[Payment, ...] = ()
    recoveries: tuple[Payment, ...] = ()

    @property
    def paid(self) -> int:
        """What was paid altogether."""
        return sum(each.amount for each in self.payments)

    @property
    def recovered(self) -> int:
        """What was recovered altogether."""
        return sum(each.amount for each in self.recoveries)
