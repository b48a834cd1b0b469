"""A round opened at the city's desk, reported on by the unit, commented, graded and heard, on the portal."""

import re
from typing import Any

import pytest

from casework import loading, rounds, wake
from models.database import reading
from tests.casework.city import City
from tests.web.desk import PDF, Person, words


@pytest.fixture
def filed(city: City) -> City:
    """A city with one consortium, filed a year ago."""
    case = city.case_at("selection")
    city.at("2024-08-05T09:00")
    wake.sweep(city.engine, "call")
    city.do(city.call, "boss", "select", cases=[city.subject(case).ref])
    city.do(case, "chen", "file", document_number="1号", document_date="2024-08-05")
    city.at("2025-08-05T09:00")
    return city


def subject(city: City, ref: str) -> Any:
    with reading(city.engine) as connection:
        return city.subject(loading.id_of(connection, ref))


def test_a_round_goes_from_the_bureaus_desk_to_a_grade(filed: City) -> None:
    chen, zhang, wang = (Person(filed, handle) for handle in ("chen", "zhang0", "wang"))
    chen.opens("/evaluations")
    page = words(chen.sends("/evaluations", 422, code="PJ2025", period="2025", filed_until="2024-08-04"))
    assert "没有在2024" in page
    assert "有1家应评价而尚未列入任何一轮" in page
    chen.sends("/evaluations", code="PJ2025", period="2025", filed_until="2024-08-05")
    rounds.open_tasks(filed.engine)
    assert "应评价而尚未列入" not in words(chen.opens("/evaluations"))
    [entry] = filed.rows("register_entries")
    ref = f"PJ2025/{entry['number']}"
    home = f"/matters/yueyang/{ref}"
    assert ref in words(zhang.opens("/evaluations"))
    assert re.search(
        r"备案后待办事项 评价 · \S+ 自评 期限 2025年9月2日 24:00", words(zhang.opens("/applicant"))
    )
    assert "备案后待办事项" not in words(wang.opens("/district"))
    zhang.opens(home)
    wrong = zhang.sends("/submit_report", 422, file=("证书.pdf", PDF), indicators="发明专利｜10件")
    assert 'href="#submit_report-indicators"' in wrong
    assert "证书.pdf" in words(wrong)
    wrong = zhang.sends("/submit_report", 422, indicators="")
    assert 'href="#submit_report-contents-results"' in wrong
    zhang.sends("/submit_report", indicators="发明专利｜10件｜8件", **{"contents:results": "完成"})
    report = subject(filed, ref).record.report
    assert (report.contents, report.indicators[0].reached) == ({"results": "完成"}, "8件")
    assert [each.title for each in report.evidence] == ["证书.pdf"]
    assert wang.client.get(f"{home}/files/{report.evidence[0].digest}").content == PDF
    assert "备案后待办事项 评价" in words(wang.opens("/district"))
    assert "备案后待办事项" not in words(zhang.opens("/applicant"))
    wang.opens(home)
    wang.sends("/comment_report", comment="情况属实")
    chen.opens(home)
    chen.sends("/appoint_reviewers", third_party="某评估院")
    assert "应为0至100分" in words(chen.sends("/review_report", 422, score="101", opinion="好"))
    chen.sends("/review_report", score="95", opinion="好")
    chen.sends("/grade")
    assert subject(filed, ref).record.grade is None
    chen.sends("/grade")
    assert subject(filed, ref).record.grade == "excellent"
    assert "优秀" in words(zhang.opens(home))


def test_targets_of_the_application_are_answered_and_shown_beside_what_was_reached(city: City) -> None:
    case = city.filled()
    targets = {"target_patents": 8, "target_sales": "2000000", "targets_by": "2026-12-31"}
    city.do(
        case, "zhang0", "save_draft", fields={f"consortium.{name}": told for name, told in targets.items()}
    )
    city.carry(case, "selection")
    city.at("2024-08-05T09:00")
    wake.sweep(city.engine, "call")
    city.do(city.call, "boss", "select", cases=[city.subject(case).ref])
    city.do(case, "chen", "file", document_number="1号", document_date="2024-08-05")
    city.at("2025-08-05T09:00")
    rounds.announce(city.engine, "yueyang", city.people["chen"], {"code": "PJ2025", "period": "2025"})
    rounds.open_tasks(city.engine)
    [entry] = city.rows("register_entries")
    ref = f"PJ2025/{entry['number']}"
    home = f"/matters/yueyang/{ref}"
    zhang, wang, chen = (Person(city, handle) for handle in ("zhang0", "wang", "chen"))
    page = words(zhang.opens(home))
    assert "建设期内新增授权发明专利（件） 目标：8（2026年12月31日前） " in page
    assert "建设期内新增授权发明专利（件） 2026年12月31日前 8 — — " in words(chen.opens(home))
    contents = {"contents:results": "完成"}
    wrong = zhang.sends("/submit_report", 422, **contents, **{"reached:consortium.target_patents": "六"})
    assert 'href="#submit_report-reached-consortium.target_patents"' in wrong
    assert 'id="submit_report-reached-consortium.target_patents"' in wrong
    assert "应为整数" in words(wrong)
    wrong = zhang.sends("/submit_report", 422, **{"reached:consortium.target_patents": "6"})
    assert 'href="#submit_report-reached-consortium.target_sales"' in wrong
    assert "这些目标没有填写完成情况" in words(wrong)
    assert 'value="6"' in wrong
    zhang.sends("/submit_report", **{"reached:consortium.target_sales": "2,500,000.01"})
    for person in (zhang, wang, chen):
        page = words(person.opens(home))
        assert "2026年12月31日前 8 6 75.0%" in page
        assert "2026年12月31日前 ¥2,000,000.00 ¥2,500,000.01 125.0%" in page


def test_on_the_radar_what_helps_leads_to_the_page_of_a_matter(filed: City) -> None:
    filed.person("ops", "operations", bureau_id=filed.city)
    rounds.announce(filed.engine, "yueyang", filed.people["chen"], {"code": "PJ2025", "period": "2025"})
    rounds.open_tasks(filed.engine)
    filed.at("2025-09-03T09:00")
    [entry] = filed.rows("register_entries")
    home = f"/matters/yueyang/PJ2025/{entry['number']}"
    ops = Person(filed, "ops")
    assert re.findall(
        r'<a class="govuk-link" href="(/matters[^"]+)">([^<]+)</a>', ops.opens("/operations")
    ) == [
        (home, "催办"),
        (home, "延长时限"),
        (home, "查看事项"),
    ]
    assert f"PJ2025/{entry['number']}" in words(ops.opens(home))
    ops.sends("/urge", remark="请自评")
    assert "第 1 次：自评，已通知 1 人" in words(ops.page)


def test_whoever_waits_for_a_matter_urges_on_its_page_with_a_receipt(filed: City) -> None:
    rounds.announce(filed.engine, "yueyang", filed.people["chen"], {"code": "PJ2025", "period": "2025"})
    rounds.open_tasks(filed.engine)
    [entry] = filed.rows("register_entries")
    home = f"/matters/yueyang/PJ2025/{entry['number']}"
    zhang, wang, li = (Person(filed, handle) for handle in ("zhang0", "wang", "li"))
    assert "催办" not in words(zhang.opens(home))
    wang.opens(home)
    wang.sends("/urge", remark="请按时自评")
    receipt = "催办记录 第 1 次：自评，已通知 1 人 2025年8月5日 09:00 · 推荐单位经办人 · 请按时自评"
    assert "已办理：催办" in words(wang.page)
    assert receipt in words(wang.page)
    assert receipt in words(zhang.opens(home))
    li.opens(home)
    assert "暂不能再催" in words(li.sends("/urge", 422))
    assert [row["people"] for row in filed.rows("urges")] == [1]
    filed.at("2025-08-06T09:00")
    li.sends("/urge", remark="")
    assert [(row["number"], row["role"]) for row in filed.rows("urges")] == [
        (1, "district_officer"),
        (2, "member"),
    ]
    csrf = re.search(r'name="csrf" value="([^"]+)"', zhang.opens("/account"))
    assert csrf
    own = zhang.client.post(f"{home}/urge", data={"csrf": csrf[1]})
    assert "现由您一方办理" in words(own.text)
    assert filed.count("urges") == 2


def test_a_stranger_sees_no_evaluation_and_the_public_sees_what_the_register_said(filed: City) -> None:
    rounds.announce(filed.engine, "yueyang", filed.people["chen"], {"code": "PJ2025", "period": "2025"})
    rounds.open_tasks(filed.engine)
    [entry] = filed.rows("register_entries")
    home = f"/matters/yueyang/PJ2025/{entry['number']}"
    assert Person(filed, "e0").client.get(home).status_code == 404
    li = Person(filed, "li")
    page = f"/register/yueyang/{entry['number']}"
    assert "尚未备案" in words(li.opens(f"{page}?at=2024-08-04"))
    assert "名册记载： 有效" in words(li.opens(f"{page}?at=2024-08-05")).replace("：有效", "： 有效")
    assert "请填写日期" in words(li.opens(f"{page}?at=gestern"))
