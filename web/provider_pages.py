"""Signing in through the city's identity provider, and linking what it knows somebody as to one's account."""

import datetime
import logging
import secrets
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from casework import clock, identities
from casework.identities import TakenIdentity
from models.database import writing
from web.errors import no_such_page
from web.page import Page
from web.provider import Asked, Provider, ProviderFailed
from web.sign_in import ask
from web.visitor import (
    Posted,
    SignedInDesk,
    VisitorPage,
    cookie,
    is_own,
    keep,
    place_of,
    put,
    safe_path,
    viewer_of,
)

logger = logging.getLogger(__name__)

router = APIRouter()

LASTS: Final = 600
"""Seconds within which somebody comes back from the provider."""

Text = Annotated[str, Query(max_length=4000)]


@router.get("/sign-in/provider")
def sign_in(page: VisitorPage, back: Annotated[str, Query(alias="next", max_length=500)] = "") -> Response:
    """Lead to the provider, to sign in."""
    return _lead(page, Asked.fresh(safe_path(back) or "", links=False))


@router.get("/account/identities/new")
def link(desk: SignedInDesk, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Lead to the provider, to link what it knows one as; only from one's own page.

    It is a link with a token, since a form may lead to our own pages only.
    """
    if not is_own(desk.page.request, desk.page.portal.settings, token):
        return desk.page.go("/account")
    return _lead(desk.page, Asked.fresh("", links=True))


@router.post("/account/identities/remove")
def unlink(desk: SignedInDesk, form: Posted) -> Response:
    """Take an identity away again."""
    with writing(desk.page.portal.engine) as connection:
        identities.unlink(connection, desk.viewer.person, form.number("identity") or 0)
    return desk.page.go("/account", done="identities")


@router.get("/sign-in/provider/back")
def back(page: VisitorPage, code: Text = "", state: Text = "") -> Response:
    """Take who the provider says it is; only from the browser that asked."""
    provider, settings = _provider(page), page.portal.settings
    asked = Asked.unpacked(page.request.cookies.get(cookie(settings, "provider"), ""))
    if asked is None or not secrets.compare_digest(asked.state.encode(), state.encode()) or not code:
        return _over(page, ask(page, problem=page.say("provider.failed"), status=422))
    try:
        subject = provider.subject(asked, code)
    except ProviderFailed as failed:
        logger.warning("identity provider: %s", failed)
        return _over(page, ask(page, problem=page.say("provider.failed"), status=422))
    return _over(
        page, _link(page, provider, subject) if asked.links else _enter(page, provider, subject, asked)
    )


def _enter(page: Page, provider: Provider, subject: str, asked: Asked) -> Response:
    lasts = datetime.timedelta(hours=page.portal.settings.session_hours)
    done = identities.sign_in(
        page.portal.engine, provider.issuer, subject, place_of(page), clock.present(None), lasts
    )
    if done is None:
        return ask(page, problem=page.say("provider.unknown"), status=422)
    return keep(page, page.go(safe_path(asked.back) or "/desk"), done)


def _link(page: Page, provider: Provider, subject: str) -> Response:
    viewer = viewer_of(page)
    if viewer is None:
        return ask(page, ended=True, status=401)
    try:
        with writing(page.portal.engine) as connection:
            identities.link(connection, viewer.person, provider.issuer, subject, clock.present(None))
    except TakenIdentity:
        return page.go("/account", done="identity_taken")
    return page.go("/account", done="identities")


def _lead(page: Page, asked: Asked) -> Response:
    try:
        response: Response = RedirectResponse(_provider(page).address(asked), 303)
    except ProviderFailed as failed:
        logger.warning("identity provider: %s", failed)
        return ask(page, problem=page.say("provider.failed"), back=asked.back, status=503)
    put(page.portal.settings, response, "provider", asked.packed(), LASTS)
    return response


def _over(page: Page, response: Response) -> Response:
    settings = page.portal.settings
    response.delete_cookie(cookie(settings, "provider"), secure=settings.secure, httponly=True)
    return response


def _provider(page: Page) -> Provider:
    found = Provider.of(page.portal.settings)
    if found is None:
        raise no_such_page()
    return found
