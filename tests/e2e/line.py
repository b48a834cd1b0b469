"""What a page weighs on the line: itself and all that a browser fetches for it, compressed."""

from typing import Any

from playwright.sync_api import Page


class Line:
    """Counts what comes for a page, with nothing kept from an earlier one."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open: set[str] = set()
        self._came: dict[str, float] = {}
        self.kinds: set[str] = set()
        line = page.context.new_cdp_session(page)
        line.on("Network.requestWillBeSent", lambda told: self._open.add(told["requestId"]))
        line.on("Network.responseReceived", lambda told: self.kinds.add(told["type"]))
        line.on("Network.loadingFinished", self._finished)
        line.on("Network.loadingFailed", lambda told: self._open.discard(told["requestId"]))
        line.send("Network.enable")
        line.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _finished(self, told: dict[str, Any]) -> None:
        self._open.discard(told["requestId"])
        self._came[told["requestId"]] = told["encodedDataLength"]

    def clear(self) -> None:
        """Forget the page before."""
        self._open.clear()
        self._came.clear()
        self.kinds.clear()

    def weight(self) -> int:
        """Return the bytes as they came, heads of the answers included, once nothing is under way."""
        while self._open:
            self._page.wait_for_timeout(20)
        return int(sum(self._came.values()))
