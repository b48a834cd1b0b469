"""The city bureau's desk: its list, the formal review, and what else it does to a case."""

import io
import zipfile

from tests.casework.city import City
from tests.web.desk import Person, words

CASE = "/bureau/yueyang/YY2024-0001"


def test_the_list_is_narrowed_by_view_call_stage_and_district(city: City) -> None:
    city.case_at("formal_review", 0, "阀门")
    city.case_at("recommendation", 1)
    city.case_at("site_visit", 2)
    given = city.case_at("formal_review", 3)
    city.do(given, "boss", "reassign", officer="chen", reason="分工")
    chen = Person(city, "chen")
    page = chen.opens("/bureau")
    assert "共 3 件" in page  # what waits for the bureau, not what the district has
    assert "YY2024-0002" not in page
    for query, n in (
        ("show=all", 4),
        ("show=mine", 1),
        ("show=late", 0),
        ("show=soon", 0),
        ("show=ended", 0),
        ("stage=formal_review", 2),
        ("show=all&call=yueyang/2024", 4),
        ("show=all&call=yueyang/2023", 0),
        ("show=all&district=pingjiang", 4),
        ("show=all&district=xiangyin", 0),
        ("q=阀门", 1),
    ):
        assert (f"共 {n} 件" in chen.opens(f"/bureau?{query}")) is True, query
    city.at("2024-07-18T09:00")
    assert "共 2 件" in chen.opens("/bureau?show=late")


def test_the_list_is_a_sheet_without_formulas(city: City) -> None:
    city.case_at("formal_review", 0, "=1+1")
    chen = Person(city, "chen")
    answer = chen.client.get("/bureau/sheet.xlsx?show=all")
    assert answer.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "=1+1" in texts
    assert "YY2024-0001" in texts


def test_the_review_is_passed_after_it_was_shown_who_is_told(city: City) -> None:
    case = city.case_at("formal_review")
    chen = Person(city, "chen")
    page = chen.opens(CASE)
    assert "act-pass_review" in page
    assert "act-file" not in page
    before = city.count("events"), city.count("notices")
    asked = chen.sends("/pass_review", note="材料齐全")
    assert "核对后再办理：形式审查通过" in words(asked)
    assert "材料齐全" in asked
    assert "办理后转为“现场考察”" in words(asked)
    assert (city.count("events"), city.count("notices")) == before
    chen.sends("/pass_review")
    assert "已办理：形式审查通过" in words(chen.page)
    assert city.subject(case).stage == "site_visit"


def test_a_return_shows_its_notices_before_it_goes(city: City) -> None:
    case = city.case_at("formal_review")
    chen = Person(city, "chen")
    chen.opens(CASE)
    fields = {"item": "document:implementation_plan", "remark:document:implementation_plan": "请盖章"}
    page = chen.sends("/return_for_correction", preview="true", **fields)
    assert "Zhang0" in page
    assert city.subject(case).stage == "formal_review"
    chen.sends("/return_for_correction")
    assert city.subject(case).stage == "formal_correction"
    assert city.subject(case).application.returns[0].items[0].remark == "请盖章"


def test_a_rejection_ends_the_case_and_a_stale_page_says_what_changed(city: City) -> None:
    case = city.case_at("formal_review")
    one, other = Person(city, "chen"), Person(city, "chen")
    one.opens(CASE)
    other.opens(CASE)
    one.sends("/reject", reason="不符合")
    one.sends("/reject")
    assert city.subject(case).outcome == "rejected"
    page = other.sends("/pass_review", status=422)
    assert "这个办件刚有变化" in page
    assert "审查不通过" in words(page)


def test_a_page_sent_twice_is_done_once(city: City) -> None:
    city.case_at("formal_review")
    chen = Person(city, "chen")
    chen.opens(CASE)
    asked = chen.sends("/pass_review")
    chen.sends("/pass_review")
    chen.page, chen.at = asked, f"{CASE}/pass_review"
    chen.sends("/pass_review")
    assert "已办理：形式审查通过" in words(chen.page)
    assert [each["kind"] for each in city.rows("events")].count("review_passed") == 1


def test_visit_panel_and_scores_are_recorded(city: City) -> None:
    case = city.case_at("site_visit")
    chen = Person(city, "chen")
    chen.opens(CASE)
    seen = chen.sends("/schedule_visit", at="2024-07-12T09:00", team="甲\r\n乙\r\n", preview="true")
    assert "2024年7月12日 09:00" in seen
    chen.sends("/schedule_visit")
    assert "甲、乙" in chen.page
    chen.sends("/record_visit", on="2024-07-10", result="passed", findings="符合条件")
    chen.sends("/record_visit")
    assert city.subject(case).stage == "panel_naming"
    chen.sends("/name_panel", status=422, experts=["e0", "e1"])
    assert 'value="e1" checked' in chen.page
    chen.sends("/name_panel", experts=[f"e{n}" for n in range(5)])
    assert "E0" in chen.page
    chen.sends("/name_panel")
    assert city.subject(case).stage == "expert_review"
    for n in range(5):
        city.do(case, f"e{n}", "score", points="80")
    chen.opens(CASE)
    chen.sends("/close_scoring")
    chen.sends("/close_scoring")
    assert city.subject(case).stage == "selection"


def test_leaders_extend_deadlines_and_officers_do_not(city: City) -> None:
    case = city.case_at("formal_review")
    assert "act-extend_deadline" not in Person(city, "chen").opens(CASE)
    boss = Person(city, "boss")
    boss.opens(CASE)
    boss.sends("/extend_deadline", until="2024-08-01", reason="专项检查")
    due = city.subject(case).deadlines[0].due_at
    assert f"{due:%Y-%m-%d}" == "2024-08-01"


def test_a_rectification_needs_a_second_officer(city: City) -> None:
    city.person("qian", "city_officer", bureau_id=city.city)
    case = city.case_at("panel_naming")
    chen, qian = Person(city, "chen"), Person(city, "qian")
    chen.opens(CASE)
    chen.sends("/propose_rectification", **{"items:visit.findings": "设备齐全"}, reason="笔误")
    assert "设备齐全" in chen.page
    chen.sends("/confirm_rectification", status=422)
    assert "须由另一人确认" in words(chen.page)
    qian.opens(CASE)
    qian.sends("/confirm_rectification")
    qian.sends("/confirm_rectification")
    visit = city.subject(case).application.visit
    assert visit is not None
    assert visit.findings == "设备齐全"
