"""A long list in pages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paging:
    """Page ``asked`` (from 1) of ``total`` lines, ``size`` a page; a page past the end is the last one.

    Without ``whole`` more lines follow the ``total``: which page is the last nobody knows.
    """

    asked: int
    size: int
    total: int
    whole: bool = True

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

    @property
    def follows(self) -> bool:
        """Whether another page follows."""
        return self.number < self.last or not self.whole
