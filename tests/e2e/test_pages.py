"""Every page: no violation of WCAG 2.2 AA, nothing wider than the screen, at most 100 kB, no script error.

No word in the heading of a table is broken either, and colours have contrast in the dark as well.

With BEIAN_PICTURES set, a picture of each goes into out/portal.
"""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Page

from procedure.pack import shipped
from tests.casework.city import City
from tests.e2e.conftest import PICTURES
from tests.e2e.line import Line
from web.app import ROUTERS

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

AXE = Path(__file__).with_name("axe.min.js")
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
SIZES = ((1280, 900), (390, 844))
BROKEN = r"""() => [...document.querySelectorAll("th")].flatMap((heading) => {
  const words = [];
  if (heading.closest("thead")?.offsetWidth === 1) return words; // for those who listen only
  const texts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    for (const word of text.data.matchAll(/[A-Za-z]+/g)) {
      const place = document.createRange();
      place.setStart(text, word.index);
      place.setEnd(text, word.index + word[0].length);
      if (new Set([...place.getClientRects()].map((each) => each.top)).size > 1) words.push(word[0]);
    }
  return words;
})"""
"""Finds the words in headings of tables that go on in another line."""
HEAVIEST: Final = 100_000

PACK = shipped("yueyang-2024").content_hash[:12]

PAGES: dict[str | None, tuple[str, ...]] = {
    None: ("/", "/calls/yueyang/2024", "/lists", "/register", "/verify", "/sign-in", "/nowhere"),
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
        "/account/people",
        "/account/tokens",
    ),
    "zhang1": ("/applicant/yueyang/YY2024-0002", "/applicant/yueyang/YY2024-0002/receipt"),
    "zhang2": ("/applicant/yueyang/YY2024-0003", "/applicant/yueyang/YY2024-0003/form/consortium"),
    "li": ("/member", "/member/yueyang/YY2024-0004"),
    "e1": ("/search?q=YY2024", "/account/notices", "/account/acts", "/account/absences"),
    "e0": ("/expert", "/expert/yueyang/YY2024-0006"),
    "ops": (
        "/operations",
        "/operations/cases/yueyang/YY2024-0001",
        "/operations/incidents",
        "/operations/incidents/1",
        "/operations/deliveries",
        "/operations/deliveries?show=waiting",
        "/operations/deliveries/1",
        "/operations/runs",
        "/operations/health",
    ),
    "wang": (
        "/account/absences",
        "/district",
        "/district/calls/yueyang/2024",
        "/district/calls/yueyang/2024/accept_online",
        "/district/calls/yueyang/2024/endorse",
        "/district/yueyang/YY2024-0001",
        "/district/yueyang/YY2024-0005",
    ),
    "chen": (
        "/bureau?show=all",
        "/bureau/yueyang/YY2024-0002",
        "/bureau/calls",
        "/bureau/calls/yueyang/2024",
        "/bureau/calls/yueyang/2024/filing",
        "/bureau/calls/yueyang/2024/defences",
        "/bureau/year/yueyang/2024",
        "/bureau/trust",
        "/changes",
        "/filed",
        "/support",
        "/evaluations",
        "/bureau/calendar",
        "/bureau/first-people",
        "/bureau/procedures",
        f"/bureau/procedures/{PACK}",
        "/bureau/yueyang/YY2024-0002/panel",
        "/bureau/yueyang/YY2024-0002/scores",
        "/bureau/yueyang/YY2024-0002/picture",
    ),
    "admin": ("/bureau/calls/new?like=yueyang/2024",),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("handle", list(PAGES))
def test_pages_are_accessible_light_and_fit(
    visit: Callable[..., Page], town: City, handle: str | None, language: str
) -> None:
    assert looked_at(visit(handle), PAGES[handle], language) == []


def looked_at(page: Page, paths: Sequence[str], language: str) -> list[str]:
    """Open pages wide and narrow in a language, and return all that is wrong with them."""
    page.add_init_script(path=AXE)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if "Content Security" in said.text else None)
    line = Line(page)
    for path in paths:
        line.clear()
        page.goto(("/en" if language == "en" else "") + (path if path != "/" or language == "zh" else ""))
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            where = f"{language} {width} {path}"
            troubles += [f"{where}: {each}" for each in violations(page)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                troubles.append(f"{where}: wider than the screen")
            troubles += [f"{where}: {word} is broken" for word in page.evaluate(BROKEN)]
            name = path.strip("/").replace("/", "-").replace("?", "-") or "home"
            if os.environ.get("BEIAN_PICTURES"):
                page.screenshot(path=PICTURES / f"{name}-{language}-{width}.png", full_page=True)
        if language == "zh":
            page.emulate_media(color_scheme="dark")
            troubles += [f"dark {path}: {each}" for each in violations(page, COLOURS)]
            page.emulate_media(color_scheme="light")
        # Looked at so thoroughly, a page has fetched all that it ever will.
        if (weight := line.weight()) > HEAVIEST:
            troubles.append(f"{language} {path}: {weight} bytes")
        assert {"Document", "Stylesheet", "Script"} <= line.kinds, path
    return troubles


NO_PAGES = re.compile(
    r"/health|/desk|/bureau/year|/sign-in/provider.*|/account/identities/new"  # lead on, or answer programs
    r"|.*\.(atom|pdf|xlsx|ics|\{ending\})|.*/workbook|.*/documents/\{material\}/\{owner\}"  # files
    r"|/applicant/\{bureau\}/\{number\}/members/unit"  # a part of a page
    r"|/bureau/procedures/\{name\}/picture"  # as a case's picture
)
ELSEWHERE = re.compile(
    # They need a published list or a filing.
    r"/lists/.*|/register/.*|/evaluations/.*|/changes/.*|/filed/.*|/matters/.*"
    r"|/forgotten|/(welcome|join)/\{token\}|/account/second-factor"  # need a key or an invitation
)


def test_no_page_is_left_out() -> None:
    shown = {path.partition("?")[0] for paths in PAGES.values() for path in paths}
    left = [
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in route.methods
        if not NO_PAGES.fullmatch(route.path) and not ELSEWHERE.fullmatch(route.path)
        if not any(route.path_regex.fullmatch(path) for path in shown)
    ]
    assert left == []


def violations(page: Page, rules: dict[str, list[str]] = RULES) -> list[str]:
    """Return what axe finds wrong with a page."""
    found: Any = page.evaluate("rules => axe.run(document, rules)", rules)
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
