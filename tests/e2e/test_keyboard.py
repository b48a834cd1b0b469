"""What people do most often, without a mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.casework.city import City

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

Visit = Callable[..., Page]


def test_the_first_key_leads_past_the_menu(visit: Visit, town: City) -> None:
    page = visit("wang")
    page.goto("/district")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_an_officer_finds_opens_and_recommends_a_case_by_keys_alone(visit: Visit, town: City) -> None:
    for n, direction in ((30, "声学材料甲"), (31, "声学材料乙")):
        town.do(town.case_at("recommendation", n, direction), "wang", "accept_online")
    wang = visit("wang")
    wang.goto("/district")
    wang.get_by_label("按编号、单位或方向查找").focus()
    wang.keyboard.type("声学材料")
    wang.keyboard.press("Enter")
    rows = wang.locator("[data-rows] th a")
    expect(rows).to_have_count(2)
    rows.first.focus()
    for key, at in (("j", 1), ("j", 1), ("k", 0), ("ArrowDown", 1), ("Home", 0), ("End", 1)):
        wang.keyboard.press(key)
        expect(rows.nth(at)).to_be_focused()
    wang.keyboard.press("Enter")
    expect(wang.get_by_role("heading", level=1)).to_contain_text("声学材料乙")
    wang.get_by_label("推荐意见").focus()
    wang.keyboard.type("同意推荐")
    wang.keyboard.press("Tab")  # the position, which may be left out
    wang.keyboard.press("Tab")
    expect(wang.get_by_role("button", name="推荐", exact=True)).to_be_focused()
    wang.keyboard.press("Enter")
    expect(wang.get_by_role("status").first).to_contain_text("已办理：推荐")
