"""Every page weighs at most 100 kB on the line: itself and all that a browser fetches for it, compressed."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from tests.casework.city import City
from tests.e2e.test_pages import PAGES

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

MOST: Final = 100_000
"""Bytes as they came, heads of the answers included, with nothing kept from an earlier page."""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("handle", list(PAGES))
def test_no_page_is_heavy(visit: Callable[..., Page], town: City, handle: str | None, language: str) -> None:
    page = visit(handle)
    line = page.context.new_cdp_session(page)
    came: dict[str, float] = {}
    kinds: set[str] = set()

    def finished(told: dict[str, Any]) -> None:
        came[told["requestId"]] = told["encodedDataLength"]

    line.on("Network.loadingFinished", finished)
    line.on("Network.responseReceived", lambda told: kinds.add(told["type"]))
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    heavy: list[str] = []
    for path in PAGES[handle]:
        came.clear()
        kinds.clear()
        page.goto(
            ("/en" if language == "en" else "") + (path if path != "/" or language == "zh" else ""),
            wait_until="networkidle",
        )
        assert {"Document", "Stylesheet", "Script"} <= kinds, path
        weight = int(sum(came.values()))
        if weight > MOST:
            heavy.append(f"{path}: {weight} bytes in {len(came)} answers")
    assert heavy == []
