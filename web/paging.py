"""A long list in pages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paging:
    """Page ``asked`` (from 1) of ``total`` lines, ``size`` a page; a page past the end is the last one."""

    asked: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def number(self) -> int:
        """The number of the page shown."""
        return min(self.asked, self.last)

    @property
    def offset(self) -> int:
        """How many lines come before the page."""
        return (self.number - 1) * self.size
