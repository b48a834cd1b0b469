"""Selection belongs to the call: one list, best first; its cases follow in the same transaction."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Child, Consequence, Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.definition import Procedure, StageKind, act_rules
from procedure.subject import Application, Call

CaseNumber = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Select(Payload):
    """The numbers of the cases selected, best first.

    In a rolling call those that are neither selected nor in ``pass_over`` go on waiting. ``reason`` is what a
    list that does not follow the scores needs.
    """

    cases: Annotated[tuple[CaseNumber, ...], Field(max_length=2000)]
    pass_over: Annotated[tuple[CaseNumber, ...], Field(max_length=2000)] = ()
    reason: Reason | None = None


@act("select", "selected", Select, "children")
def select(c: Context, p: Select) -> Happening | Refusal:
    """Select cases that wait for it, within the quota and, where the pack ranks, in the order of their means.

    In a call with a closing date no case may still be on its way, and those that wait but are not named are
    passed over.
    """
    named = (*p.cases, *p.pass_over)
    twice = sorted(ref for ref, times in Counter(named).items() if times > 1)
    if twice:
        return Refusal("listed_twice", {"cases": twice})
    waiting_at = {stage.id for stage in c.procedure.application.stages if stage.kind is StageKind.SELECTION}
    open_cases = {ref: child for ref, child in c.facts.children.items() if child.outcome is None}
    waiting = {ref: child for ref, child in open_cases.items() if child.stage in waiting_at}
    unready = sorted(set(named) - set(waiting))
    if unready:
        return Refusal("not_ready_for_selection", {"cases": unready, "waiting": sorted(waiting)})
    passed_over = sorted(p.pass_over)
    if c.procedure.intake == "batch":
        unfinished = {ref: child.stage for ref, child in open_cases.items() if ref not in waiting}
        if unfinished:
            return Refusal("review_unfinished", {"cases": unfinished})
        passed_over = sorted(set(waiting) - set(p.cases))
    elif not named:
        return Refusal("nothing_selected", {"waiting": sorted(waiting)})
    refused = _over_quota(c, p.cases)
    if refused is not None:
        return refused
    data: dict[str, Any] = {"cases": list(p.cases), "passed_over": passed_over}
    if c.procedure.values.get("selection") == "ranked":
        ranking = _ranking(c, p, waiting)
        if isinstance(ranking, Refusal):
            return ranking
        data |= ranking
    if p.reason is not None:
        data["reason"] = p.reason
    return Happening(
        data,
        consequences=(
            *(Consequence(ref, "be_selected", {"rank": rank}) for rank, ref in enumerate(p.cases, 1)),
            *(Consequence(ref, "be_passed_over", {}) for ref in passed_over),
        ),
    )


def places(procedure: Procedure, call: Call, children: Mapping[str, Child]) -> tuple[int, int] | None:
    """Return how many places of the quota are left and how many are taken; None where there is no quota.

    A case selected before holds its place unless it ended without being filed.
    """
    quota = int(procedure.values.get("quota", 0))
    if not quota:
        return None
    filed = {
        target
        for where, rule in act_rules(procedure.application, "application")
        if where.endswith(".file")
        for target in rule.targets
    }
    gone = Child("", "")
    before = [children.get(ref, gone).outcome for ref in call.selected]
    taken = sum(outcome is None or outcome in filed for outcome in before)
    return max(0, quota - taken), taken


def _over_quota(c: Context, cases: tuple[str, ...]) -> Refusal | None:
    """Refuse a list that goes beyond the quota; ``line`` is how many places are left for it."""
    found = places(c.procedure, c.subject.call, c.facts.children)
    if found is None or len(cases) <= found[0]:
        return None
    line, taken = found
    return Refusal(
        "over_quota",
        {
            "quota": int(c.procedure.values["quota"]),
            "taken": taken,
            "listed": len(cases),
            "line": line,
            "beyond": list(cases[line:]),
        },
        c.procedure.settings["quota"].clause,
    )


def _ranking(c: Context, p: Select, waiting: dict[str, Child]) -> dict[str, Any] | Refusal:
    """Return the ties that the list had to break, or refuse one that leaves the order of the means.

    Equal means may stand in either order; a line drawn between them needs a reason, as any departure does.
    A case without a mean stands last.
    """
    place = {ref: at for at, ref in enumerate(p.cases)}

    def points(ref: str) -> int:
        mean = waiting[ref].mean
        return -1 if mean is None else mean

    by_mean = sorted(waiting, key=lambda ref: (-points(ref), place.get(ref, len(place)), ref))
    groups = [list(group) for _, group in groupby(by_mean, key=points)]
    ties = [group for group in groups if len(group) > 1 and not place.keys().isdisjoint(group)]
    cut = any(not place.keys() >= set(group) for group in ties)
    expected = by_mean[: len(p.cases)]
    if p.reason is None and (cut or list(p.cases) != expected):
        return Refusal(
            "not_by_rank",
            {
                "listed": list(p.cases),
                "expected": expected,
                "ties": ties,
                "means": {ref: waiting[ref].mean for ref in by_mean},
            },
            c.procedure.settings["selection"].clause,
        )
    return {"ties": ties} if ties else {}


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
