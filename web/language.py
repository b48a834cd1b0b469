"""The language stands in the address: ``/en/…`` is English, anything else Chinese.

So a link keeps its language, and a page can be cached without looking at cookies or headers.
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

PREFIXES: Final = {"zh": "", "en": "/en"}
"""What the paths of each language begin with."""


class LanguagePrefix:
    """Takes the language off the path before anything else sees it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the language of the request, and hand it on."""
        if scope["type"] == "http":
            path: str = scope["path"]
            english = path == "/en" or path.startswith("/en/")
            scope["language"] = "en" if english else "zh"
            if english:
                scope = {**scope, "path": path.removeprefix("/en") or "/", "raw_path": b""}
        await self._app(scope, receive, send)


def in_language(path: str, language: str) -> str:
    """Return the address of a page (``/calls?x=1``) in a language."""
    prefix = PREFIXES[language]
    return prefix if prefix and path == "/" else f"{prefix}{path}"
