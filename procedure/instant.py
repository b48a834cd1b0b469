"""Legal instants: ``pendulum.DateTime`` in Asia/Shanghai, written as ISO 8601 with the offset."""

import datetime
from functools import lru_cache
from typing import Annotated, Any, Final

import pendulum
from pydantic import PlainSerializer, PlainValidator

from procedure.fault import Fault

SHANGHAI: Final = pendulum.timezone("Asia/Shanghai")


class NaiveInstant(ValueError):
    """An instant without a time zone: it could mean several moments."""


def instant(value: Any) -> pendulum.DateTime:
    """Return ``value`` (aware datetime or ISO 8601 text with offset) as a legal instant.

    Raises NaiveInstant when the time zone is missing and ValueError when it is no instant at all.
    """
    if type(value) is pendulum.DateTime and value.tzinfo is SHANGHAI:
        return value
    if isinstance(value, str):
        return _read(value)
    if not isinstance(value, datetime.datetime):
        raise ValueError(Fault("expected_instant", value=value))
    return _in_shanghai(value)


# The same instants are read over and over: a call's dates stand in every one of its cases.
@lru_cache(maxsize=16_384)
def _read(text: str) -> pendulum.DateTime:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(Fault("expected_instant", value=text)) from None
    return _in_shanghai(moment)


def _in_shanghai(moment: datetime.datetime) -> pendulum.DateTime:
    if moment.tzinfo is None:
        raise NaiveInstant(Fault("no_time_zone", moment=str(moment)))
    try:
        moment = moment.astimezone(SHANGHAI)
    except OverflowError as error:
        raise ValueError(Fault("outside_the_years", moment=str(moment))) from error
    return pendulum.DateTime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        tzinfo=SHANGHAI,
        fold=moment.fold,
    )


def local_instant(text: str) -> pendulum.DateTime:
    """Return a local date and time of Shanghai, such as ``2024-08-04T18:00``, as a legal instant.

    An offset in the text is respected. Raises ValueError for text that is no date and time.
    """
    moment = datetime.datetime.fromisoformat(text)
    return instant(moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment)


def end_of(day: datetime.date) -> pendulum.DateTime:
    """Return the last instant of ``day`` in Shanghai, to the microsecond."""
    return pendulum.DateTime(day.year, day.month, day.day, 23, 59, 59, 999_999, tzinfo=SHANGHAI)


def day_of(moment: datetime.datetime) -> pendulum.Date:
    """Return the day of Shanghai on which ``moment`` lies."""
    local = instant(moment)
    return pendulum.Date(local.year, local.month, local.day)


def iso(moment: datetime.datetime) -> str:
    """Return ``moment`` as ISO 8601 text in Shanghai time, with offset, and microseconds if any."""
    local = moment if moment.tzinfo is SHANGHAI else instant(moment)
    return _written(local, local.fold)


# An act writes the same instants many times. ``fold`` is named because Python holds two instants equal that
# differ by it alone.
@lru_cache(maxsize=4096)
def _written(local: datetime.datetime, _fold: int) -> str:
    return datetime.datetime.isoformat(local)


def calendar_day(value: Any) -> pendulum.Date:
    """Return ``value`` (date or ``YYYY-MM-DD`` text) as a ``pendulum.Date``; raises ValueError otherwise."""
    try:
        day = datetime.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        day = None
    if isinstance(day, datetime.datetime) or not isinstance(day, datetime.date):
        raise ValueError(Fault("expected_day", value=repr(value)))
    return pendulum.Date(day.year, day.month, day.day)


Instant = Annotated[pendulum.DateTime, PlainValidator(instant), PlainSerializer(iso, return_type=str)]
"""A legal instant, for Pydantic."""

Day = Annotated[
    pendulum.Date, PlainValidator(calendar_day), PlainSerializer(lambda day: day.isoformat(), return_type=str)
]
"""A calendar day, for Pydantic."""
