"""Signing in and out, invitations, and one's own account."""

import datetime
import secrets
from typing import Annotated, Any, Final

import segno
from fastapi import APIRouter, HTTPException, Query, Response

from casework import accounts, clock, roster, sessions
from casework.accounts import LEAST, NotSignedIn, UnfitPassword
from models.database import reading, writing
from procedure.instant import day_of
from web.errors import no_such_page
from web.page import Page
from web.visitor import (
    DESKS,
    Desk,
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

SHOWN: Final = ("applicant", "member", "district_officer")
"""The roles whose people a demonstration offers to be."""

Back = Annotated[str, Query(alias="next", max_length=500)]


@router.get("/sign-in")
def sign_in_page(page: VisitorPage, back: Back = "", ended: str = "") -> Response:
    """Show the form to sign in; whoever is signed in goes on."""
    if page.around.get("viewer") is not None:
        return page.go(safe_path(back) or "/desk")
    return _ask(page, back=back, ended=bool(ended))


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
    )
    if isinstance(done, NotSignedIn):
        problem = page.say("signin.wait" if done.wait else "signin.wrong")
        return _ask(
            page,
            back=form.text("next"),
            problem=problem,
            handle=form.text("handle")[:64],
            status=429 if done.wait else 422,
        )
    return keep(page, page.go(safe_path(form.text("next")) or "/desk"), done)


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
    return keep(page, page.go(safe_path(form.text("next")) or "/desk"), done)


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
    with writing(desk.page.portal.engine) as connection:
        if accounts.second_factor(connection, desk.viewer.person) is not False:
            raise no_such_page()
        fits = accounts.confirm_factor(connection, desk.viewer.person, form.text("code"), clock.present(None))
    if not fits:
        return _factor(desk, problem=desk.page.say("account.wrong_code"), status=422)
    return desk.page.go("/account", done="factor_on")


@router.post("/account/second-factor/remove")
def drop_factor(desk: SignedInDesk, form: Posted) -> Response:
    """Do without the second factor again; the password is asked for."""
    if not accounts.is_password(desk.page.portal.engine, desk.viewer.person, form.text("password")):
        return _account(desk, {"password": desk.page.say("account.wrong_old")}, 422)
    with writing(desk.page.portal.engine) as connection:
        accounts.drop_factor(connection, desk.viewer.person)
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


def _ask(page: Page, *, status: int = 200, **context: Any) -> Response:
    everything = {"back": "", "problem": None, "handle": "", "ended": False, **context}
    people: list[Any] = []
    if page.portal.settings.demonstration:
        with reading(page.portal.engine) as connection:
            people = roster.people_by_role(connection, SHOWN, day_of(clock.now(connection)))
    return _for_visitor(page, "sign_in.html", status=status, people=people, desk_of=DESKS, **everything)


def _for_visitor(page: Page, template: str, *, status: int, **context: Any) -> Response:
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
        factor = accounts.second_factor(connection, desk.viewer.person)
        held = roster.held(connection, desk.viewer.person)
    done = page.request.query_params.get("done")
    known = done in ("password", "sessions", "factor_on", "factor_off")
    return page.answer(
        "account.html",
        status=status,
        sessions=lines,
        factor=factor,
        held=held,
        problems=problems or {},
        done=page.say(f"account.done_{done}") if known else None,
    )


def _factor(desk: Desk, *, status: int = 200, problem: str | None = None) -> Response:
    with writing(desk.page.portal.engine) as connection:
        if accounts.second_factor(connection, desk.viewer.person) is not False:
            raise HTTPException(404)
        address = accounts.propose_factor(connection, desk.viewer.person)
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
    return _for_visitor(
        page, "welcome.html", status=422 if problem else 200, person=person, problem=problem, least=LEAST
    )
