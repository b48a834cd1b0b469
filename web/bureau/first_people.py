"""The first people of units that came by a link: the bureau says whether they belong to the unit."""

from fastapi import APIRouter, Response

from casework import clock, first_people, matter_list
from casework.first_people import NotAwaitedError
from models.database import reading, writing
from web import acting
from web.cases import BureauDesk
from web.errors import no_such_page
from web.visitor import Posted

router = APIRouter(prefix="/bureau/first-people")


@router.get("")
def page(desk: BureauDesk) -> Response:
    """Show who opened a unit's first account by a link, and who waits for the bureau's word."""
    with reading(desk.page.portal.engine) as connection:
        found = first_people.listed(connection, matter_list.bureaus(connection, [desk.claim]))
    return desk.page.answer("bureau/first_people.html", people=found, done=acting.done(desk.page))


@router.post("")
def judge(desk: BureauDesk, form: Posted) -> Response:
    """Say whether somebody belongs to their unit."""
    number, belongs = form.text("first"), form.text("belongs")
    if not number.isdecimal() or len(number) > 9 or belongs not in ("yes", "no"):
        raise no_such_page()
    try:
        with writing(desk.page.portal.engine) as connection:
            bureaus = matter_list.bureaus(connection, [desk.claim])
            first_people.judge(
                connection,
                bureaus,
                desk.viewer.person,
                int(number),
                clock.now(connection),
                belongs=belongs == "yes",
            )
    except NotAwaitedError:
        raise no_such_page() from None
    return desk.page.go("/bureau/first-people")
