"""A link for an invited unit nobody of which is known: the lead sends it, the unit's first person uses it."""

import re
from urllib.parse import urlsplit

from fastapi import APIRouter, Response

from casework import attempts, clock, unit_links
from casework.accounts import LEAST, UnfitPassword
from casework.case_view import CaseView
from casework.sessions import digest
from casework.unit_links import CannotLinkError, NoLinkError
from casework.unit_people import Invited
from models.database import reading, writing
from notifications.secret import Seal
from procedure.instant import day_of
from web import drafts
from web.acting import Problem
from web.cases import ApplicantDesk, home, seen
from web.errors import no_such_page
from web.page import Page
from web.sign_in import for_visitor
from web.visitor import Desk, Form, Posted, VisitorPage, place_of

router = APIRouter()


@router.post("/applicant/{bureau}/{number}/members/link")
def send(desk: ApplicantDesk, form: Posted, bureau: str, number: str) -> Response:
    """Send a link to whoever the lead unit names; it takes the place of an earlier one."""
    view = _inviting(desk, bureau, number)
    portal, say = desk.page.portal, desk.page.say
    if portal.seal is None or portal.settings.url is None:
        raise no_such_page()
    name, to = form.text("contact").strip(), form.text("to").strip()
    email = to if re.fullmatch(r"[^@\s]+@[^@\s]+", to) and len(to) <= 254 else None
    phone = to if re.fullmatch(r"\+?[0-9]{5,20}", to, re.ASCII) else None
    if not 1 <= len(name) <= 100:
        return _refused(desk, view, form, say("people.no_name"))
    if email is None and phone is None:
        return _refused(desk, view, form, say("joining.bad_address"))
    try:
        link = _sent(desk, view, form.text("uscc"), name, email, phone, portal.settings.url, portal.seal)
    except _NotSent as problem:
        return _refused(desk, view, form, say(str(problem)))
    if portal.settings.demonstration:
        # Nothing leaves a demonstration: whoever plays the invited unit finds the link here.
        return drafts.members_page(desk, view, None, {"link": urlsplit(link).path})
    return desk.page.go(f"{home(desk, view)}/members")


@router.post("/applicant/{bureau}/{number}/members/link/revoke")
def revoke(desk: ApplicantDesk, form: Posted, bureau: str, number: str) -> Response:
    """Let the link work no longer."""
    view = _inviting(desk, bureau, number)
    with writing(desk.page.portal.engine) as connection:
        unit_links.revoke(connection, view.id, form.text("uscc"), clock.present(None))
    return desk.page.go(f"{home(desk, view)}/members")


@router.get("/join/{token}")
def join_page(page: VisitorPage, token: str) -> Response:
    """Ask whoever opens a link for their unit's code; it says nothing of whom it is for."""
    return _join(page, token)


@router.post("/join/{token}")
def join(page: VisitorPage, form: Posted, token: str) -> Response:
    """Open the account of the unit's first person, and go to sign in with it."""
    engine, now = page.portal.engine, clock.present(None)
    name = form.text("name").strip()
    if not 1 <= len(name) <= 100:
        return _join(page, token, form, "name", page.say("people.no_name"))
    with writing(engine) as connection:
        if attempts.note(connection, f"join {digest(token)}", digest(place_of(page).address), now) is None:
            return _join(page, token, form, "uscc", page.say("signin.wait"), 429)
    try:
        with writing(engine) as connection:
            joined = unit_links.join(
                connection,
                token,
                form.text("uscc"),
                name,
                form.text("new"),
                now,
                day_of(clock.now(connection)),
            )
    except UnfitPassword as unfit:
        return _join(page, token, form, "new", page.say(f"account.{unfit.code}", least=LEAST))
    except NoLinkError:
        raise no_such_page() from None
    if not joined:
        return _join(page, token, form, "uscc", page.say("joining.other_unit"))
    return page.go("/sign-in", next="/member")


class _NotSent(Exception):
    """No link was sent; the message names the words that say why."""


def _inviting(desk: Desk, bureau: str, number: str) -> CaseView:
    """Return a case into which the viewer may invite units now; there is no such page for others."""
    view = seen(desk, bureau, number)
    if "invite_member" not in view.may:
        raise no_such_page()
    return view


def _sent(
    desk: Desk,
    view: CaseView,
    uscc: str,
    name: str,
    email: str | None,
    phone: str | None,
    portal: str,
    seal: Seal,
) -> str:
    """Send the link and return it; raises _NotSent."""
    now = clock.present(None)
    with writing(desk.page.portal.engine) as connection:
        # So that nobody writes to strangers through it without end.
        place = f"person {desk.viewer.person}"
        if attempts.note(connection, f"link {view.id} {uscc}", digest(place), now) is None:
            raise _NotSent("signin.wait")
        try:
            return unit_links.send(connection, view.id, uscc, name, email, phone, portal, seal, now)
        except CannotLinkError as problem:
            raise _NotSent(f"joining.{problem.code}") from None


def _refused(desk: Desk, view: CaseView, form: Form, says: str) -> Response:
    uscc = form.text("uscc")[:40]
    typed = {f"contact-{uscc}": form.text("contact")[:100], f"to-{uscc}": form.text("to")[:254]}
    problem = Problem(says, ((f"to-{uscc}", says),), "", None)
    return drafts.members_page(desk, view, problem, typed)


def _join(
    page: Page,
    token: str,
    form: Form | None = None,
    field: str = "",
    says: str = "",
    status: int = 422,
) -> Response:
    with reading(page.portal.engine) as connection:
        person: Invited | None = unit_links.opened(
            connection, token, clock.present(None), day_of(clock.now(connection))
        )
    if person is None:
        raise no_such_page()
    return for_visitor(
        page,
        "join.html",
        status=200 if form is None else status,
        handle=person.handle,
        problems={field: says} if form is not None else {},
        values={name: "" if form is None else form.text(name)[:100] for name in ("uscc", "name")},
        least=LEAST,
    )
