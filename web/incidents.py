"""Incidents at the desk of operations: taken on, given to somebody, tried again, closed."""

from typing import Final

from fastapi import APIRouter, Response

from casework import clock, incidents, retrying, roster
from casework.access import CITY_ROLES
from casework.incidents import UNRESOLVED, UnknownIncident
from casework.retrying import RETRIABLE
from models.database import reading, writing
from procedure.instant import day_of
from web import bulk
from web.cases import OperationsDesk
from web.errors import no_such_page
from web.visitor import Desk, Posted

router = APIRouter(prefix="/operations/incidents")

LINES: Final = 200
"""How many incidents, and how many cases of one, a page shows."""


@router.get("")
def incidents_page(desk: OperationsDesk, show: str = "") -> Response:
    """Show the incidents that are not closed, or all."""
    states = (*UNRESOLVED, "closed") if show == "all" else UNRESOLVED
    with reading(desk.page.portal.engine) as connection:
        day = day_of(clock.now(connection))
        found = incidents.lines(connection, states=states, seen_by=desk.claim, day=day, limit=LINES)
    return desk.page.answer("operations/incidents.html", lines=found, show="all" if show == "all" else "open")


@router.get("/{incident}")
def incident_page(desk: OperationsDesk, incident: int) -> Response:
    """Show one incident: its cause, the cases it hit, what was done about it."""
    return _incident(desk, incident)


@router.post("/{incident}/acknowledge")
def acknowledge(desk: OperationsDesk, _form: Posted, incident: int) -> Response:
    """Take an incident on."""
    _seen(desk, incident)
    with writing(desk.page.portal.engine) as connection:
        incidents.acknowledge(connection, incident, desk.claim, clock.now(connection))
    return desk.page.go(f"/operations/incidents/{incident}", done="acknowledged")


@router.post("/{incident}/assign")
def assign(desk: OperationsDesk, form: Posted, incident: int) -> Response:
    """Give an incident to a colleague."""
    _seen(desk, incident)
    with writing(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        able = roster.colleagues(connection, desk.claim, CITY_ROLES, day_of(now))
        to = next((each for each in able if each.id == form.number("to")), None)
        if to is not None:
            incidents.assign(connection, incident, desk.claim, to.id, now)
    if to is None:
        return _incident(desk, incident, desk.page.say("incidents.choose_person"), "to")
    return desk.page.go(f"/operations/incidents/{incident}", done="assigned")


@router.post("/{incident}/close")
def close(desk: OperationsDesk, form: Posted, incident: int) -> Response:
    """Note that an incident is dealt with, and how."""
    _seen(desk, incident)
    remark = form.given("remark")
    if remark is None:
        return _incident(desk, incident, desk.page.say("incidents.say_how"), "remark")
    with writing(desk.page.portal.engine) as connection:
        incidents.close(connection, incident, desk.claim, remark, clock.now(connection))
    return desk.page.go(f"/operations/incidents/{incident}", done="closed")


@router.post("/{incident}/retry")
def retry(desk: OperationsDesk, form: Posted, incident: int) -> Response:
    """Try the chosen cases again, or all that fail: a few at a time, each with its result."""
    engine = desk.page.portal.engine
    found = _seen(desk, incident)
    if found.kind not in RETRIABLE:
        raise no_such_page()
    chosen = form.chosen("case")
    if form.text("which") == "all":
        with reading(engine) as connection:
            day = day_of(clock.now(connection))
            hit = incidents.cases_of(connection, incident, failing_only=True, seen_by=desk.claim, day=day)
        chosen = [each.number for each in hit]
    begun = bulk.begun(form, chosen)
    if not begun.now:
        return _incident(desk, incident, desk.page.say("incidents.choose_cases"), "cases")
    results = retrying.retry(engine, incident, desk.claim, begun.now)
    again = desk.page.request.headers.get("hx-request")
    return desk.page.answer(
        "operations/retried_part.html" if again else "operations/retried.html",
        incident=found,
        results=results,
        bulk=begun.after(sum(each.recovered for each in results)),
    )


def _seen(desk: Desk, incident: int) -> incidents.IncidentLine:
    with reading(desk.page.portal.engine) as connection:
        try:
            return incidents.one(connection, incident, desk.claim, day_of(clock.now(connection)))
        except UnknownIncident:
            raise no_such_page() from None


def _incident(desk: Desk, incident: int, problem: str | None = None, target: str = "") -> Response:
    found = _seen(desk, incident)
    with reading(desk.page.portal.engine) as connection:
        day = day_of(clock.now(connection))
        hit = incidents.cases_of(connection, incident, seen_by=desk.claim, day=day, limit=LINES)
        history = incidents.history(connection, incident)
        able = roster.colleagues(connection, desk.claim, CITY_ROLES, day)
    done = desk.page.request.query_params.get("done")
    known = done in ("acknowledged", "assigned", "closed")
    return desk.page.answer(
        "operations/incident.html",
        status=422 if problem else 200,
        incident=found,
        hit=hit,
        history=history,
        able=able,
        retriable=found.kind in RETRIABLE,
        problem=problem,
        target=target,
        done=desk.page.terms().term("incident_entries", done) if known else None,
    )
