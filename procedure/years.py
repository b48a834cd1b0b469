"""Complete years between two days."""

import datetime


def full_years(first: str, last: str) -> int:
    """Return how many complete years lie from ``first`` to ``last`` (ISO days), both days counted.

    2024-06-01 to 2027-05-31 are exactly three. A year from 29 February ends with the next 28 February.
    Negative when ``last`` lies before ``first``.
    """
    begin = datetime.date.fromisoformat(first)
    end = datetime.date.fromisoformat(last) + datetime.timedelta(days=1)
    return end.year - begin.year - ((end.month, end.day) < (begin.month, begin.day))
