"""The working calendar in force: the packaged arrangements and the imported ones, once they were issued.

In a story, an arrangement counts from the day on which it was issued, as it did for the people of the time.
"""

import datetime
from bisect import bisect_right
from functools import cache
from typing import Final

from sqlalchemy import Connection, func, select

from models import Calendar
from models.prepared import Prepared
from procedure.working_days import Arrangement, WorkingCalendar, calendar_from, packaged

_calendars = Calendar.__table__

IMPORTED: Final = select(func.max(_calendars.c.id)).scalar_subquery()
"""The newest imported arrangement as a column of another statement; NULL while there is none."""

_NEWEST: Final = Prepared(select(IMPORTED.label("imported")))


class _Issued:
    """Arrangements in order of issue, and the calendar that each number of them makes."""

    def __init__(self, arrangements: tuple[Arrangement, ...]) -> None:
        self._arrangements = sorted(arrangements, key=lambda each: each.issued)
        self._days = [each.issued for each in self._arrangements]
        self._made: dict[int, WorkingCalendar] = {}

    def on(self, day: datetime.date) -> WorkingCalendar:
        """Return the calendar in force on ``day``; before the first notice, the one that this made."""
        count = max(1, bisect_right(self._days, day))
        if count not in self._made:
            self._made[count] = calendar_from(self._arrangements[:count])
        return self._made[count]


_IMPORTS: Final[dict[tuple[str, int], _Issued]] = {}


def current(connection: Connection, day: datetime.date) -> WorkingCalendar:
    """Return the calendar in force on ``day``."""
    return in_force(connection, _NEWEST.all(connection, {})[0].imported, day)


def in_force(connection: Connection, imported: int | None, day: datetime.date) -> WorkingCalendar:
    """Return the calendar in force on ``day`` when ``imported`` is the newest import; read once a process."""
    if imported is None:
        return _packaged().on(day)
    key = (connection.engine.url.render_as_string(), imported)
    if key not in _IMPORTS:
        rows = connection.execute(select(_calendars.c.content).where(_calendars.c.id <= imported))
        held = [Arrangement.model_validate(content) for content in rows.scalars()]
        _IMPORTS[key] = _Issued((*packaged(), *held))
    return _IMPORTS[key].on(day)


def forget() -> None:
    """Read every import anew: for a process whose database was replaced by another at the same address."""
    _IMPORTS.clear()


@cache
def _packaged() -> _Issued:
    return _Issued(packaged())
