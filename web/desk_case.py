"""The page of a case at an authority's desk: documents beside the conditions, and what can be done to it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import Response

from casework import first_people
from casework.case_view import CaseView
from models.database import reading
from web import cases
from web.act_inputs import sent
from web.acting import Problem
from web.case_forms import form_of, forms
from web.cases import case_page
from web.doing import do, of_case
from web.errors import no_such_page
from web.urge import may_urge
from web.visitor import Desk, Form


def show(
    desk: Desk,
    view: CaseView,
    template: str,
    wanted: Sequence[str],
    may: Mapping[str, str],
    problem: Problem | None = None,
    failed: str = "",
    form: Form | None = None,
    **more: Any,
) -> Response:
    """Answer with the page of a case; ``failed`` is the act whose ``form`` is shown again as it was sent."""
    terms = desk.page.terms(view.stands.procedure)
    offered = forms(desk, view, wanted, may)
    chosen = {} if form is None else dict(sent(form))
    # What can no longer be done has no form in which what was typed could stand.
    gone = failed not in {each.act for each in offered}
    with reading(desk.page.portal.engine) as connection:
        came = first_people.who_confirmed(connection, view.id)
    return case_page(
        desk,
        view,
        template,
        problem,
        came=came,
        papers=cases.papers(desk, view),
        conditions=cases.conditions(desk, view),
        answers=[
            (terms.field(path), terms.value(path, value)) for path, value in view.application.form.items()
        ],
        offered=offered,
        means={each.act: desk.page.has(f"means.{each.act}") for each in offered},
        may_urge=may_urge(desk, view),
        failed=failed,
        left=[text for values in chosen.values() for text in values if text.strip()] if gone else [],
        chosen=chosen,
        typed={name: values[-1] for name, values in chosen.items() if values},
        **more,
    )


def act(
    desk: Desk,
    view: CaseView,
    name: str,
    wanted: Sequence[str],
    may: Mapping[str, str],
    form: Form,
    again: Callable[[Problem], Response],
) -> Response:
    """Do one of the ``wanted`` acts, or show beforehand what it would do; ``again`` shows a refusal."""
    if name not in wanted:
        raise no_such_page()
    return do(desk, of_case(desk, view), form_of(desk, view, name, may), form, again)
