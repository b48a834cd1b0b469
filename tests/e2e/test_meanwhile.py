"""What happens while a page is open: a colleague acts, the session ends, the call closes. In a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from casework import accounts, clock, sessions
from models.database import writing
from tests.casework.city import City
from tests.e2e.conftest import WHOSE

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

Visit = Callable[..., Page]
STALE = "这个办件刚有变化，您的操作没有执行"
SUMMARY = "甲方牵头，\n某大学承担共性技术"
PASSWORD = "不太简单的密码一二三"


def number_of(town: City, case: int) -> str:
    return next(row["number"] for row in town.rows("cases") if row["subject_id"] == case)


def test_two_officers_press_at_once_and_one_of_them_is_told(visit: Visit, town: City) -> None:
    case = town.case_at("recommendation", 20, "海洋仪器")
    town.do(case, "wang", "accept_online")
    town.person("xia", "district_officer", bureau_id=town.district)
    before = town.kinds(case)
    wang, xia = visit("wang"), visit("xia")
    for officer in (wang, xia):
        officer.goto(f"/district/yueyang/{number_of(town, case)}")
        officer.get_by_label("推荐意见").fill("材料真实完整，同意推荐")
    # Neither waits for the answer to the other.
    for officer in (wang, xia):
        officer.get_by_role("button", name="推荐", exact=True).evaluate("button => { button.click() }")
    told = [officer.get_by_role("status").or_(officer.get_by_role("alert")) for officer in (wang, xia)]
    for each in told:
        expect(each.first).to_be_visible()
    assert town.kinds(case) == [*before, "endorsed"]
    said = sorted(each.first.inner_text().partition("\n")[0] for each in told)
    assert said == ["已办理：推荐。", STALE]
    late = xia if STALE in told[1].first.inner_text() else wang
    # What changed and by whom stands there.
    expect(late.get_by_role("alert")).to_contain_text("推荐 → 递交纸质材料 · ")
    expect(late.get_by_role("alert")).to_contain_text("这个操作现在不能再办理")
    expect(late.get_by_role("alert").get_by_text("材料真实完整，同意推荐", exact=True)).to_be_visible()
    assert town.subject(case).stage == "papers"


def test_an_officer_who_looked_before_sees_what_changed_before_acting_again(visit: Visit, town: City) -> None:
    case = town.case_at("recommendation", 21, "半导体材料")
    town.do(case, "wang", "accept_online")
    wang = visit("wang")
    wang.goto(f"/district/yueyang/{number_of(town, case)}")
    wang.get_by_label("推荐意见").fill("同意推荐")
    items = [{"item": "consortium.summary", "remark": "请写明联合体的分工"}]
    town.do(case, "wang", "return_for_correction", items=items)
    town.do(case, "zhang21", "save_draft", fields={"consortium.summary": "分工明确"})
    town.do(case, "zhang21", "resubmit")
    wang.get_by_role("button", name="推荐", exact=True).click()
    expect(wang.get_by_role("alert")).to_contain_text("退回补正")
    assert town.subject(case).stage == "recommendation"
    expect(wang.get_by_label("推荐意见")).to_have_value("同意推荐")
    wang.get_by_role("button", name="推荐", exact=True).click()
    expect(wang.get_by_role("status").first).to_contain_text("已办理：推荐")


@WHOSE
def test_a_session_that_ends_under_a_half_filled_form_loses_nothing(
    own_town: tuple[City, Visit], scripts: bool
) -> None:
    city, visit = own_town
    who = city.people["zhang0"].person
    zhang = visit("zhang0", java_script_enabled=scripts)
    zhang.goto("/applicant/yueyang/YY2024-0001/form/consortium")
    with writing(city.engine) as connection:
        accounts.set_password(connection, who, PASSWORD, clock.present(None))
        sessions.end_all(connection, who, clock.present(None), but=0)
    summary = zhang.get_by_label("联合体简介")
    summary.fill(SUMMARY)
    if scripts:
        expect(zhang.locator("#saved")).to_contain_text("登录")  # told in place, while one types
        expect(summary).to_have_value(SUMMARY)
    zhang.get_by_role("button", name="保存并返回").click()
    expect(zhang.locator("main")).to_contain_text("您填写的内容已经保留")
    zhang.get_by_label("账号").fill("zhang0")
    zhang.get_by_label("密码", exact=True).fill(PASSWORD)
    zhang.get_by_role("button", name="登录", exact=True).click()
    expect(zhang.locator("#typed")).to_contain_text("某大学承担共性技术")
    assert "consortium.summary" not in city.subject(_case(city)).application.form
    zhang.locator("main form button").click()
    expect(zhang.get_by_role("heading", level=1)).to_be_visible()
    assert city.subject(_case(city)).application.form["consortium.summary"] == SUMMARY


@WHOSE
def test_the_call_closes_while_the_form_is_open(own_town: tuple[City, Visit], scripts: bool) -> None:
    city, visit = own_town
    zhang = visit("zhang0", java_script_enabled=scripts)
    zhang.goto("/applicant/yueyang/YY2024-0001/form/consortium")
    city.at("2024-08-04T18:00:01")
    before = city.count("events")
    zhang.get_by_label("联合体简介").fill("差一秒")
    if scripts:
        expect(zhang.locator("#saved")).to_contain_text("不能")  # told in place, while one types
    zhang.get_by_role("button", name="保存并返回").click()
    expect(zhang.get_by_role("alert")).to_contain_text("本批次的申报于2024年8月4日 18:00截止")
    expect(zhang.locator("main")).to_contain_text("差一秒")  # still there to be copied
    assert city.count("events") == before
    assert "consortium.summary" not in city.subject(_case(city)).application.form


def _case(city: City) -> int:
    return next(int(row["subject_id"]) for row in city.rows("cases"))
