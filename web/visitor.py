"""Who visits: the session a browser bears, what its person may open, and the forms it sends."""

import datetime
import hmac
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from casework import absence, clock, sessions
from casework.absence import StandIn
from casework.access import Claim
from casework.accounts import Place
from casework.sessions import SignedIn, Viewer
from models.database import reading
from procedure.instant import day_of
from web.page import Page, page_of
from web.settings import PortalSettings

BROWSER_LASTS: Final = 400 * 24 * 3600
"""Seconds for which a browser is known again."""

MOST_FILES: Final = 10
"""So many files a form brings at most."""

DESKS: Final = {
    "applicant": "applicant",
    "member": "member",
    "district_officer": "district",
    "city_officer": "bureau",
    "city_leader": "bureau",
    "administrator": "bureau",
    "expert": "expert",
    "operations": "operations",
}
"""The desk that each role works at."""


class SignInNeededError(Exception):
    """Only who is signed in may open this."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who is signed in, at the desk of one of their roles."""

    page: Page
    viewer: Viewer
    claim: Claim


class Form:
    """What a page sent, with every text in it; missing ones read as empty."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    @staticmethod
    def blank() -> "Form":
        """Return a form that sent nothing."""
        return Form(FormData())

    def text(self, name: str) -> str:
        """Return the last value given for ``name``."""
        values = [value for value in self._data.getlist(name) if isinstance(value, str)]
        return values[-1] if values else ""

    def given(self, name: str) -> str | None:
        """Return a text, None for one that is blank."""
        return self.text(name).strip() or None

    def number(self, name: str) -> int | None:
        """Return a whole number, None for anything else."""
        text = self.text(name).strip()
        return int(text) if re.fullmatch(r"\d{1,12}", text, re.ASCII) else None

    def texts(self, prefix: str = "") -> dict[str, str]:
        """Return the texts whose names begin with ``prefix``, by the rest of the name."""
        return {name.removeprefix(prefix): self.text(name) for name in self._data if name.startswith(prefix)}

    def chosen(self, name: str) -> list[str]:
        """Return every value given for ``name``."""
        return [value for value in self._data.getlist(name) if isinstance(value, str)]

    def files(self, name: str) -> list[UploadFile]:
        """Return every uploaded file of this name."""
        return [each for each in self._data.getlist(name) if isinstance(each, UploadFile) and each.filename]

    def adding(self, texts: Mapping[str, str]) -> "Form":
        """Return the form with more texts, as if it had sent them."""
        return Form(FormData([*self._data.multi_items(), *texts.items()]))

    def file(self, name: str) -> UploadFile | None:
        """Return an uploaded file, None where none was chosen."""
        found = self._data.get(name)
        return found if isinstance(found, UploadFile) and found.filename else None


def cookie(settings: PortalSettings, name: str) -> str:
    """Return the whole name of a cookie; over https no other site of the domain can plant it."""
    return f"__Host-beian_{name}" if settings.secure else f"beian_{name}"


def viewer_of(page: Page) -> Viewer | None:
    """Return who the browser's session belongs to, if it has one that is not over."""
    portal = page.portal
    token = page.request.cookies.get(cookie(portal.settings, "session"))
    if not token:
        return None
    idle = datetime.timedelta(minutes=portal.settings.idle_minutes)
    with reading(portal.engine) as connection:
        day = day_of(clock.now(connection))
        return sessions.viewer(portal.engine, connection, token, clock.present(None), idle, day)


def acting_for(page: Page, viewer: Viewer) -> StandIn | None:
    """Return for whom the viewer chose to act, as long as they stand in for them today; None for nobody."""
    chosen = page.request.cookies.get(cookie(page.portal.settings, "acting"))
    if not chosen:
        return None
    with reading(page.portal.engine) as connection:
        stands = absence.standing_in(connection, day_of(clock.now(connection)), viewer.person)
    return next((each for each in stands if str(each.id) == chosen), None)


def around(page: Page, viewer: Viewer) -> Page:
    """Return the page with what every page shows to somebody who is signed in."""
    acting = acting_for(page, viewer)
    roles = viewer.roles if acting is None else (*viewer.roles, acting.role)
    desks = tuple(dict.fromkeys(DESKS[role] for role in roles if role in DESKS))
    token = csrf(page.request.cookies[cookie(page.portal.settings, "session")])
    about = {"viewer": viewer, "desks": desks, "csrf": token, "acting": acting}
    return replace(page, around={**page.around, **about})


def visitor_page(request: Request) -> Page:
    """Return a page that knows its visitor, signed in or not."""
    page = page_of(request)
    viewer = viewer_of(page)
    return page if viewer is None else around(page, viewer)


VisitorPage = Annotated[Page, Depends(visitor_page)]
"""A page for anybody that shows who is signed in."""


def signed_in(request: Request) -> Desk:
    """Return whoever is signed in, at no desk in particular; raises SignInNeededError for nobody."""
    page = page_of(request)
    viewer = viewer_of(page)
    if viewer is None:
        raise SignInNeededError
    return Desk(around(page, viewer), viewer, Claim(viewer.person, ""))


def at_desk(*roles: str) -> Callable[[Request], Desk]:
    """Return what lets somebody open a desk: signed in, and holding one of its ``roles`` today.

    Whoever chose to act for somebody they stand in for is there in that one's place.
    """

    def open_desk(request: Request) -> Desk:
        desk = signed_in(request)
        stands: StandIn | None = desk.page.around["acting"]
        if stands is not None and stands.role in roles:
            return replace(desk, claim=Claim(desk.viewer.person, stands.role, stands.person))
        held = next((role for role in roles if role in desk.viewer.roles), None)
        if held is None:
            raise HTTPException(403)
        return replace(desk, claim=Claim(desk.viewer.person, held))

    return open_desk


def claims(desk: Desk, roles: Collection[str]) -> list[Claim]:
    """Return the visitor's claims in these roles, that of whom they stand in for included."""
    own = [Claim(desk.viewer.person, role) for role in desk.viewer.roles if role in roles]
    stands: StandIn | None = desk.page.around["acting"]
    if stands is None or stands.role not in roles:
        return own
    return [*own, Claim(desk.viewer.person, stands.role, stands.person)]


SignedInDesk = Annotated[Desk, Depends(signed_in)]
"""Whoever is signed in."""


def csrf(secret: str) -> str:
    """Return a token that only a page of this visitor can have; another every time."""
    salt = secrets.token_urlsafe(12)
    return f"{salt}.{_mac(secret, salt)}"


def _mac(secret: str, salt: str) -> str:
    return hmac.new(secret.encode(), salt.encode(), "sha256").hexdigest()


def is_own(request: Request, settings: PortalSettings, token: str) -> bool:
    """Return whether a token stood on a page of this visitor's."""
    salt, _, mac = token.partition(".")
    held = (request.cookies.get(cookie(settings, name)) for name in ("session", "visit"))
    return any(secret and hmac.compare_digest(_mac(secret, salt).encode(), mac.encode()) for secret in held)


async def posted(request: Request) -> Form:
    """Return what was posted from one of our own pages; anything from elsewhere is refused."""
    settings: PortalSettings = request.app.state.portal.settings
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(400)
    if not any(cookie(settings, name) in request.cookies for name in ("session", "visit")):
        raise SignInNeededError
    data = await request.form(max_files=MOST_FILES, max_fields=500)
    form = Form(data)
    if not is_own(request, settings, form.text("csrf")):
        # A session that ended takes its pages with it.
        raise SignInNeededError
    return form


Posted = Annotated[Form, Depends(posted)]
"""What a form of ours sent."""


def place_of(page: Page) -> Place:
    """Return where the visitor signs in from."""
    request = page.request
    host = "" if request.client is None else request.client.host
    # Whoever has one address of IPv6 has the whole network of 64 bits.
    address = ":".join(host.split(":")[:4]) if ":" in host else host
    return Place(
        address,
        request.cookies.get(cookie(page.portal.settings, "browser")),
        request.headers.get("user-agent", "")[:200],
    )


def keep(page: Page, response: Response, done: SignedIn) -> Response:
    """Give the browser what it keeps after a sign-in."""
    settings = page.portal.settings
    lasts = settings.session_hours * 3600
    put(settings, response, "session", done.token, lasts)
    put(settings, response, "browser", done.browser_token, BROWSER_LASTS)
    response.delete_cookie(cookie(settings, "visit"), secure=settings.secure, httponly=True)
    return response


def put(settings: PortalSettings, response: Response, name: str, value: str, lasts: int) -> None:
    """Give the browser a cookie that scripts cannot read and other sites do not send."""
    response.set_cookie(
        cookie(settings, name), value, max_age=lasts, secure=settings.secure, httponly=True, samesite="lax"
    )


def safe_path(path: str) -> str | None:
    """Return a path of the portal; None for anything that could lead elsewhere."""
    return path if re.fullmatch(r"/[^/\\\s][^\\\s]*|/", path) and len(path) <= 500 else None


def first_desk(viewer: Viewer) -> str:
    """Return where somebody begins: their first desk, else their account."""
    return next((f"/{DESKS[role]}" for role in viewer.roles if role in DESKS), "/account")
