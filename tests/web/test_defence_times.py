"""A day's defences from the bureau's page: put in order without JavaScript, and set by one confirmation."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar

from models.database import connect, default_url
from tests.casework.city import City, build
from tests.casework.panel_city import MORE, at_the_defence
from tests.procedure import panel_pack
from tests.web.desk import Person, words

CALL = "/bureau/calls/yueyang/2024"
PAGE = f"{CALL}/defences"


@pytest.fixture
def town(sqlite_template: Callable[[bool], Path], tmp_path: Path) -> City:
    """Three cases whose panels of three wait for their defence."""
    shutil.copyfile(sqlite_template(True), tmp_path / "beian.db")
    made = build(connect(default_url(tmp_path)), pack=panel_pack.pack())
    for handle in MORE:
        made.person(handle, "expert", bureau_id=made.city)
    for n in range(3):
        at_the_defence(made, n)
    return made


def order(page: str) -> list[str]:
    return [number[-1] for number in re.findall(r'name="order" value="([^"]+)"', page)]


def timetable(city: City) -> list[tuple[str, int, str]]:
    numbers = {row["subject_id"]: row["number"][-1] for row in city.rows("cases")}
    rows = sorted(city.rows("defences"), key=lambda row: row["scheduled_for"])
    return [(numbers[row["subject_id"]], row["position"], f"{row['scheduled_for']:%d %H:%M}") for row in rows]


def test_cases_are_moved_and_set_by_one_confirmation(town: City) -> None:
    chen = Person(town, "chen")
    assert "有 3 件在答辩环节" in words(chen.opens(CALL))
    assert order(chen.opens(PAGE)) == ["1", "2", "3"]
    cases = [f"YY2024-000{n}" for n in (1, 2, 3)]
    filled = {"day": "2024-07-11", "hour": "14:00", "minutes": "20", "place": "三楼会议室", "case": cases}
    assert order(chen.sends("/defences", up=cases[2], **filled)) == ["1", "3", "2"]
    page = chen.sends("/defences", down=cases[0], **filled)
    assert order(page) == ["3", "1", "2"]
    assert sorted(order(chen.sends("/defences", draw="true", **filled))) == ["1", "2", "3"]
    chen.page = page
    page = chen.sends("/defences", **filled)
    assert timetable(town) == []
    (mark,) = re.findall(r'name="confirmed" value="(\w+)"', page)
    # What was changed after the timetable was shown is shown again, not done.
    assert "确认排定" in words(chen.sends("/defences", confirmed=mark, **{**filled, "minutes": "25"}))
    assert timetable(town) == []
    chen.page = page
    assert "办成 3 件，未办成 0 件" in words(chen.sends("/defences", confirmed=mark, **filled))
    assert timetable(town) == [("3", 1, "11 06:00"), ("1", 2, "11 06:20"), ("2", 3, "11 06:40")]  # UTC
    assert "没有等待" not in words(chen.opens(PAGE))
    assert "已排定：2024年7月11日 14:00" in words(chen.page)


def test_two_that_are_set_change_places(town: City) -> None:
    for case, place in ((2, 1), (3, 2)):
        at = f"2024-07-11T1{place}:00"
        town.do(case, "chen", "schedule_defence", at=at, place="三楼", position=place)
    chen = Person(town, "chen")
    chen.opens(PAGE)
    filled = {"day": "2024-07-11", "place": "三楼", "case": ["YY2024-0001", "YY2024-0002"]}
    chen.sends("/defences", up="YY2024-0002", **filled)
    page = chen.sends("/defences", **filled)
    (mark,) = re.findall(r'name="confirmed" value="(\w+)"', page)
    assert "办成 2 件" in words(chen.sends("/defences", confirmed=mark, **filled))
    assert timetable(town) == [("2", 3, "11 01:00"), ("1", 4, "11 01:30")]


def test_a_defence_that_the_end_of_its_case_cancels_gives_its_place_back_and_stays_in_the_calendar(
    town: City,
) -> None:
    town.do(2, "chen", "schedule_defence", at="2024-07-11T09:00", place="三楼", position=1)
    town.do(2, town.lead(0), "withdraw", reason="项目调整")
    town.do(3, "chen", "schedule_defence", at="2024-07-11T10:00", place="三楼", position=1)
    chen = Person(town, "chen")
    file = Calendar.from_ical(chen.client.get("/bureau/calendar.ics?month=2024-07").text)
    assert [(str(each["UID"])[-20:], each["STATUS"]) for each in file.events] == [
        ("0001-defence-1@beian", "CANCELLED"),
        ("0002-defence-1@beian", "CONFIRMED"),
    ]


def test_an_expert_in_two_rooms_is_shown(town: City) -> None:
    town.do(3, "chen", "schedule_defence", at="2024-07-11T09:00", place="三楼", position=1)
    shared = set(town.subject(3).application.panel) & set(town.subject(4).application.panel)
    chen = Person(town, "chen")
    chen.opens(PAGE)
    said = {"day": "2024-07-11", "place": "三楼", "case": ["YY2024-0003"]}
    page = words(chen.sends("/defences", **said))
    assert page.count("同一时段还要参加 YY2024-0002 的答辩（09:00）") == len(shared) > 0
    page = words(chen.sends("/defences", **{**said, "hour": "09:30"}))
    assert "同一时段" not in page


def test_what_is_missing_is_named_and_others_have_no_such_page(town: City) -> None:
    chen = Person(town, "chen")
    chen.opens(PAGE)
    page = words(chen.sends("/defences", status=422, day="2024-07-11", hour="九点", place=" ", case=[]))
    for told in ("请填写日期和开始时间", "请填写答辩地点", "没有选择办件"):
        assert told in page
    assert "已经过去" in words(
        chen.sends("/defences", status=422, hour="09:00", day="2024-07-09", place="三楼", case="YY2024-0001")
    )
    for handle, status in (("boss", 404), ("wang", 403), ("zhang0", 403)):
        Person(town, handle).opens(PAGE, status)
