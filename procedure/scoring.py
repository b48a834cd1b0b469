"""How the scores of a panel come together: exact, in hundredths of a point."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

HIGHEST = 100 * 100
"""The highest score, in hundredths of a point."""

# Decimal arithmetic rounds to 28 digits, so 99.99…9 would count as 100.
_POINTS: Final = re.compile(r"\d{1,3}(?:\.\d{1,2})?", re.ASCII)


def hundredths(points: str | int) -> int:
    """Return points, typed as for example 86 or "86.5", in hundredths.

    Raises ValueError unless they lie between 0 and 100 with at most two decimals.
    """
    typed = unicodedata.normalize("NFKC", str(points)).strip()
    if not _POINTS.fullmatch(typed) or (exact := int(Decimal(typed) * 100)) > HIGHEST:
        raise ValueError(f"expected points from 0 to 100 with at most two decimals, not {typed!r}")
    return exact


def trimmed(scores: Sequence[int], trim: int) -> list[int]:
    """Return the scores in ascending order without the ``trim`` lowest and the ``trim`` highest."""
    return sorted(scores)[trim : max(trim, len(scores) - trim)]


def mean(scores: Sequence[int]) -> int:
    """Return the mean of scores in hundredths, half a hundredth rounded up; ValueError for none."""
    if not scores:
        raise ValueError("a mean needs at least one score")
    return (2 * sum(scores) + len(scores)) // (2 * len(scores))
