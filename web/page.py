"""One page as it is asked for: its language, its words, and how it is answered."""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine

from casework.terms import Terms, catalogue, term
from notifications.secret import Seal
from procedure import written
from procedure.definition import Words
from web.language import in_language
from web.settings import PortalSettings
from web.statics import static

PUBLIC_SECONDS: Final = 60
"""How long a public page may be shown without asking again."""

TEMPLATES: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Portal:
    """What the whole portal works with: the database, the stored files, its settings and its key."""

    engine: Engine
    files: Path
    settings: PortalSettings
    seal: Seal | None = None


def _headed(text: object) -> str:
    """Return a text as it begins a line; an address or a path stays as it is."""
    told = str(text)
    return told if "/" in told.partition(" ")[0] else told[:1].upper() + told[1:]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static
    environment.filters["headed"] = _headed
    return environment


@dataclass(frozen=True)
class Page:
    """A request and the words of its language; ``around`` is what every template of it may show."""

    request: Request
    portal: Portal
    language: str
    around: Mapping[str, Any] = field(default_factory=dict)

    def say(self, key: str, /, **facts: Any) -> str:
        """Return the portal's text ``PAGE.NAME`` with its facts put in."""
        section, _, name = key.partition(".")
        return str(catalogue(self.language)["portal"][section][name]).format_map(facts)

    def has(self, key: str, /) -> str:
        """Return the portal's text ``PAGE.NAME``, empty where there is none."""
        section, _, name = key.partition(".")
        return str(catalogue(self.language)["portal"][section].get(name, ""))

    def terms(self, procedure: Any = None) -> Terms:
        """Return the terms of the page's language."""
        return Terms(self.language, procedure)

    def url(self, path: str, **query: Any) -> str:
        """Return the address of another page in the same language; what is empty is left out."""
        asked = {name: value for name, value in query.items() if value not in (None, "")}
        return in_language(path, self.language) + (f"?{urlencode(asked, doseq=True)}" if asked else "")

    @property
    def path(self) -> str:
        """The page's own path without its language."""
        return str(self.request.scope["path"])

    def _other(self, language: str) -> str:
        query = self.request.url.query
        return in_language(self.path, language) + (f"?{query}" if query else "")

    def html(self, template: str, **context: Any) -> str:
        """Return a template as text."""
        language = self.language
        words: dict[str, Any] = {
            "say": self.say,
            "url": self.url,
            "term": lambda section, name: term(section, name, language),
            "when": lambda at: "" if at is None else written.when(at, language),
            "day": lambda at: "" if at is None else written.day(at, language),
            "iso": lambda at: at.astimezone(datetime.UTC).isoformat(timespec="seconds"),
            "of": lambda words: words.of(language) if isinstance(words, Words) else words,
            "either": lambda zh, en: en if language == "en" else zh,
            "language": language,
            "path": self.path,
            "in_chinese": self._other("zh"),
            "in_english": self._other("en"),
            "demonstration": self.portal.settings.demonstration,
            "viewer": None,
            "acting": None,
            "desks": (),
            "csrf": None,
        }
        return _environment().get_template(template).render(**{**words, **self.around, **context})

    def answer(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Return a page that nobody keeps."""
        return HTMLResponse(self.html(template, **context), status)

    def public(self, template: str, **context: Any) -> Response:
        """Return a page that is the same for everybody and may be kept for a minute."""
        return self._kept(self.html(template, **context), "text/html")

    def feed(self, template: str, **context: Any) -> Response:
        """Return a feed, which is kept as a public page is."""
        return self._kept(self.html(template, **context), "application/atom+xml")

    def _kept(self, text: str, media_type: str) -> Response:
        body = text.encode()
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"Cache-Control": f"public, max-age={PUBLIC_SECONDS}", "ETag": tag}
        if self.request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=f"{media_type}; charset=utf-8")

    def go(self, path: str, **query: Any) -> Response:
        """Send the browser on to another page of the portal, after what was posted has been done."""
        return RedirectResponse(self.url(path, **query), 303)


def page_of(request: Request) -> Page:
    """Return the page that is asked for, whoever asks."""
    return Page(request, request.app.state.portal, request.scope.get("language", "zh"))


AnyPage = Annotated[Page, Depends(page_of)]
"""A page that is the same for everybody."""
