"""The expert panel: who may not sit on it, and how scores come together."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from procedure.act import Expert

HIGHEST = 100 * 100
"""The highest score, in hundredths of a point."""


def tied(experts: Iterable[Expert], parties: Iterable[str]) -> list[Expert]:
    """Return the experts whose employer is one of ``parties`` (USCCs of the lead and the member units)."""
    units = set(parties)
    return [expert for expert in experts if expert.employer in units]


def hundredths(points: str | int) -> int:
    """Return points, typed as for example 86 or "86.5", in hundredths.

    Raises ValueError unless they lie between 0 and 100 with at most two decimals.
    """
    try:
        exact = Decimal(str(points)) * 100
    except InvalidOperation as error:
        raise ValueError(f"expected points from 0 to 100, not {points!r}") from error
    if not exact.is_finite() or exact != exact.to_integral_value() or not 0 <= exact <= HIGHEST:
        raise ValueError(f"expected points from 0 to 100 with at most two decimals, not {points!r}")
    return int(exact)


def mean(scores: Sequence[int]) -> int:
    """Return the mean of scores in hundredths, half a hundredth rounded up; ValueError for none."""
    if not scores:
        raise ValueError("a mean needs at least one score")
    return (2 * sum(scores) + len(scores)) // (2 * len(scores))
