"""What a page tells meanwhile: of a file being sent, a call about to close; and what it is on paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.casework.city import City
from tests.web.desk import PDF

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

Visit = Callable[..., Page]


def chosen(page: Page, name: str, content: bytes) -> None:
    """Choose a file as the implementation plan, and send it."""
    form = (
        page.locator("form").filter(has=page.locator("input[name=material][value=implementation_plan]")).first
    )
    file = {"name": name, "mimeType": "application/pdf", "buffer": content}
    form.locator("input[type=file]").set_input_files(file)
    form.get_by_role("button", name="上传").click()


def test_a_file_is_looked_at_sent_with_its_progress_told_and_not_half_kept(visit: Visit, town: City) -> None:
    case = town.filled(22, "微纳加工")
    number = next(row["number"] for row in town.rows("cases") if row["subject_id"] == case)
    zhang = visit("zhang22")
    sent: list[Request] = []
    zhang.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    zhang.goto(f"/applicant/yueyang/{number}/documents")
    before = town.count("events")

    told = zhang.locator("form:has(input[value=implementation_plan]) [data-told]").first
    chosen(zhang, "方案.exe", PDF)
    expect(told).to_contain_text("文件格式不符，应为：PDF / DOCX / DOC")
    chosen(zhang, "方案.pdf", PDF + b" " * 20_000_001)
    expect(told).to_contain_text("文件太大，最多 20 MB")
    assert sent == []

    zhang.context.set_offline(True)
    chosen(zhang, "方案.pdf", PDF + b"offline")
    expect(told).to_contain_text("上传中断，文件没有保存")
    zhang.context.set_offline(False)
    assert town.count("events") == before

    chosen(zhang, "假的.pdf", b"no pdf")
    expect(zhang.get_by_role("alert")).to_contain_text("文件内容与扩展名不符或已损坏")
    expect(zhang.locator("#problems")).to_be_focused()

    # Every step of the progress that the browser tells of is kept, to be looked at afterwards.
    zhang.evaluate(
        "steps => { const bars = document.querySelectorAll('progress'); window.steps = [];"
        "new MutationObserver(() => sessionStorage.setItem('steps', [...bars].map(bar => bar.value)))"
        ".observe(document.querySelector('main'), {subtree: true, attributes: true}) }",
        [],
    )
    chosen(zhang, "方案.pdf", PDF + b" " * 9_000_000)
    expect(zhang.get_by_role("status").first).to_contain_text("已办理：上传材料")
    assert "100" in str(zhang.evaluate("sessionStorage.getItem('steps')"))
    assert town.count("events") == before + 1
    expect(zhang.get_by_role("link", name="方案.pdf")).to_be_visible()


def test_the_time_left_counts_down(visit: Visit, town: City) -> None:
    page = visit(None)
    page.clock.install()
    page.goto("/")
    tag = page.locator("[data-minutes]").first
    expect(tag).to_have_text("还有 25 天")
    page.clock.fast_forward("48:00:00")
    expect(tag).to_have_text("还有 23 天")
    page.clock.fast_forward(23 * 24 * 3_600_000)
    page.clock.run_for(20_000)
    expect(tag).to_have_text("还有 9 小时")
    page.clock.fast_forward("10:00:00")
    expect(tag).to_have_text("还有 0 分钟")


def test_on_paper_what_is_folded_stands_open(visit: Visit, town: City) -> None:
    zhang = visit("zhang1")
    zhang.goto("/applicant/yueyang/YY2024-0002")
    notice = zhang.locator("details .govuk-details__text").first
    expect(notice).not_to_be_visible()
    zhang.emulate_media(media="print")
    expect(notice).to_be_visible()
    expect(zhang.locator("header.masthead")).not_to_be_visible()
