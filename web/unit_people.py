"""The people of one's own unit: who speaks for it, inviting somebody, and who no longer does."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from casework import clock, unit_people
from casework.unit_people import Invited, NotYours
from models.database import reading, writing
from procedure.instant import day_of
from web.errors import no_such_page
from web.visitor import Desk, Form, Posted, SignedInDesk

router = APIRouter(prefix="/account/people")


def in_charge(desk: SignedInDesk) -> Desk:
    """Return whoever sees to the people of a unit; there is no such page for others."""
    with reading(desk.page.portal.engine) as connection:
        if not unit_people.units(connection, desk.viewer.person, day_of(clock.now(connection))):
            raise no_such_page()
    return desk


InCharge = Annotated[Desk, Depends(in_charge)]


@router.get("")
def page(desk: InCharge) -> Response:
    """Show who speaks for one's units, and the form to invite somebody."""
    return _page(desk)


@router.post("")
def invite(desk: InCharge, form: Posted) -> Response:
    """Enter a new person and show their link this once."""
    say, name, email = desk.page.say, form.text("name").strip(), form.text("email").strip()
    problems: dict[str, str] = {}
    if not 1 <= len(name) <= 100:
        problems["name"] = say("people.no_name")
    if email and not (re.fullmatch(r"[^@\s]+@[^@\s]+", email) and len(email) <= 254):
        problems["email"] = say("people.bad_email")
    if problems:
        return _page(desk, status=422, problems=problems, form=form)
    try:
        with writing(desk.page.portal.engine) as connection:
            made = unit_people.invite(
                connection,
                desk.viewer.person,
                form.number("unit") or 0,
                form.text("role"),
                name,
                email or None,
                clock.present(None),
                day_of(clock.now(connection)),
            )
    except NotYours:
        raise no_such_page() from None
    return _page(desk, made=made)


@router.post("/link")
def link(desk: InCharge, form: Posted) -> Response:
    """Make another link for somebody who has not used theirs, and show it this once."""
    try:
        with writing(desk.page.portal.engine) as connection:
            made = unit_people.link(
                connection,
                desk.viewer.person,
                form.number("role") or 0,
                clock.present(None),
                day_of(clock.now(connection)),
            )
    except NotYours:
        raise no_such_page() from None
    return _page(desk, made=made)


@router.post("/end")
def end(desk: InCharge, form: Posted) -> Response:
    """Let somebody speak for the unit until today."""
    try:
        with writing(desk.page.portal.engine) as connection:
            today = day_of(clock.now(connection))
            unit_people.end(connection, desk.viewer.person, form.number("role") or 0, today)
    except NotYours:
        raise no_such_page() from None
    return desk.page.go("/account/people")


def _page(
    desk: Desk,
    *,
    status: int = 200,
    made: Invited | None = None,
    problems: dict[str, str] | None = None,
    form: Form | None = None,
) -> Response:
    page = desk.page
    with reading(page.portal.engine) as connection:
        day = day_of(clock.now(connection))
        units = unit_people.units(connection, desk.viewer.person, day)
        people = unit_people.colleagues(connection, desk.viewer.person, day)
    portal = (page.portal.settings.url or str(page.request.base_url)).rstrip("/")
    return page.answer(
        "people.html",
        status=status,
        units=units,
        people=people,
        roles=unit_people.ROLES,
        made=made,
        link="" if made is None else f"{portal}/welcome/{made.token}",
        problems=problems or {},
        values={name: "" if form is None else form.text(name) for name in ("name", "email", "unit", "role")},
    )
