"""Urging whoever holds a case, from its page at any desk."""

from collections.abc import Callable

from fastapi import Response

from casework import urging
from casework.case_view import CaseView
from models.database import reading
from procedure.act import Refusal
from web import acting
from web.acting import Problem
from web.visitor import Desk, Form


def may_urge(desk: Desk, view: CaseView) -> bool:
    """Return whether the visitor may urge the holder, though it may have to wait."""
    with reading(desk.page.portal.engine) as connection:
        return urging.urger(connection, view.stands, [desk.claim]) is not None


def urge(desk: Desk, view: CaseView, form: Form, home: str, again: Callable[[Problem], Response]) -> Response:
    """Remind the holder and go back to the case at ``home``; ``again`` shows a refusal."""
    answer = urging.urge(desk.page.portal.engine, view.id, desk.claim, {"remark": form.text("remark")})
    if isinstance(answer, Refusal):
        return again(acting.problem(desk, view, answer))
    return desk.page.go(home, done="urge")
