"""A recorded claim as the measures are asked about it, and what it is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from procedure.claim import SupportClaim
from procedure.entitlement import Claim, Entry, Granted, Nomination
from procedure.support import Support


@dataclass(frozen=True, slots=True)
class Entitled:
    """What a claim is judged by: the measures in force, the entry now, and what was granted before.

    ``grounds`` are the matters that let what was paid be recovered: failed acceptances, revocations.
    """

    support: Support
    entry: Entry
    granted: tuple[Granted, ...]
    nominations: tuple[Nomination, ...]
    grounds: tuple[str, ...] = ()


def as_asked(claim: SupportClaim) -> Claim:
    """Return the claim as the measures are asked about it."""
    return Claim(
        claim.measure,
        claim.beneficiary,
        claim.claimed_on,
        claim.object,
        claim.year,
        claim.facts,
        dict(claim.decided),
    )


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a reason as plain values, days as texts."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in facts.items()
    }
