"""Legal instants as text: what is read is what was written, twice over."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from procedure.instant import SHANGHAI, instant, iso

zones = st.sampled_from([datetime.UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/St_Johns")])
moments = st.datetimes(datetime.datetime(1, 1, 3), datetime.datetime(9999, 12, 29), timezones=zones)  # noqa: DTZ001


@given(moments)
@example(datetime.datetime(1947, 10, 31, 23, 0, tzinfo=ZoneInfo("Asia/Shanghai"), fold=1))
def test_an_instant_read_from_its_text_is_the_same(moment: datetime.datetime) -> None:
    text = iso(moment)
    # Compared in UTC: Python holds an hour that came twice unequal to the same instant in any other zone.
    assert instant(text).astimezone(datetime.UTC) == moment.astimezone(datetime.UTC)
    assert iso(instant(text)) == text == iso(moment)


@pytest.mark.parametrize(("fold", "offset"), [(0, "+09:00"), (1, "+08:00")])
def test_the_hour_that_came_twice_is_told_apart(fold: int, offset: str) -> None:
    twice = datetime.datetime(1991, 9, 15, 1, 30, tzinfo=SHANGHAI, fold=fold)
    assert iso(twice) == f"1991-09-15T01:30:00{offset}"
    assert iso(instant(iso(twice))) == iso(twice)
