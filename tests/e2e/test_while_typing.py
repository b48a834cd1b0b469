"""A form that is saved while one types: told what is wrong at once, and kept when the page is left."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.casework.city import City

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

Visit = Callable[..., Page]


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
