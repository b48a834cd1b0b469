"""Indicators with targets: what the construction plan of an application set, and what was reached of it."""

from collections.abc import Mapping
from typing import Any

from procedure.act import Refusal
from procedure.acts.draft import facts_of
from procedure.definition import FormField, Procedure
from procedure.form import FormProblem, parse


def fields(procedure: Procedure) -> dict[str, FormField]:
    """Return the fields in which a construction plan sets its targets and the day they are due, by path."""
    asked = procedure.evaluation
    if asked is None:
        return {}
    named = (*asked.indicators, *(() if asked.targets_by is None else (asked.targets_by,)))
    return {path: procedure.field[path] for path in named}


def plan(procedure: Procedure, form: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form says of the plan's targets, by field: numbers, fen, and the day they are due."""
    return {path: form[path] for path in fields(procedure) if form.get(path) is not None}


def targets(procedure: Procedure, plan: Mapping[str, Any]) -> dict[str, int]:
    """Return the targets of a plan by field, in the pack's order."""
    asked = () if procedure.evaluation is None else procedure.evaluation.indicators
    return {path: plan[path] for path in asked if path in plan}


def due(procedure: Procedure, plan: Mapping[str, Any]) -> str | None:
    """Return the day (ISO 8601) by which the targets of a plan are to be reached, where it says one."""
    by = None if procedure.evaluation is None else procedure.evaluation.targets_by
    return None if by is None else plan.get(by)


def answered(
    procedure: Procedure, plan: Mapping[str, Any], given: Mapping[str, Any]
) -> list[dict[str, Any]] | Refusal:
    """Return every target with what was reached as it was typed, amounts in yuan.

    Refused where a target has no answer, where there is no such target, and where an answer is no number or
    amount of at least zero.
    """
    wanted = targets(procedure, plan)
    unknown = [path for path in given if path not in wanted]
    if unknown:
        return Refusal("target_not_set", {"given": ", ".join(unknown), "targets": list(wanted)})
    reached: list[dict[str, Any]] = []
    missing: list[str] = []
    problems: list[FormProblem] = []
    for path, target in wanted.items():
        # A target has bounds of its own; what was reached may lie beyond them.
        field = procedure.field[path].model_copy(update={"minimum": 0, "maximum": None})
        value = parse(field, given.get(path))
        if value is None:
            missing.append(path)
        elif isinstance(value, FormProblem):
            problems.append(value)
        else:
            reached.append({"field": path, "target": target, "reached": value, "by": due(procedure, plan)})
    if problems:
        return Refusal("bad_fields", {"problems": [facts_of(each) for each in problems]})
    if missing:
        return Refusal("targets_unanswered", {"targets": missing})
    return reached


def share(reached: int, target: int) -> str | None:
    """Return how much of a target was reached, in per cent with one decimal, never rounded up."""
    if target <= 0:
        return None
    of_thousand = reached * 1000 // target
    return f"{of_thousand // 10}.{of_thousand % 10}%"
