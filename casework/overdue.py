"""For how long open cases and matters have been overdue, in a few steps for a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pendulum
from sqlalchemy import ColumnElement, Connection, func, select

from models import Subject

_subjects = Subject.__table__

STEPS: Final = ((0, 1), (1, 8), (8, 24), (24, 72), (72, None))
"""From how many hours overdue to how many: the last step has no end."""


@dataclass(frozen=True, slots=True)
class Step:
    """How many open cases have been overdue for at least ``least`` and less than ``below`` hours."""

    least: int
    below: int | None
    cases: int


def steps(
    connection: Connection, among: Sequence[ColumnElement[bool]], now: pendulum.DateTime
) -> tuple[Step, ...]:
    """Return how many subjects are how long overdue at ``now``; none is in two conditions of ``among``."""
    due = _subjects.c.due_at
    bounds = [now.subtract(hours=below) for _, below in STEPS[:-1] if below is not None]
    spans = [
        (due < now, due > bounds[0]),
        *((due <= earlier, due > later) for earlier, later in pairwise(bounds)),
        (due <= bounds[-1],),
    ]
    # Each span is counted along the index by itself: nothing is worked out for a case.
    counted = select(func.count()).select_from(_subjects)
    asked = [counted.where(of, *span).scalar_subquery() for of in among for span in spans]
    found = tuple(connection.execute(select(*asked)).one()) if asked else ()
    return tuple(Step(least, below, sum(found[at :: len(STEPS)])) for at, (least, below) in enumerate(STEPS))
