"""Absences: for whom one stands in, who stands in for oneself, and handing a role over."""

from fastapi import APIRouter, Response

from casework import absence, clock, delegation, posts
from casework.access import Claim
from casework.delegation import FOR_OTHERS
from models.database import reading
from procedure.act import Refusal
from procedure.instant import day_of
from web.acting import Problem, problem
from web.visitor import DESKS, Desk, Form, Posted, SignedInDesk, cookie, put

router = APIRouter()

FIELDS = ("post", "substitute", "first_day", "last_day", "reason")


@router.get("/account/absences")
def absences(desk: SignedInDesk) -> Response:
    """Show for whom one stands in today, who stands in for oneself, and the form to hand a role over."""
    return _page(desk)


@router.post("/account/absences")
def hand_over(desk: SignedInDesk, form: Posted) -> Response:
    """Hand a role over: one's own, or as a leader or administrator that of somebody of one's bureau."""
    handle, _, rest = form.text("post").partition("/")
    role, _, unit = rest.partition("/")
    own = handle == desk.viewer.handle
    wanted = {
        "absent": handle,
        "role": role,
        "of": unit,
        **{name: form.text(name).strip() for name in FIELDS[1:]},
    }
    answer = delegation.hand_over(desk.page.portal.engine, _claim(desk, role if own else None), wanted)
    if isinstance(answer, Refusal):
        return _page(desk, problem(desk, None, answer, lambda path: path if path in FIELDS else None), form)
    return desk.page.go("/account/absences", done="handed_over")


@router.post("/account/absences/end")
def end(desk: SignedInDesk, form: Posted) -> Response:
    """End one early."""
    answer = delegation.end(desk.page.portal.engine, _claim(desk, None), form.number("delegation") or 0)
    if isinstance(answer, Refusal):
        return _page(desk, problem(desk, None, answer))
    return desk.page.go("/account/absences", done="ended")


@router.post("/acting")
def act_for(desk: SignedInDesk, form: Posted) -> Response:
    """Act for somebody one stands in for from now on, or in one's own name again."""
    settings = desk.page.portal.settings
    chosen = form.number("delegation")
    with reading(desk.page.portal.engine) as connection:
        stands = absence.standing_in(connection, day_of(clock.now(connection)), desk.viewer.person)
    found = next((each for each in stands if each.id == chosen), None)
    if found is None:
        response = desk.page.go("/account/absences")
        response.delete_cookie(cookie(settings, "acting"), secure=settings.secure, httponly=True)
        return response
    response = desk.page.go(f"/{DESKS.get(found.role, 'account')}")
    put(settings, response, "acting", str(found.id), settings.session_hours * 3600)
    return response


def _claim(desk: Desk, own: str | None) -> Claim:
    """Return as whom a role is handed over: in the role itself where it is one's own, else as who may."""
    leading = next((role for role in FOR_OTHERS if role in desk.viewer.roles), "")
    return Claim(desk.viewer.person, leading if own is None else own)


def _page(desk: Desk, problem: Problem | None = None, form: Form | None = None) -> Response:
    page, person = desk.page, desk.viewer.person
    with reading(page.portal.engine) as connection:
        day = day_of(clock.now(connection))
        stands = absence.standing_in(connection, day, person)
        away = absence.handed_over(connection, day, person)
        held = posts.to_hand_over(connection, person, day)
        others = posts.substitutes(connection, held, day)
    done = page.request.query_params.get("done")
    return page.answer(
        "own/absences.html",
        status=422 if problem else 200,
        stands=stands,
        away=away,
        posts=held,
        # Everybody once, however many posts they hold; oneself last.
        substitutes=sorted(
            {each.handle: each for each in others}.values(),
            key=lambda each: each.handle == desk.viewer.handle,
        ),
        values={name: "" if form is None else form.text(name) for name in FIELDS},
        today=day.isoformat(),
        problem=problem,
        done=page.say(f"own.done_{done}") if done in ("handed_over", "ended") else None,
    )
