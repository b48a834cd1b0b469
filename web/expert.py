"""The expert's desk: the cases to score, each after a word on conflicts of interest; made for a phone."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response

from casework import clock, matter_list, review
from casework.acts import Receipt
from casework.case_view import CaseView
from models.database import reading
from procedure import written
from procedure.act import Refusal
from procedure.panel import anonymous, told_of
from web import acting, cases
from web.acting import Problem
from web.cases import ExpertDesk, case_page, home, seen
from web.errors import no_such_page
from web.visitor import Desk, Posted

router = APIRouter(prefix="/expert")


@router.get("")
def desk_page(desk: ExpertDesk) -> Response:
    """Show what waits for the expert, and how far they are."""
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        lines = review.lines(connection, desk.claim)
        waiting = matter_list.waiting(connection, desk.claim)
    return desk.page.answer(
        "expert/desk.html",
        waiting=waiting,
        lines=[(line, _points(line.scored)) for line in lines],
        scored=sum(line.scored is not None for line in lines),
        now=now,
        done=acting.done(desk.page),
    )


@router.get("/{bureau}/{number}")
def case(desk: ExpertDesk, bureau: str, number: str) -> Response:
    """Ask for a word on conflicts; after it show the case and the score sheet."""
    return _case(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number}/declare")
def declare(desk: ExpertDesk, form: Posted, bureau: str, number: str) -> Response:
    """Declare that nothing ties one to the case, or a conflict: then the seat goes to somebody else."""
    view = seen(desk, bureau, number)
    if form.text("conflict") == "none":
        review.declare(desk.page.portal.engine, view.id, desk.claim)
        return desk.page.go(home(desk, view))
    if form.text("conflict") != "some" or "declare_conflict" not in view.may:
        says = desk.page.say("expert.choose_first")
        return _case(desk, view, Problem(says, (("conflict-none", says),), "", None))
    answer = acting.perform(desk, view.id, "declare_conflict", {"reason": form.text("reason")}, form)
    if isinstance(answer, Receipt):
        return desk.page.go("/expert", done="declare_conflict")
    problem = acting.problem(desk, view, answer, lambda _: "reason")
    return _case(desk, seen(desk, bureau, number), problem, form.texts())


@router.post("/{bureau}/{number}/score")
def score(desk: ExpertDesk, form: Posted, bureau: str, number: str) -> Response:
    """Give one's score, or give it anew."""
    view = seen(desk, bureau, number)
    if not _declared(desk, view):
        raise no_such_page()
    payload = {"points": form.text("points").strip(), "comment": form.text("comment").replace("\r\n", "\n")}
    answer = acting.perform(desk, view.id, "score", payload, form)
    if isinstance(answer, Refusal):
        problem = acting.problem(desk, view, answer, lambda path: path)
        return _case(desk, seen(desk, bureau, number), problem, form.texts())
    return desk.page.go("/expert", done="score")


@router.get("/{bureau}/{number}/documents/{material}/{owner}")
def download(desk: ExpertDesk, bureau: str, number: str, material: str, owner: str) -> Response:
    """Give a document of a case whose expert has declared no conflict."""
    view = seen(desk, bureau, number)
    if not _declared(desk, view):
        raise no_such_page()
    if anonymous(view.stands.procedure):
        known = {str(n): paper["owner"] for n, paper in enumerate(cases.papers(desk, view), 1)}
        owner = known.get(owner, "")
    return cases.download(desk, bureau, number, material, owner)


def _declared(desk: Desk, view: CaseView) -> bool:
    with reading(desk.page.portal.engine) as connection:
        return bool(review.declared(connection, desk.claim, [view.id]))


def _points(scored: review.Scored | None) -> str:
    return "" if scored is None else written.points(scored.points)


def _case(
    desk: Desk, view: CaseView, problem: Problem | None = None, typed: dict[str, str] | None = None
) -> Response:
    procedure, a = view.stands.procedure, view.application
    hidden = anonymous(procedure)
    with reading(desk.page.portal.engine) as connection:
        declared = bool(review.declared(connection, desk.claim, [view.id]))
        scored = review.scores(connection, desk.claim, [view.id]).get((view.id, view.stage.id))
    terms = desk.page.terms(procedure)
    given = {"points": _points(scored), "comment": "" if scored is None else scored.comment}
    shown: list[dict[str, Any]] = _papers(desk, view) if declared else []
    return case_page(
        desk,
        view,
        "expert/case.html",
        problem,
        declared=declared,
        hidden=hidden,
        may_leave="declare_conflict" in view.may,
        scored=scored,
        values={"reason": "", "conflict": "", **given, **(typed or {})},
        defence=a.defence,
        units=[]
        if hidden
        else [a.lead_name, *(each.name for each in a.members if each.status != "declined")],
        answers=[
            (terms.field(path), terms.value(path, value))
            for path, value in a.form.items()
            if declared and told_of(procedure, path)
        ],
        members=[
            (
                desk.page.say("expert.member", n=n) if hidden else each.name,
                each.kind,
                [
                    (terms.field(path), terms.value(path, value))
                    for path, value in each.form.items()
                    if told_of(procedure, path)
                ],
            )
            for n, each in enumerate((each for each in a.members if each.status == "confirmed"), 1)
            if declared
        ],
        papers=[each for each in shown if each["document"]],
    )


def _papers(desk: Desk, view: CaseView) -> list[dict[str, Any]]:
    """Return the documents; in an anonymous review those without names, told by their numbers."""
    papers = cases.papers(desk, view)
    if not anonymous(view.stands.procedure):
        return papers
    return [
        {
            **paper,
            "owner": str(n),
            "unit": "",
            "document": paper["document"] and replace(paper["document"], name=paper["title"]),
        }
        for n, paper in enumerate(papers, 1)
        if paper["material"].anonymous
    ]
