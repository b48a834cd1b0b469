"""Signing in and out, invitations, and one's own account."""

import datetime
import secrets
from typing import Annotated, Any, Final
from urllib.parse import quote

import segno
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from casework import accounts, attempts, clock, identities, roster, second_factor, sessions, unit_people
from casework.accounts import LEAST, NotSignedIn, UnfitPassword
from casework.forgotten import MINUTES, send_link
from casework.sessions import SignedIn, digest
from models.database import reading, writing
from procedure.instant import day_of
from web import kept as kept_forms
from web.errors import no_such_page
from web.language import in_language
from web.page import Page, page_of
from web.provider import Provider
from web.visitor import (
    DESKS,
    Desk,
    Form,
    Posted,
    SignedInDesk,
    VisitorPage,
    cookie,
    csrf,
    first_desk,
    keep,
    place_of,
    put,
    safe_path,
)

router = APIRouter()

VISIT_LASTS: Final = 24 * 3600
"""Seconds for which a form for visitors can be sent."""

SHOWN: Final = tuple(DESKS)
"""The roles whose people a demonstration offers to be."""

Back = Annotated[str, Query(alias="next", max_length=500)]


@router.get("/sign-in")
def sign_in_page(page: VisitorPage, back: Back = "", ended: str = "") -> Response:
    """Show the form to sign in; whoever is signed in goes on."""
    if page.around.get("viewer") is not None:
        return page.go(safe_path(back) or "/desk")
    return ask(page, back=back, ended=bool(ended))


@router.post("/sign-in")
def sign_in(page: VisitorPage, form: Posted) -> Response:
    """Sign in with handle, password and, where it was set up, the code of the second factor."""
    settings = page.portal.settings
    done = accounts.sign_in(
        page.portal.engine,
        form.text("handle").strip(),
        form.text("password"),
        form.text("code"),
        place_of(page),
        clock.present(None),
        datetime.timedelta(hours=settings.session_hours),
        page.portal.seal,
    )
    if isinstance(done, NotSignedIn):
        problem = page.say("signin.wait" if done.wait else "signin.wrong")
        return ask(
            page,
            back=form.text("next"),
            problem=problem,
            handle=form.text("handle")[:64],
            kept=form.text("kept"),
            status=429 if done.wait else 422,
        )
    return _go_on(page, form, done)


@router.get("/forgotten")
def forgotten_page(page: VisitorPage) -> Response:
    """Ask which account's password was forgotten."""
    return _forgotten(page)


@router.post("/forgotten")
def forgotten(page: VisitorPage, form: Posted) -> Response:
    """Send a link to whoever's account it is; the answer is the same for every account there is or is not."""
    portal = page.portal
    if portal.seal is None or portal.settings.url is None:
        raise no_such_page()
    handle, now = form.text("handle").strip()[:64], clock.present(None)
    with writing(portal.engine) as connection:
        # Counted apart from attempts to sign in: nobody is locked out by what others forget.
        if attempts.note(connection, f"forgotten {handle}", digest(place_of(page).address), now) is None:
            return _forgotten(page, problem=page.say("signin.wait"), status=429)
    response = _forgotten(page, sent=True)
    # After the answer has left: how long it takes tells nothing.
    response.background = BackgroundTask(
        send_link, portal.engine, handle, portal.settings.url, portal.seal, now
    )
    return response


@router.post("/demonstration")
def sign_in_to_show(page: VisitorPage, form: Posted) -> Response:
    """Sign in as anybody, in a demonstration only."""
    if not page.portal.settings.demonstration:
        raise no_such_page()
    done = accounts.sign_in_without(
        page.portal.engine,
        form.text("handle"),
        place_of(page),
        clock.present(None),
        datetime.timedelta(hours=page.portal.settings.session_hours),
    )
    if done is None:
        raise no_such_page()
    return _go_on(page, form, done)


def _go_on(page: Page, form: Form, done: SignedIn) -> Response:
    """Lead on to where somebody wanted to go, or to what they had typed when their session was over."""
    kept = kept_forms.unpacked(form.text("kept"))
    if kept is None:
        return keep(page, page.go(safe_path(form.text("next")) or "/desk"), done)
    return keep(page, page.answer("kept.html", kept=kept, csrf=csrf(done.token)), done)


async def ask_to_sign_in(request: Request, _: Exception) -> Response:
    """Ask whoever is not signed in to sign in, and lead back after it with what they had typed.

    A part of a page is told so in place.
    """
    page = page_of(request)
    if request.headers.get("hx-request"):
        return page.answer("signed_out.html", status=401)
    kept = await kept_forms.of(request)
    if kept is not None:
        return await run_in_threadpool(lambda: ask(page, ended=True, kept=kept.packed(), status=401))
    back = request.url.path if request.method == "GET" else ""
    if request.method == "GET" and request.url.query:
        back += f"?{request.url.query}"
    query = f"?next={quote(back)}" if back else "?ended=1"
    return RedirectResponse(in_language("/sign-in", page.language) + query, 303)


@router.post("/sign-out")
def sign_out(desk: SignedInDesk, _form: Posted) -> Response:
    """End the session."""
    with writing(desk.page.portal.engine) as connection:
        sessions.end(connection, desk.viewer.person, desk.viewer.session, clock.present(None))
    response = desk.page.go("/")
    settings = desk.page.portal.settings
    response.delete_cookie(cookie(settings, "session"), secure=settings.secure, httponly=True)
    return response


@router.get("/desk")
def desk(desk: SignedInDesk) -> Response:
    """Go to the desk of one's first role."""
    return desk.page.go(first_desk(desk.viewer))


@router.get("/account")
def account(desk: SignedInDesk) -> Response:
    """Show one's own sessions, roles and means of signing in."""
    return _account(desk)


@router.post("/account/password")
def change_password(desk: SignedInDesk, form: Posted) -> Response:
    """Change the password; every other session ends."""
    page, engine = desk.page, desk.page.portal.engine
    if not accounts.is_password(engine, desk.viewer.person, form.text("old")):
        return _account(desk, {"old": page.say("account.wrong_old")}, 422)
    now = clock.present(None)
    try:
        with writing(engine) as connection:
            accounts.set_password(connection, desk.viewer.person, form.text("new"), now)
            place = place_of(page)
            done = sessions.begin(
                connection,
                desk.viewer.person,
                place.browser_token,
                place.browser,
                now,
                datetime.timedelta(hours=page.portal.settings.session_hours),
            )
    except UnfitPassword as unfit:
        return _account(desk, {"new": page.say(f"account.{unfit.code}", least=LEAST)}, 422)
    return keep(page, page.go("/account", done="password"), done)


@router.post("/account/sessions")
def end_sessions(desk: SignedInDesk, form: Posted) -> Response:
    """End one other session, or all others."""
    now, one = clock.present(None), form.number("session")
    with writing(desk.page.portal.engine) as connection:
        if one is None:
            sessions.end_all(connection, desk.viewer.person, now, but=desk.viewer.session)
        else:
            sessions.end(connection, desk.viewer.person, one, now)
    return desk.page.go("/account", done="sessions")


@router.get("/account/second-factor")
def factor_page(desk: SignedInDesk) -> Response:
    """Show the secret to take into an app, and ask for a code of it."""
    return _factor(desk)


@router.post("/account/second-factor")
def confirm_factor(desk: SignedInDesk, form: Posted) -> Response:
    """Put the second factor in force."""
    seal = desk.page.portal.seal
    with writing(desk.page.portal.engine) as connection:
        if second_factor.state(connection, desk.viewer.person) is not False or seal is None:
            raise no_such_page()
        fits = second_factor.confirm(
            connection, desk.viewer.person, form.text("code"), clock.present(None), seal
        )
    if not fits:
        return _factor(desk, problem=desk.page.say("account.wrong_code"), status=422)
    return desk.page.go("/account", done="factor_on")


@router.post("/account/second-factor/remove")
def drop_factor(desk: SignedInDesk, form: Posted) -> Response:
    """Do without the second factor again; the password is asked for."""
    if not accounts.is_password(desk.page.portal.engine, desk.viewer.person, form.text("password")):
        return _account(desk, {"password": desk.page.say("account.wrong_old")}, 422)
    with writing(desk.page.portal.engine) as connection:
        second_factor.drop(connection, desk.viewer.person)
    return desk.page.go("/account", done="factor_off")


@router.get("/welcome/{token}")
def welcome(page: VisitorPage, token: str) -> Response:
    """Show an invitation: who it is for, and the form to set a password."""
    return _welcome(page, token)


@router.post("/welcome/{token}")
def accept(page: VisitorPage, form: Posted, token: str) -> Response:
    """Set the password an invitation is for, and go to sign in with it."""
    try:
        with writing(page.portal.engine) as connection:
            person = accounts.accept(connection, token, form.text("new"), clock.present(None))
    except UnfitPassword as unfit:
        return _welcome(page, token, page.say(f"account.{unfit.code}", least=LEAST))
    if person is None:
        raise no_such_page()
    return page.go("/sign-in")


def ask(page: Page, *, status: int = 200, **context: Any) -> Response:
    """Answer with the form to sign in."""
    reset = page.portal.seal is not None and page.portal.settings.url is not None
    nothing = {"back": "", "problem": None, "handle": "", "ended": False, "kept": ""}
    everything = {"reset": reset, "provider": Provider.of(page.portal.settings), **nothing, **context}
    people: list[Any] = []
    if page.portal.settings.demonstration:
        with reading(page.portal.engine) as connection:
            people = roster.people_by_role(connection, SHOWN, day_of(clock.now(connection)))
    return for_visitor(page, "sign_in.html", status=status, people=people, desk_of=DESKS, **everything)


def _forgotten(page: Page, *, sent: bool = False, problem: str | None = None, status: int = 200) -> Response:
    if page.portal.seal is None or page.portal.settings.url is None:
        raise no_such_page()
    return for_visitor(page, "forgotten.html", status=status, sent=sent, problem=problem, minutes=MINUTES)


def for_visitor(page: Page, template: str, *, status: int, **context: Any) -> Response:
    """Answer with a form for somebody who is not signed in: its token belongs to a cookie of this visit."""
    settings = page.portal.settings
    visit = page.request.cookies.get(cookie(settings, "visit")) or secrets.token_urlsafe(24)
    response = page.answer(template, status=status, **{**context, "csrf": csrf(visit)})
    put(settings, response, "visit", visit, VISIT_LASTS)
    return response


def _account(desk: Desk, problems: dict[str, str] | None = None, status: int = 200) -> Response:
    page = desk.page
    idle = datetime.timedelta(minutes=page.portal.settings.idle_minutes)
    with reading(page.portal.engine) as connection:
        lines = sessions.lines(connection, desk.viewer.person, clock.present(None), idle)
        factor = second_factor.state(connection, desk.viewer.person)
        held = roster.held(connection, desk.viewer.person)
        linked = identities.of(connection, desk.viewer.person)
        units = unit_people.units(connection, desk.viewer.person, day_of(clock.now(connection)))
    done = page.request.query_params.get("done")
    known = done in ("password", "sessions", "factor_on", "factor_off", "identities", "identity_taken")
    return page.answer(
        "account.html",
        status=status,
        sessions=lines,
        factor=factor,
        factors=page.portal.seal is not None,
        held=held,
        identities=linked,
        in_charge=bool(units),
        provider=Provider.of(page.portal.settings),
        problems=problems or {},
        done=page.say(f"account.done_{done}") if known else None,
    )


def _factor(desk: Desk, *, status: int = 200, problem: str | None = None) -> Response:
    seal = desk.page.portal.seal
    with writing(desk.page.portal.engine) as connection:
        if second_factor.state(connection, desk.viewer.person) is not False or seal is None:
            raise HTTPException(404)
        address = second_factor.propose(connection, desk.viewer.person, seal)
    return desk.page.answer(
        "factor.html",
        status=status,
        picture=segno.make(address).svg_data_uri(scale=5, border=2, light="#ffffff"),
        secret=address.partition("secret=")[2].partition("&")[0],
        problem=problem,
    )


def _welcome(page: Page, token: str, problem: str | None = None) -> Response:
    with reading(page.portal.engine) as connection:
        person = accounts.invited(connection, token, clock.present(None))
    if person is None:
        raise no_such_page()
    return for_visitor(
        page, "welcome.html", status=422 if problem else 200, person=person, problem=problem, least=LEAST
    )
