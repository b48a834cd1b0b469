"""A form on its way: after a moment the page says so, and it is sent once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.casework.city import City

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

Visit = Callable[..., Page]
NEVER_ANSWERED = """form => {
  form.target = "a frame that the page may not have";
  document.body.append(Object.assign(document.createElement("iframe"), {name: form.target}));
  window.sent = 0;
  window.addEventListener("submit", (each) => { window.sent += each.defaultPrevented ? 0 : 1; });
}"""
"""Keeps the page as it is while the form is on its way, and counts how often it is sent."""


@pytest.mark.parametrize(("where", "words"), [("", "正在提交，请稍候……"), ("/en", "Sending, please wait…")])
def test_a_form_that_takes_a_while_is_told_of_and_sent_once(
    visit: Visit, town: City, where: str, words: str
) -> None:
    chen = visit("chen")
    chen.goto(f"{where}/account/notices")
    form = chen.locator("form[action$='/account/notices/choice']")
    form.evaluate(NEVER_ANSWERED)
    expect(chen.locator("#sending")).to_be_hidden()
    button = form.get_by_role("button")
    button.click()
    expect(chen.locator("#sending")).to_be_visible()
    expect(chen.locator("#sending")).to_have_text(words)
    expect(form).to_have_attribute("aria-busy", "true")
    button.click()
    assert chen.evaluate("window.sent") == 1
    chen.evaluate("dispatchEvent(new Event('pageshow'))")
    expect(chen.locator("#sending")).to_be_hidden()
    button.click()
    assert chen.evaluate("window.sent") == 2
