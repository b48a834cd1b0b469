"""Saved views: a work list narrowed as before is one link away."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, HTTPException, Response

from casework import clock, saved_views
from casework.saved_views import LONGEST_QUERY, BadName, DeskName, TooMany, View
from models.database import reading, writing
from web.errors import no_such_page
from web.visitor import DESKS, Desk, Posted, SignedInDesk

router = APIRouter(prefix="/views")

ASKS: Final[dict[DeskName, tuple[str, ...]]] = {
    "bureau": ("show", "q", "call", "stage", "district"),
    "district": ("show", "q", "call"),
}
"""What the list of each desk can be narrowed by."""


def shown(desk: Desk, at: DeskName) -> list[tuple[View, dict[str, str]]]:
    """Return the views that the visitor keeps of a desk, each with what its address asks for."""
    with reading(desk.page.portal.engine) as connection:
        kept = saved_views.kept(connection, desk.viewer.person, at)
    return [(view, dict(parse_qsl(view.query))) for view in kept]


@router.post("/{name}")
def keep(desk: SignedInDesk, form: Posted, name: str) -> Response:
    """Keep what the list is narrowed to; a view of the same name is replaced."""
    at = _desk(desk, name)
    asked = {each: form.text(each)[:100] for each in ASKS[at] if form.text(each)}
    problem = ""
    try:
        with writing(desk.page.portal.engine) as connection:
            query = urlencode(asked)
            if len(query) > LONGEST_QUERY:
                raise BadName(query)
            now = clock.present(None)
            saved_views.keep(connection, desk.viewer.person, at, form.text("called"), query, now)
    except BadName:
        problem = "bad_name"
    except TooMany:
        problem = "too_many"
    return desk.page.go(f"/{at}", **asked, kept=problem or "kept")


@router.post("/{name}/drop")
def drop(desk: SignedInDesk, form: Posted, name: str) -> Response:
    """Forget a view of one's own; the list itself is untouched."""
    at = _desk(desk, name)
    with writing(desk.page.portal.engine) as connection:
        if not saved_views.drop(connection, desk.viewer.person, form.number("view") or 0):
            raise no_such_page()
    return desk.page.go(f"/{at}", kept="dropped")


def _desk(desk: Desk, name: str) -> DeskName:
    for at in ASKS:
        if at == name:
            if (
                name not in {DESKS.get(role) for role in desk.viewer.roles}
                and desk.page.around["acting"] is None
            ):
                raise HTTPException(403)
            return at
    raise no_such_page()
