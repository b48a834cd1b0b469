"""A consortium from the open call to the recommendation, in a browser, with JavaScript and without."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.casework.city import UNIVERSITY, City, lead_uscc
from tests.web.desk import PDF

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

Visit = Callable[..., Page]


def attach(page: Page, material: str) -> None:
    """Upload a document as this material and wait until it has arrived."""
    form = page.locator("form").filter(has=page.locator(f"input[name=material][value={material}]")).first
    form.locator("input[type=file]").set_input_files(
        {"name": f"{material}.pdf", "mimeType": "application/pdf", "buffer": PDF + material.encode()}
    )
    form.get_by_role("button", name="上传").click()
    expect(page.get_by_role("link", name=f"{material}.pdf")).to_be_visible()


@pytest.mark.parametrize(("n", "scripts"), [(6, True), (7, False)])
def test_from_the_call_to_the_recommendation(visit: Visit, town: City, n: int, scripts: bool) -> None:
    town.lead(n)
    zhang = visit(f"zhang{n}", java_script_enabled=scripts)
    zhang.goto("/")
    zhang.get_by_role("link", name="岳阳市2024年度创新联合体申报").click()
    zhang.get_by_role("button", name="我要申报").click()
    zhang.get_by_role("button", name="开始填报").click()
    case = zhang.url
    number = case.rsplit("/", 1)[1]

    zhang.get_by_role("link", name="联合体", exact=True).click()
    zhang.get_by_label("方向/领域").fill(f"低空装备{n}")
    zhang.get_by_label("日常对接人").fill("张三")
    if scripts:
        expect(zhang.locator("#saved")).to_contain_text("已保存")
        zhang.goto(case)  # nothing was sent by a button
        expect(zhang.get_by_role("heading", level=1)).to_have_text(f"低空装备{n}")
    else:
        zhang.get_by_role("button", name="保存并返回").click()

    zhang.get_by_role("link", name="成员单位", exact=True).click()
    zhang.get_by_label("统一社会信用代码").fill(UNIVERSITY)
    if scripts:
        expect(zhang.locator("#unit")).to_contain_text("某大学")
    zhang.get_by_role("button", name="发出邀请").click()
    expect(zhang.get_by_role("status").first).to_contain_text("已办理")

    li = visit("li", java_script_enabled=scripts)
    li.goto(f"/member/yueyang/{number}")
    li.get_by_role("button", name="确认参加").first.click()
    attach(li, "cooperation_agreement")

    for material in ("application_form", "implementation_plan"):
        zhang.goto(f"{case}/documents")
        attach(zhang, material)
    zhang.goto(f"{case}/review")
    zhang.get_by_role("button", name="提交申报").click()
    expect(zhang.get_by_role("alert")).to_contain_text("请先勾选真实性确认")
    zhang.get_by_label("真实、合法、完整").check()
    zhang.get_by_role("button", name="提交申报").click()
    expect(zhang.get_by_role("heading", level=1)).to_have_text("提交回执")
    expect(zhang.locator("code")).to_have_text(re.compile("^[0-9a-f]{64}$"))

    wang = visit("wang", java_script_enabled=scripts)
    wang.goto("/district")
    wang.get_by_label("按编号、单位或方向查找").fill(number)
    wang.get_by_role("button", name="查询").click()
    wang.get_by_role("link", name=f"第{n}公司").click()
    wang.get_by_role("button", name="网上受理", exact=True).click()
    wang.get_by_label("意见").fill("材料真实完整，同意推荐")
    wang.get_by_role("button", name="推荐", exact=True).click()
    expect(wang.get_by_role("status").first).to_contain_text("推荐")

    zhang.goto(case)
    expect(zhang.locator("main")).to_contain_text("现处于“递交纸质材料”，由推荐单位办理")
    subject = next(row["subject_id"] for row in town.rows("cases") if row["number"] == number)
    assert town.subject(subject).stage == "papers"
    assert town.subject(subject).application.lead == lead_uscc(n)


def test_what_is_wrong_is_told_while_typing_and_focus_stays(visit: Visit, town: City) -> None:
    zhang = visit("zhang3")
    zhang.goto("/applicant/yueyang/YY2024-0004/form/lead")
    amount = zhang.get_by_label("近三年研发经费投入合计（元）")
    amount.fill("一千万")
    expect(zhang.locator("#lead-rd_spending-error")).to_contain_text("应为以元计的金额")
    expect(amount).to_be_focused()
    amount.fill("9999999.99")
    expect(zhang.locator("#saved")).to_contain_text("已保存")
    expect(zhang.locator("#lead-rd_spending-error")).to_be_empty()
    expect(zhang.locator("#conditions")).to_contain_text("¥9,999,999.99")
    amount.fill("10000000")
    expect(zhang.locator("#conditions")).not_to_contain_text("¥9,999,999.99")


@pytest.mark.parametrize("leave", ["by a link", "by an address"])
def test_what_was_typed_last_is_kept_when_the_page_is_left_at_once(
    visit: Visit, town: City, leave: str
) -> None:
    zhang = visit("zhang3")
    zhang.goto("/applicant/yueyang/YY2024-0004/form/consortium")
    zhang.get_by_label("日常对接人").fill(f"李四 {leave}")
    if leave == "by a link":
        zhang.locator(".govuk-back-link").click()
    else:
        zhang.goto("/applicant")
    form = "/applicant/yueyang/YY2024-0004/form/consortium"
    expect(zhang).not_to_have_url(re.compile(form))
    kept = ""
    for _ in range(300):
        zhang.goto(form)
        kept = zhang.get_by_label("日常对接人").input_value()
        if kept == f"李四 {leave}":
            break
        zhang.wait_for_timeout(100)
    assert kept == f"李四 {leave}"
