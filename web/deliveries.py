"""Deliveries at the desk of operations: what was given up, the proof of each, and letting it leave again."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from casework import clock, deliveries, preferences, proof, resending
from models.database import reading, writing
from web.cases import OperationsDesk
from web.errors import no_such_page
from web.paging import Paging
from web.visitor import Posted

router = APIRouter(prefix="/operations/deliveries")

LINES: Final = 50
"""How many notices a page shows."""

STATES: Final = {
    "dead": ("dead",),
    "waiting": ("pending", "sending", "failed"),
    "sent": ("sent",),
}
"""What the list can be narrowed to."""


@router.get("")
def deliveries_page(
    desk: OperationsDesk,
    q: Annotated[str, Query(max_length=100)] = "",
    show: str = "dead",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Show what was given up, what waits, or what was sent."""
    show = show if show in STATES else "dead"
    asked = q.strip()
    with reading(desk.page.portal.engine) as connection:
        counts = deliveries.counts(connection, desk.claim)
        paging = Paging(number, LINES, deliveries.size(connection, desk.claim, STATES[show], asked))
        lines = deliveries.lines(connection, desk.claim, STATES[show], asked, LINES, paging.offset)
        titles = preferences.titles(connection, desk.page.language)
    query = desk.page.request.query_params
    again = [int(each) for each in query.get("again", "").split(".") if each.isascii() and each.isdigit()]
    return desk.page.answer(
        "operations/deliveries.html",
        lines=lines,
        titles=titles,
        paging=paging,
        q=asked,
        show=show,
        counts={name: sum(counts.get(state, 0) for state in states) for name, states in STATES.items()},
        again=again,
        recalled=query.get("done") == "recalled",
    )


@router.get("/{notice}")
def delivery(desk: OperationsDesk, notice: int) -> Response:
    """Show the proof of one notice: every attempt with the channel's answer."""
    with reading(desk.page.portal.engine) as connection:
        found = proof.of_notice(connection, notice)
        if found is None or not deliveries.readable(connection, desk.claim, [notice]):
            raise no_such_page()
        titles = preferences.titles(connection, desk.page.language)
    return desk.page.answer("operations/delivery.html", service=found, titles=titles)


@router.post("/resend")
def resend(desk: OperationsDesk, form: Posted) -> Response:
    """Let the chosen notices leave again; until they do, that can be taken back."""
    with writing(desk.page.portal.engine) as connection:
        mine = deliveries.readable(connection, desk.claim, _chosen(form))
        again = resending.resend(connection, mine, clock.now(connection), desk.claim)
    return desk.page.go("/operations/deliveries", again=".".join(map(str, again)) or "0")


@router.post("/recall")
def recall(desk: OperationsDesk, form: Posted) -> Response:
    """Take back that notices are to leave again, as far as they have not."""
    with writing(desk.page.portal.engine) as connection:
        resending.recall(connection, deliveries.readable(connection, desk.claim, _chosen(form)))
    return desk.page.go("/operations/deliveries", done="recalled")


def _chosen(form: Posted) -> list[int]:
    return [int(each) for each in form.chosen("notice") if each.isascii() and each.isdigit()][:500]
