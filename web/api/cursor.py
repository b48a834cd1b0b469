"""Where a page of a list ended, as a text that means nothing to others."""

import base64
import binascii
from typing import Annotated

from fastapi import Query

from web.api.problem import plain

After = Annotated[
    str | None, Query(max_length=40, description="The `next` of the page before; none for the first.")
]


def write(at: int) -> str:
    """Return the cursor of what comes after ``at``."""
    return base64.urlsafe_b64encode(f"v1:{at}".encode()).decode().rstrip("=")


def read(given: str | None) -> int:
    """Return where to go on, 0 for the beginning; raises a problem for what is no cursor."""
    if given is None:
        return 0
    try:
        version, _, at = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        raise plain(422, "bad_cursor") from None
    if version != "v1" or not (at.isascii() and at.isdigit()) or len(at) > 15:
        raise plain(422, "bad_cursor")
    return int(at)
