"""The closing minute at a size of some dozens: whoever sent in time is submitted, once, and told so."""

import datetime

import pytest

from benchmarks import ground, surge
from casework import wake

CROWD = 30


def test_nobody_is_lost_doubled_or_wrongly_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "LAG", datetime.timedelta(seconds=5))
    monkeypatch.setattr(surge, "READING_S", (0.2, 1.0))
    monkeypatch.setattr(surge, "LATE", 100)
    with ground.scratch("sqlite", None) as engine:
        found = surge.run(engine, crowd=CROWD, minute=4, ahead=25)
    assert {name: count for name, count in found["wrong"].items() if count} == {}
    late = found["sent_after_closing"]
    assert found["submitted"] == found["in_time"] == CROWD - late
    # 三个人截止之后才第一次提交。 Three sent for the first time after the closing, as planned.
    assert late == 3
    assert found["sent_twice"] == 3
