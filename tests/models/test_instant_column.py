"""Instants: aware or refused, exact to the microsecond, in order on both engines."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError

from models import Instant, Sweep
from models.database import reading, writing

SWEEPS = Sweep.__table__
SHANGHAI = ZoneInfo("Asia/Shanghai")

zones = st.sampled_from([UTC, SHANGHAI, timezone(timedelta(hours=-11)), ZoneInfo("America/St_Johns")])
instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=zones)  # noqa: DTZ001


def _stored(value: datetime) -> str:
    return Instant().process_bind_param(value, sqlite.dialect())


@given(instants)
def test_sqlite_gives_back_the_same_instant_in_utc(value: datetime) -> None:
    returned = Instant().process_result_value(_stored(value), sqlite.dialect())
    assert returned == value.astimezone(UTC)
    assert returned is not None
    assert returned.tzinfo is UTC


@given(instants, instants)
def test_text_sorts_as_time_does(one: datetime, other: datetime) -> None:
    assert (_stored(one) < _stored(other)) == (one.astimezone(UTC) < other.astimezone(UTC))
    assert len(_stored(one)) == 27


MOMENTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2024, 8, 4, 18, 0, 0, 0, tzinfo=SHANGHAI),
    datetime(2024, 8, 4, 18, 0, 0, 1, tzinfo=SHANGHAI),
    datetime(2024, 8, 4, 18, 0, 0, 1_000, tzinfo=SHANGHAI),
    datetime(2024, 8, 4, 18, 0, 1, tzinfo=SHANGHAI),
    pendulum.datetime(2024, 8, 5, 9, tz="Asia/Shanghai"),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]


def test_the_database_keeps_instants_and_their_order(engine: Engine) -> None:
    backwards = reversed(list(enumerate(MOMENTS)))
    with writing(engine) as connection:
        connection.execute(SWEEPS.insert(), [{"lane": f"{n}", "started_at": at} for n, at in backwards])
    with reading(engine) as connection:
        found = connection.scalars(select(SWEEPS.c.started_at).order_by(SWEEPS.c.started_at)).all()
        early = select(func.count()).where(SWEEPS.c.started_at <= MOMENTS[2])
        assert connection.scalar(early) == 3
        assert connection.scalar(select(func.max(SWEEPS.c.started_at))) == MOMENTS[-1]
    assert found == MOMENTS
    assert {type(at) for at in found} == {datetime}
    assert {at.tzinfo for at in found} == {UTC}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (datetime(2024, 8, 4, 18), "an instant needs a time zone; 2024-08-04T18:00:00 has none"),  # noqa: DTZ001
        (date(2024, 8, 4), "an instant must be an aware datetime, not date: datetime.date(2024, 8, 4)"),
        ("2024-08-04T18:00Z", "an instant must be an aware datetime, not str: '2024-08-04T18:00Z'"),
        (
            datetime(1, 1, 1, tzinfo=SHANGHAI),
            "0001-01-01T00:00:00+08:05:43 is outside the years 1 to 9999 in UTC",
        ),
    ],
)
def test_what_is_no_instant_is_refused(engine: Engine, value: Any, why: str) -> None:
    with pytest.raises(StatementError) as refused, writing(engine) as connection:
        connection.execute(SWEEPS.insert(), {"lane": "calls", "started_at": value})
    assert str(refused.value.orig) == why
    with reading(engine) as connection:
        assert connection.execute(SWEEPS.select()).all() == []


def test_a_naive_instant_is_refused_in_a_condition_too(engine: Engine) -> None:
    naive = datetime(2024, 8, 4)  # noqa: DTZ001
    with pytest.raises(StatementError, match="needs a time zone"), reading(engine) as connection:
        connection.execute(SWEEPS.select().where(SWEEPS.c.started_at < naive))


def test_no_instant_stays_none() -> None:
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        assert Instant().process_bind_param(None, dialect) is None
        assert Instant().process_result_value(None, dialect) is None


def test_the_hour_that_came_twice_is_told_apart() -> None:
    first, second = (datetime(1991, 9, 15, 1, 30, tzinfo=SHANGHAI, fold=fold) for fold in (0, 1))
    assert first == second
    assert [_stored(first), _stored(second)] == ["1991-09-14T16:30:00.000000Z", "1991-09-14T17:30:00.000000Z"]
