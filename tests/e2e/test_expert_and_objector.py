"""An expert on a phone, and a citizen who objects: in a browser."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from models.database import connect, default_url
from tests.casework import published_call
from tests.casework.city import City
from tests.e2e.conftest import PICTURES, served
from tests.e2e.test_pages import AXE, SIZES, violations
from tests.web.desk import PDF

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

PHONE = {"width": 390, "height": 844}
LIST = "/lists/yueyang/2025/1"


def test_an_expert_scores_on_a_phone(visit: Callable[..., Page], town: City) -> None:
    case = town.case_at("expert_review", 9, "深海装备")
    number = next(row["number"] for row in town.rows("cases") if row["subject_id"] == case)
    expert = visit("e2", viewport=PHONE, has_touch=True)
    expert.goto("/expert")
    expert.get_by_role("link", name="深海装备").tap()
    expert.get_by_label("没有需要回避的情形").check()
    expert.get_by_role("button", name="提交申明").tap()
    expert.get_by_label("分数").fill("86.5")
    expert.get_by_label("评审意见").fill("基础扎实")
    assert expert.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expert.get_by_role("button", name="提交评分").tap()
    expect(expert.get_by_role("status").first).to_contain_text("评分")
    expect(expert.locator("main")).to_contain_text("已评 86.50 分")
    expert.goto(f"/expert/yueyang/{number}")
    expect(expert.get_by_label("分数")).to_have_value("86.50")


def test_a_citizen_objects_without_scripts(
    browser: Browser, sqlite_template: Callable[[bool], Path], tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template(True), tmp_path / "beian.db")
    city = published_call.city(connect(default_url(tmp_path))).publish("2025-09-26T09:00")
    troubles: list[str] = []
    with served(tmp_path) as address:
        context = browser.new_context(base_url=address)
        page = context.new_page()
        page.add_init_script(path=AXE)
        for path in (LIST, f"{LIST}/objection", f"/en{LIST}/objection"):
            page.goto(path)
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                troubles += [f"{width} {path}: {each}" for each in violations(page)]
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    troubles.append(f"{width} {path}: wider than the screen")
                if os.environ.get("BEIAN_PICTURES"):
                    name = path.strip("/").replace("/", "-")
                    page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
        context.close()
        context = browser.new_context(base_url=address, java_script_enabled=False)
        page = context.new_page()
        page.goto(LIST)
        page.get_by_role("link", name="提出异议").click()
        page.get_by_label("对哪一单位").select_option(city.numbers[0])
        page.get_by_label("异议的内容").fill("牵头单位不在本市")
        page.get_by_label("匿名提出").check()
        page.get_by_label("证明材料").set_input_files(
            {"name": "证据.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        page.get_by_role("button", name="提交异议").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("异议已收到")
        expect(page.locator("main")).to_contain_text(re.compile(rf"{city.numbers[0]}-Y1"))
        context.close()
    assert troubles == []
    assert [each.text for each in city.objections(city.numbers[0])] == ["牵头单位不在本市"]
