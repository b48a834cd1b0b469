"""For how long open cases and matters have been overdue, in a few steps for a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pendulum
from sqlalchemy import Connection, func, select

from casework.access import Watched
from casework.troubles import open_cases, open_matters
from models import Subject

_subjects = Subject.__table__

STEPS: Final = ((0, 8), (8, 24), (24, 72), (72, 168), (168, None))
"""From how many hours overdue to how many: the last step has no end."""


@dataclass(frozen=True, slots=True)
class Step:
    """How many open cases have been overdue for at least ``least`` and less than ``below`` hours."""

    least: int
    below: int | None
    cases: int


def steps(connection: Connection, within: Sequence[Watched], now: pendulum.DateTime) -> list[Step]:
    """Return how many of the watched cases and matters are overdue for how long at ``now``."""
    due = _subjects.c.due_at
    bounds = [now.subtract(hours=below) for _, below in STEPS[:-1] if below is not None]
    spans = [
        (due < now, due > bounds[0]),
        *((due <= earlier, due > later) for earlier, later in pairwise(bounds)),
        (due <= bounds[-1],),
    ]
    counts = [0] * len(STEPS)
    for of in (kind(scope) for scope in within for kind in (open_cases, open_matters)):
        # Each span is counted along the index by itself: nothing is worked out for a case.
        counted = select(func.count()).select_from(_subjects).where(of)
        row = connection.execute(select(*(counted.where(*span).scalar_subquery() for span in spans))).one()
        counts = [total + found for total, found in zip(counts, row, strict=True)]
    return [Step(least, below, found) for (least, below), found in zip(STEPS, counts, strict=True)]
