"""Selection belongs to the call: one list, best first; its cases follow in the same transaction."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Consequence, Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.definition import StageKind
from procedure.subject import Application, Call


class Select(Payload):
    """The numbers of the cases selected, best first."""

    cases: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=40)], ...], Field(max_length=2000)
    ]


@act("select", "selected", Select, "children")
def select(c: Context, p: Select) -> Happening | Refusal:
    """Select cases that wait for it; those waiting but not named are passed over.

    In a call with a closing date no case may still be on its way; refused then, naming them.
    """
    if len(set(p.cases)) != len(p.cases):
        return Refusal("listed_twice", {"cases": sorted({ref for ref in p.cases if p.cases.count(ref) > 1})})
    waiting_at = {stage.id for stage in c.procedure.application.stages if stage.kind is StageKind.SELECTION}
    open_cases = {ref: child.stage for ref, child in c.facts.children.items() if child.outcome is None}
    waiting = [ref for ref, stage in open_cases.items() if stage in waiting_at]
    unready = sorted(set(p.cases) - set(waiting))
    if unready:
        return Refusal("not_ready_for_selection", {"cases": unready, "waiting": sorted(waiting)})
    unfinished = {ref: stage for ref, stage in open_cases.items() if stage not in waiting_at}
    if c.procedure.intake == "batch" and unfinished:
        return Refusal("review_unfinished", {"cases": unfinished})
    passed_over = sorted(set(waiting) - set(p.cases))
    return Happening(
        {"cases": list(p.cases), "passed_over": passed_over},
        consequences=(
            *(Consequence(ref, "be_selected", {"rank": rank}) for rank, ref in enumerate(p.cases, 1)),
            *(Consequence(ref, "be_passed_over", {}) for ref in passed_over),
        ),
    )


@evolves("selected")
def _selected(call: Call, data: dict[str, Any], at: pendulum.DateTime) -> Call:
    return replace(
        call,
        selected=(*call.selected, *data["cases"]),
        passed_over=(*call.passed_over, *data["passed_over"]),
    )


class BeSelected(Payload):
    """The case's place on the list, from 1."""

    rank: Annotated[int, Field(ge=1)]


@act("be_selected", "case_selected", BeSelected)
def be_selected(c: Context, p: BeSelected) -> Happening | Refusal:
    """Follow the call's selection: the case is on the list."""
    return Happening({"rank": p.rank})


@evolves("case_selected")
def _case_selected(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, rank=data["rank"])


@act("be_passed_over", "case_passed_over")
def be_passed_over(c: Context, p: Nothing) -> Happening | Refusal:
    """Follow the call's selection: the case is not on the list, and ends."""
    return Happening()


@act("complete", "completed", Nothing, "children")
def complete(c: Context, p: Nothing) -> Happening | Refusal:
    """End the call once none of its cases is open."""
    still_open = {ref: child.stage for ref, child in c.facts.children.items() if child.outcome is None}
    if still_open:
        return Refusal("cases_still_open", {"cases": still_open})
    return Happening()
