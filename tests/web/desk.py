"""Somebody at the portal: signed in, reading pages and sending the forms found there, as a browser would."""

import datetime
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from httpx import Response
from typing_extensions import override

from casework import accounts, clock
from casework.accounts import Place
from tests.casework.city import City
from tests.web.conftest import browser

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"


@dataclass
class Found:
    """A form of a page: where it goes, what it would send untouched, and under which name a file."""

    action: str
    fields: dict[str, str | list[str]]
    file: str = "file"


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Found] = []
        self._area: str | None = None
        self._choice: str | None = None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Found(given.get("action", ""), {}))
        if tag == "option" and self._choice is not None:
            # A browser sends the first unless another is selected.
            if self._choice not in self.forms[-1].fields or "selected" in given:
                self.forms[-1].fields[self._choice] = given.get("value", "")
            return
        if not self.forms or "name" not in given:
            return
        if given.get("type") == "file":
            self.forms[-1].file = given["name"]
        self._choice = given["name"] if tag == "select" else None
        kind = given.get("type", "text")
        if tag == "textarea":
            self._area = given["name"]
            self.forms[-1].fields[self._area] = ""
        elif tag == "input" and (kind not in ("radio", "checkbox", "file") or "checked" in given):
            fields, name, value = self.forms[-1].fields, given["name"], given.get("value", "")
            before = fields.get(name)
            fields[name] = (
                value if before is None else [*([before] if isinstance(before, str) else before), value]
            )

    @override
    def handle_data(self, data: str) -> None:
        if self._area is not None:
            so_far = self.forms[-1].fields[self._area]
            self.forms[-1].fields[self._area] = f"{so_far}{data.removeprefix(chr(10))}"

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None


def forms_of(page: str) -> list[Found]:
    """Return the forms of a page."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


class Person:
    """A person of the city at their desk."""

    def __init__(self, city: City, handle: str, **settings: Any) -> None:
        self.client = browser(city, **settings)
        now = clock.present(None)
        hour = datetime.timedelta(hours=1)
        done = accounts.sign_in_without(city.engine, handle, Place("10.0.0.9"), now, hour)
        assert done is not None
        self.client.cookies.set("beian_session", done.token)
        self.page = ""
        self.at = "/"

    def opens(self, path: str, status: int = 200) -> str:
        """Open a page and return it."""
        return self._shown(self.client.get(path), status)

    def sends(
        self, action: str, status: int = 200, file: tuple[str, bytes] | None = None, **fields: Any
    ) -> str:
        """Send the form of the open page whose action ends so, and return the next page."""
        form = next(form for form in forms_of(self.page) if form.action.split("?")[0].endswith(action))
        data = {**form.fields, **fields}
        files = None if file is None else {form.file: (file[0], file[1], "application/octet-stream")}
        return self._shown(self.client.post(urljoin(self.at, form.action), data=data, files=files), status)

    def types(self, path: str, **fields: Any) -> str:
        """Send what was typed as htmx does, and return the part of the page that comes back."""
        data = {**forms_of(self.page)[-1].fields, **fields}
        answer = self.client.post(path, data=data, headers={"HX-Request": "true"})
        return answer.text

    def _shown(self, answer: Response, status: int) -> str:
        assert answer.status_code == status, (answer.status_code, str(answer.url), words(answer.text)[:2000])
        self.page, self.at = answer.text, str(answer.url.raw_path.decode())
        return self.page


def words(page: str) -> str:
    """Return the words of a page, without its marks."""
    main = re.search(r"<main.*</main>", page, re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", main[0] if main else page)
    return re.sub(r"\s+", " ", text)
