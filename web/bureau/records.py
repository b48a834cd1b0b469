"""A case's panel with the draw replayed, its score sheets, and the picture of where it stands."""

from typing import Any

from fastapi import APIRouter, Response

from casework import panels, roster
from casework.terms import term
from models.database import reading
from procedure import written
from procedure.act import Expert
from procedure.acts import ACTS
from procedure.definition import Procedure, StageKind, Words
from procedure.diagram import drawn
from procedure.draw import NotDrawn
from procedure.panel import scorers
from web.cases import BureauDesk, home, seen

router = APIRouter(prefix="/bureau")


@router.get("/{bureau}/{number}/panel")
def panel(desk: BureauDesk, bureau: str, number: str) -> Response:
    """Show who has a seat and who may not, and the draw replayed from the record."""
    view = seen(desk, bureau, number)
    a, stands = view.application, view.stands
    with reading(desk.page.portal.engine) as connection:
        try:
            drawn_panel = panels.account(connection, view.id)
        except NotDrawn:
            drawn_panel = None
        # Where a panel is drawn nobody looks at the pool from here before the seed is fixed.
        open_to_see = a.seed is not None or a.panel or "name_panel" in stands.stage.acts
        found = panels.candidates(connection, stands.loaded) if open_to_see else []
        people = {*a.panel, *a.barred, *a.order, *(each.person for each, _ in found)}
        if drawn_panel is not None:
            people |= {change.expert for change in drawn_panel.pool_changes}
        names = roster.names(connection, people)
    given = {each.expert for each in a.scores_at(stands.stage.id)}
    return desk.page.answer(
        "bureau/panel.html",
        view=view,
        a=a,
        subject=stands.subject,
        home=home(desk, view),
        drawn=drawn_panel,
        candidates=[(each, _fields(desk, stands.procedure, each), why) for each, why in found],
        names=names,
        given=given,
        scoring=stands.subject.outcome is None and "score" in stands.stage.acts,
    )


def _fields(desk: BureauDesk, procedure: Procedure, expert: Expert) -> str:
    """Return an expert's fields by the titles of the application form's choices, where the pack has them."""
    asked = procedure.field.get(str(procedure.values.get("panel_field", "")))
    choices = {} if asked is None else asked.choices
    language = desk.page.language
    return written.listed(
        (choices[each].of(language) if each in choices else each for each in expert.fields), language
    )


@router.get("/{bureau}/{number}/scores")
def scores(desk: BureauDesk, bureau: str, number: str) -> Response:
    """Show the score sheet of every stage that is scored, to be printed and signed."""
    view = seen(desk, bureau, number)
    a, procedure = view.application, view.stands.procedure
    with reading(desk.page.portal.engine) as connection:
        names = roster.names(connection, {*a.panel, *(each.expert for each in a.scores)})
    sheets: list[dict[str, Any]] = []
    for stage in procedure.application.stages:
        if "score" not in stage.acts:
            continue
        scored = {each.expert: each for each in a.scores_at(stage.id)}
        people = dict.fromkeys((*scorers(stage, a), *scored))
        if stage.kind is StageKind.DEFENCE and not people:
            people = dict.fromkeys(a.panel)
        lines = [(names[person].name, scored.get(person)) for person in people]
        sheets.append({"stage": stage, "lines": lines, "mean": a.means.get(stage.id)})
    return desk.page.answer(
        "bureau/scores.html",
        view=view,
        a=a,
        subject=view.stands.subject,
        home=home(desk, view),
        sheets=sheets,
    )


@router.get("/{bureau}/{number}/picture")
def picture(desk: BureauDesk, bureau: str, number: str) -> Response:
    """Show the procedure of the case as a diagram with the present stage marked."""
    view = seen(desk, bureau, number)
    stands = view.stands
    here = None if stands.subject.outcome is not None else stands.subject.stage
    return desk.page.answer(
        "bureau/picture.html",
        title=stands.procedure.title.of(desk.page.language),
        about=f"{stands.subject.ref} · {stands.place(desk.page.language)}",
        back=home(desk, view),
        svg=drawn(stands.procedure, desk.page.language, named_acts(), here),
    )


def named_acts() -> dict[str, Words]:
    """Return what every act is called, for a diagram."""
    return {act: Words(zh=term("acts", act, "zh"), en=term("acts", act, "en")) for act in ACTS}
