"""Panels with their draw, score sheets, the calendar, and the procedure as text and picture."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar, Event

from casework import parties, procedure_list
from models.database import connect, default_url, writing
from procedure.instant import local_instant
from procedure.pack import load_texts, shipped
from tests.casework.city import City, build
from tests.procedure.edited_pack import edited_files
from tests.web.desk import Person, words

CASE = "/bureau/yueyang/YY2024-0001"


def test_seats_scores_and_ties_are_shown_and_late_experts_reminded(city: City) -> None:
    case = city.case_at("expert_review")
    city.do(case, "e0", "score", points="86.5", comment="思路清楚")
    chen = Person(city, "chen")
    page = words(chen.opens(f"{CASE}/panel"))
    assert page.count("待评分") == 4
    assert page.count("已评分") == 1
    sheet = words(chen.opens(f"{CASE}/scores"))
    assert "E0 86.50 思路清楚" in sheet
    assert "签名" in sheet
    chen.opens(CASE)
    chen.sends("/urge", remark="请于周五前评分")
    assert "已办理：催办" in words(chen.page)
    assert [row["remark"] for row in city.rows("urges")] == ["请于周五前评分"]
    chen.sends("/urge", status=422)
    assert "暂不能再催" in words(chen.page)


def test_the_pool_is_not_shown_before_its_time(city: City) -> None:
    case = city.case_at("formal_review")
    chen = Person(city, "chen")
    assert "与本办件的关联" not in chen.opens(f"{CASE}/panel")
    city.carry(case, "panel_naming")
    assert "与本办件的关联" in chen.opens(f"{CASE}/panel")


def test_the_fields_of_the_pool_are_told_by_their_titles(
    sqlite_template: Callable[[bool], Path], tmp_path: Path
) -> None:
    setting = {"title": {"zh": "专家领域", "en": "Field"}, "value": "lead.standing", "basis": "setting"}
    shutil.copyfile(sqlite_template(True), tmp_path / "beian.db")
    engine = connect(default_url(tmp_path))
    city = build(engine, pack=load_texts(edited_files({"settings.panel_field": setting})))
    city.case_at("panel_naming")
    with writing(engine) as connection:
        person = city.people["e0"].person
        parties.expert(connection, person, city.city, None, ["provincial", "unheard_of"])
    page = words(Person(city, "chen").opens(f"{CASE}/panel"))
    assert "E0 省内、unheard_of" in page
    engine.dispose()


def test_visits_stand_in_the_calendar_and_in_its_file(city: City) -> None:
    case = city.case_at("site_visit")
    city.do(case, "chen", "schedule_visit", at="2024-07-12T09:00", team=["甲", "乙;丙"])
    chen = Person(city, "chen")
    page = words(chen.opens("/bureau/calendar"))
    assert "09:00 现场考察 第0公司" in page
    assert "本月没有考察和答辩" in words(chen.opens("/bureau/calendar?month=2024-08"))
    for path in ("/bureau/calendar.ics?month=2024-07", f"{CASE}/visit.ics"):
        answer = chen.client.get(path)
        assert answer.headers["content-type"].startswith("text/calendar")
        assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))
        (entry,) = entries(answer.text)
        assert (entry["SUMMARY"], entry["DESCRIPTION"]) == ("现场考察 第0公司 YY2024-0001", "甲、乙;丙")
        assert entry["STATUS"] == "CONFIRMED"
        assert entry["DTSTART"].params["TZID"] == "Asia/Shanghai"
        assert entry.start == local_instant("2024-07-12T09:00")
        assert entry.end == local_instant("2024-07-12T11:00")
    # Whoever does not know the zone by its name reads it in the file.
    assert "TZID:Asia/Shanghai\r\n" in answer.text
    assert "TZOFFSETTO:+0800" in answer.text
    assert chen.client.get("/bureau/calendar?month=2024-13").status_code == 404


def entries(text: str) -> list[Event]:
    return [each for each in Calendar.from_ical(text).events if isinstance(each, Event)]


def test_what_is_set_anew_is_the_same_entry_of_a_calendar_with_a_greater_number(city: City) -> None:
    case = city.case_at("site_visit")
    chen = Person(city, "chen")

    def entry(path: str = f"{CASE}/visit.ics") -> Event:
        (found,) = entries(chen.client.get(path).text)
        return found

    city.do(case, "chen", "schedule_visit", at="2024-07-12T09:00", team=["甲", "乙"])
    first = entry()
    city.at("2024-07-11T10:00")
    city.do(case, "chen", "schedule_visit", at="2024-08-13T14:00", team=["甲", "乙"])
    moved = entry("/bureau/calendar.ics?month=2024-08")
    assert moved["UID"] == first["UID"] == "yueyang-YY2024-0001-visit-1@beian"
    assert moved["SEQUENCE"] > first["SEQUENCE"]
    assert [each.DTSTAMP for each in (first, moved)] == [
        local_instant("2024-07-10T09:00"),
        local_instant("2024-07-11T10:00"),
    ]
    assert (first.start, moved.start) == (
        local_instant("2024-07-12T09:00"),
        local_instant("2024-08-13T14:00"),
    )
    assert entries(chen.client.get("/bureau/calendar.ics?month=2024-07").text) == []


def test_what_the_end_of_a_case_cancels_is_struck_out_in_a_calendar(city: City) -> None:
    case = city.case_at("site_visit")
    chen = Person(city, "chen")
    city.do(case, "chen", "schedule_visit", at="2024-07-12T09:00", team=["甲", "乙"])
    (meant,) = entries(chen.client.get(f"{CASE}/visit.ics").text)
    city.at("2024-07-11T10:00")
    city.do(case, city.lead(0), "withdraw", reason="项目调整")
    (cancelled,) = entries(chen.client.get("/bureau/calendar.ics?month=2024-07").text)
    assert (cancelled["UID"], cancelled.start) == (meant["UID"], meant.start)
    assert (meant["STATUS"], cancelled["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert cancelled["SEQUENCE"] > meant["SEQUENCE"]
    assert cancelled["DTSTAMP"].dt == local_instant("2024-07-11T10:00")
    page = words(chen.opens("/bureau/calendar?month=2024-07"))
    assert page.count("09:00 现场考察") == 1
    assert "已取消" in page


def test_the_picture_marks_where_the_case_is(city: City) -> None:
    city.case_at("formal_review")
    page = Person(city, "chen").opens(f"{CASE}/picture")
    svg = re.search(r"<svg.*</svg>", page, re.DOTALL)
    assert svg
    root = ET.fromstring(svg[0])  # noqa: S314 - drawn by the program itself
    marked = [each for each in root.iter() if "bpmn__here" in each.get("class", "")]
    assert len(marked) == 1
    texts = {each.text for each in root.iter() if each.tag.endswith("text")}
    assert {"形式审查", "专家评审", "市科技局", "提出名单"} <= texts
    english = Person(city, "chen").opens(f"/en{CASE}/picture")
    assert "Expert review" in english


def test_a_procedure_is_read_proved_compared_and_tried(city: City) -> None:
    chen = Person(city, "chen")
    page = chen.opens("/bureau/procedures")
    (path,) = set(re.findall(r'href="(/bureau/procedures/[0-9a-f]{12})"', page))
    page = words(chen.opens(path))
    assert "未发现缺陷" in page or "提示" in page
    assert "没有更早的版本" in page
    assert "形式审查 [formal_review]" in page
    assert "青岛" not in page
    tried = words(chen.opens(f"{path}?tried=true"))
    assert "无需" in tried or "已全部使用版本" in tried
    assert "<svg" in chen.opens(f"{path}/picture")
    assert chen.client.get("/bureau/procedures/000000000000").status_code == 404


def test_a_second_revision_is_compared_published_and_tried(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.case_at("formal_review")
    first = shipped("yueyang-2024")
    edits = {"application.stages.formal_review.title.zh": "材料审查", "settings.formal_review_days.value": 12}
    second = load_texts(edited_files(edits))
    monkeypatch.setattr(procedure_list, "shipped_codes", lambda: ("yueyang-2024",))
    monkeypatch.setattr(procedure_list, "shipped", lambda _code: second)
    chen, admin = Person(city, "chen"), Person(city, "admin")
    old, new = (f"/bureau/procedures/{pack.content_hash[:12]}" for pack in (first, second))
    listed = chen.opens("/bureau/procedures")
    assert listed.index(new) < listed.index(old)
    assert "随程序提供，尚未发布" in words(listed)
    page = words(admin.opens(new))
    assert "材料审查" in page[page.index("与上一版本的不同") : page.index("全文")]
    assert "试算：在办批次改用本版本" not in page  # nothing can move to what is not published
    assert "/publish" not in chen.opens(new)
    with monkeypatch.context() as flawed:
        flaw = SimpleNamespace(severity="flaw", text=lambda _language: "环节到不了终点")
        flawed.setattr(procedure_list, "check", lambda _procedure: [flaw])
        assert "改正以前不能发布" in words(admin.opens(new))
        assert "/publish" not in admin.page
    admin.opens(new)
    assert "确认发布" in words(admin.sends("/publish"))
    assert city.count("revisions") == 1
    admin.sends("/publish", confirmed="true")
    assert city.count("revisions") == 2
    assert "由 Admin 发布" in words(admin.opens("/bureau/procedures"))
    before = city.everything()
    tried = words(admin.opens(f"{new}?tried=true"))
    assert "2024 将改用 2 项，其中 0 项不能改用" in tried
    assert "YY2024-0001 时限“形式审查”：" in tried
    assert city.everything() == before
    assert "没有更早的版本" in words(admin.opens(old))
