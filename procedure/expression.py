"""Guards in CEL, compiled once."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cel


@lru_cache(maxsize=4096)
def compiled(source: str) -> cel.Program:
    """Return the compiled expression; raises ValueError for one that is no CEL."""
    return cel.compile(source)


def holds(source: str, seen: Mapping[str, Any]) -> bool:
    """Return whether the expression is true of what is ``seen``; raises what CEL raises for missing facts."""
    return compiled(source).execute(dict(seen)) is True
