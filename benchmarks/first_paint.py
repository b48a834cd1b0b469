"""How long a browser with nothing kept yet shows an empty page on a third-generation mobile line.

Chromium opens each page anew with its network slowed down as WebPageTest's profile "3G" has it: 300 ms until
an answer begins, 1.6 Mbit/s down, 768 kbit/s up. What making the first connection costs on a real line
(some round trips, more with https) is not in it. Ours is the first contentful paint, the median of several;
the baseline is when the page's own text is there to its last byte.
"""

import os
import shutil
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine

from benchmarks import city as cities
from benchmarks.portal import served, session, sign_in
from benchmarks.result import Line, Target

LATENCY_MS: Final = 300
DOWN: Final = 1_600_000 // 8
UP: Final = 768_000 // 8

PAINTED: Final = """async () => {
    const own = performance.getEntriesByType("navigation")[0];
    const painted = await new Promise(found => new PerformanceObserver(list => {
        const first = list.getEntriesByName("first-contentful-paint")[0];
        if (first) found(first);
    }).observe({type: "paint", buffered: true}));
    return [painted.startTime, own.responseEnd];
}"""
"""Asks a page when it was painted first and when its own text was there, in ms since it was asked for."""


def run(engine: Engine, times: int = 5) -> list[Line]:
    """Open each page so many `times`; nothing is measured where there is no Chromium."""
    path = os.environ.get("BEIAN_CHROMIUM") or shutil.which("chromium")
    if path is None:
        print("first_paint: there is no Chromium here")
        return []
    city = cities.found(engine)
    number = city.case.number
    people = {who: city.people[who].person for who in ("applicant", "district", "officer")}
    sign_in(engine, people.values())
    pages: tuple[tuple[str, str | None, str], ...] = (
        ("home", None, "/"),
        ("sign_in", None, "/sign-in"),
        ("register", None, "/register"),
        ("own_case", "applicant", f"/applicant/yueyang/{number}"),
        ("work_list", "district", "/district"),
        ("case", "district", f"/district/yueyang/{number}"),
        ("bureau", "officer", "/bureau?show=all"),
    )
    note = f"{LATENCY_MS} ms, {DOWN * 8 / 1e6:g} Mbit/s down, nothing kept; median of {times}"
    lines: list[Line] = []
    with served(engine) as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-quic"])
        for name, who, address in pages:
            token = None if who is None else session(people[who])
            where = f"http://127.0.0.1:{portal.port}"
            # The first of all finds the portal cold; what counts is the line.
            took = [_open(browser, where, address, token) for _ in range(times + 1)][1:]
            painted, there = (median(each) for each in zip(*took, strict=True))
            limit = Target("ours", 1000)
            lines.append(Line(f"first_paint:{name}", engine.dialect.name, painted, there, "ms", limit, note))
            note = ""
        browser.close()
    return lines


def _open(browser: Browser, where: str, address: str, token: str | None) -> tuple[float, float]:
    context = browser.new_context(base_url=where)
    if token is not None:
        context.add_cookies([{"name": "beian_session", "value": token, "url": where}])
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    slow: dict[str, Any] = {"latency": LATENCY_MS, "downloadThroughput": DOWN, "uploadThroughput": UP}
    line.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    answer = page.goto(address)
    if answer is None or not answer.ok or "/sign-in" in page.url.removesuffix(address):
        raise AssertionError(f"{address} led to {page.url}")
    painted, there = page.evaluate(PAINTED)
    context.close()
    return painted, there
