"""The same thing done to many, a few at a time: the page tells each result and how far it is.

What is left stands in the form that goes on, so that it works without JavaScript, survives a restart of the
portal, and holds nothing up for long; with JavaScript the form sends itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from web.visitor import Form

AT_ONCE: Final = 20
"""How many are done before the page is shown again."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """What is still to be done, of how many, and how many went well so far."""

    left: tuple[str, ...]
    total: int
    good: int = 0

    @property
    def now(self) -> tuple[str, ...]:
        """Those whose turn it is."""
        return self.left[:AT_ONCE]

    @property
    def done(self) -> int:
        """How many have been done."""
        return self.total - len(self.left)

    def after(self, good: int) -> "Bulk":
        """Return what remains once those whose turn it was are done, ``good`` of them well."""
        return replace(self, left=self.left[AT_ONCE:], good=self.good + good)


def begun(form: Form, chosen: Sequence[str]) -> Bulk:
    """Return what the form goes on with, or ``chosen`` where it begins."""
    left = tuple(form.text("left").split())
    if left:
        return Bulk(left, form.number("total") or len(left), form.number("good") or 0)
    every = tuple(dict.fromkeys(chosen))
    return Bulk(every, len(every))
