"""One's own tokens for programs: made (and shown once), listed, ended."""

from typing import Any, Final

from fastapi import APIRouter, Response

from casework import access, api_tokens, clock
from casework.access import Claim
from casework.api_tokens import ROLES, NotForPrograms
from models.database import reading, writing
from procedure.instant import day_of
from web.visitor import Desk, Posted, SignedInDesk

router = APIRouter(prefix="/account/tokens")

DAYS: Final = (7, 30, 90, 365)
"""How many days a token may last, as the page offers it."""


@router.get("")
def page(desk: SignedInDesk) -> Response:
    """Show one's tokens and the form to make one."""
    return _page(desk)


@router.post("")
def make(desk: SignedInDesk, form: Posted) -> Response:
    """Make a token and show it this once."""
    engine, name, days = desk.page.portal.engine, form.text("name").strip(), form.number("days")
    if not 1 <= len(name) <= 100:
        return _page(desk, problem=desk.page.say("tokens.no_name"), status=422)
    try:
        with writing(engine) as connection:
            made = api_tokens.make(
                connection,
                Claim(desk.viewer.person, form.text("role")),
                name,
                "act" if form.text("scope") == "act" else "read",
                clock.present(None),
                days if days in DAYS else DAYS[0],
                day_of(clock.now(connection)),
            )
    except (NotForPrograms, access.NoSuchRole):
        return _page(desk, problem=desk.page.say("tokens.no_role"), status=422)
    return _page(desk, made=made)


@router.post("/end")
def end(desk: SignedInDesk, form: Posted) -> Response:
    """End one of one's tokens."""
    with writing(desk.page.portal.engine) as connection:
        api_tokens.end(connection, desk.viewer.person, form.number("token") or 0, clock.present(None))
    return desk.page.go("/account/tokens")


def _page(desk: Desk, *, status: int = 200, **context: Any) -> Response:
    with reading(desk.page.portal.engine) as connection:
        lines = api_tokens.lines(connection, desk.viewer.person, clock.present(None))
    nothing: dict[str, str | None] = {"problem": None, "made": None}
    roles = [role for role in desk.viewer.roles if role in ROLES]
    return desk.page.answer(
        "tokens.html", status=status, lines=lines, own=roles, days=DAYS, **{**nothing, **context}
    )
