"""Rounds of evaluation on the portal: announced by the bureau, and listed for everybody they concern."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from casework import matter_list, round_list, rounds, rounds_due
from models.database import reading
from procedure.act import Refusal
from web import acting
from web.acting import Problem
from web.after_filing import SEEING
from web.cases import BUREAU_ROLES
from web.errors import no_such_page
from web.visitor import Desk, Posted, SignedInDesk, claims

router = APIRouter(prefix="/evaluations")

Code = Annotated[str, Query(alias="round", max_length=40)]

ASKED = ("code", "period", "purpose", "filed_until", "self_report", "last_report")
"""What a round is announced with."""


@router.get("")
def evaluations(desk: SignedInDesk, code: Code = "") -> Response:
    """Show what the visitor has to do with, of all rounds or of one, and to the bureau its rounds."""
    return _list(desk, code)


@router.post("")
def announce(desk: SignedInDesk, form: Posted) -> Response:
    """Announce a round of one of the visitor's city bureaus."""
    given = {name: value for name in ASKED if (value := form.given(name)) is not None}
    claim = next(iter(claims(desk, BUREAU_ROLES)), None)
    if claim is None:
        raise no_such_page()
    done = rounds.announce(desk.page.portal.engine, form.text("bureau"), claim, given)
    if isinstance(done, Refusal):
        return _list(desk, "", acting.problem(desk, None, done, lambda path: path), given)
    acting.wake("evaluation")
    return desk.page.go("/evaluations", done="announce_round")


def _list(
    desk: Desk, code: str, problem: Problem | None = None, values: dict[str, Any] | None = None
) -> Response:
    seeing, city = claims(desk, SEEING), claims(desk, BUREAU_ROLES)
    with reading(desk.page.portal.engine) as connection:
        lines = matter_list.lines(
            connection, seeing, kinds=matter_list.EVALUATED, round_code=code.strip() or None
        )
        held = round_list.lines(connection, city) if city else []
        bureaus = matter_list.bureaus(connection, city) if city else []
        due = [rounds_due.due(connection, each) for each in bureaus]
    return desk.page.answer(
        "evaluations/list.html",
        status=422 if problem else 200,
        lines=lines,
        rounds=held,
        bureaus=bureaus,
        due=[each for each in due if each is not None and each.entries],
        problem=problem,
        values=values or {},
        done=acting.done(desk.page),
    )
