"""Every page: no violation of WCAG 2.2 AA, nothing wider than the screen, no script error.

With BEIAN_PICTURES set, a picture of each goes into out/portal.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.casework.city import City
from tests.e2e.conftest import PICTURES

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

AXE = Path(__file__).with_name("axe.min.js")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SIZES = ((1280, 900), (390, 844))

PAGES: dict[str | None, tuple[str, ...]] = {
    None: ("/", "/calls/yueyang/2024", "/lists", "/register", "/sign-in", "/nowhere"),
    "zhang3": (
        "/applicant",
        "/applicant/start/yueyang/2024",
        "/applicant/yueyang/YY2024-0004",
        "/applicant/yueyang/YY2024-0004/form/consortium",
        "/applicant/yueyang/YY2024-0004/form/lead",
        "/applicant/yueyang/YY2024-0004/members",
        "/applicant/yueyang/YY2024-0004/form/member?unit=12100000400000624D",
        "/applicant/yueyang/YY2024-0004/documents",
        "/applicant/yueyang/YY2024-0004/review",
        "/applicant/yueyang/YY2024-0004/withdraw",
        "/account",
    ),
    "zhang1": ("/applicant/yueyang/YY2024-0002", "/applicant/yueyang/YY2024-0002/receipt"),
    "zhang2": ("/applicant/yueyang/YY2024-0003", "/applicant/yueyang/YY2024-0003/form/consortium"),
    "li": ("/member", "/member/yueyang/YY2024-0004"),
    "wang": ("/district", "/district/yueyang/YY2024-0001", "/district/yueyang/YY2024-0005"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("handle", list(PAGES))
def test_pages_are_accessible_and_fit(
    visit: Callable[..., Page], town: City, handle: str | None, language: str
) -> None:
    page = visit(handle)
    page.add_init_script(path=AXE)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if "Content Security" in said.text else None)
    for path in PAGES[handle]:
        page.goto(("/en" if language == "en" else "") + (path if path != "/" or language == "zh" else ""))
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            where = f"{language} {width} {path}"
            troubles += [f"{where}: {each}" for each in _violations(page)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                troubles.append(f"{where}: wider than the screen")
            name = path.strip("/").replace("/", "-").replace("?", "-") or "home"
            if os.environ.get("BEIAN_PICTURES"):
                page.screenshot(path=PICTURES / f"{name}-{language}-{width}.png", full_page=True)
    assert troubles == []


def test_colours_have_contrast_in_the_dark(visit: Callable[..., Page], town: City) -> None:
    page = visit("wang", color_scheme="dark")
    page.add_init_script(path=AXE)
    troubles: list[str] = []
    for path in ("/", "/sign-in", "/district", "/district/yueyang/YY2024-0001"):
        page.goto(path)
        troubles += [f"{path}: {each}" for each in _violations(page)]
    assert troubles == []


def _violations(page: Page) -> list[str]:
    found: Any = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
