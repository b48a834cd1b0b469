"""What was typed into a form whose session had ended: carried through the sign-in and shown again after it.

It travels in the sign-in form and is stored nowhere. What comes from another site is not carried on.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import orjson
from fastapi import Request

from web.language import in_language
from web.visitor import safe_path

MOST: Final = 300_000
"""So many characters of typed text are carried."""

OURS: Final = frozenset({"csrf", "key", "version", "kept", "next", "left", "total", "good"})
"""Names of fields that nobody types into."""

NEVER: Final = frozenset({"password", "old", "new", "code"})
"""Names of fields whose content is not carried: it is a secret."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent: where to, its texts in order, and whether files came with it, which are lost."""

    action: str
    fields: tuple[tuple[str, str], ...]
    files: bool = False

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What people typed or chose, what is blank left out."""
        return [(name, text) for name, text in self.fields if name not in OURS and text.strip()]

    def packed(self) -> str:
        """Return it as a text for a hidden field."""
        return orjson.dumps([self.action, self.fields, self.files]).decode()


def unpacked(text: str) -> Kept | None:
    """Return what ``packed`` made; None for anything else."""
    try:
        action, fields, files = orjson.loads(text)
        found = Kept(str(action), tuple((str(name), str(value)) for name, value in fields), bool(files))
    except (ValueError, TypeError):
        return None
    return found if safe_path(found.action) else None


async def of(request: Request) -> Kept | None:
    """Return what a form of ours sent; None where nothing was typed, or another site may have sent it."""
    if request.method != "POST" or not _from_here(request):
        return None
    data = await request.form(max_files=2, max_fields=500)
    texts = [
        (name, value)
        for name, value in data.multi_items()
        if isinstance(value, str) and name not in NEVER and name != "csrf"
    ]
    files = any(not isinstance(value, str) and value.filename for value in data.values())
    query = f"?{request.url.query}" if request.url.query else ""
    path = in_language(str(request.scope["path"]), request.scope.get("language", "zh"))
    found = Kept(path + query, tuple(texts), files)
    if not found.typed or sum(len(value) for _, value in texts) > MOST:
        return None
    return found


def _from_here(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    referer = urlsplit(request.headers.get("referer", ""))
    return bool(referer.netloc) and referer.netloc == request.headers.get("host")
