"""Eligibility as the acts see it: every rule's answer, and the refusal of what a rule stops."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pendulum

from procedure import eligibility
from procedure.act import Refusal
from procedure.acts.act_type import Context
from procedure.eligibility import Assessment
from procedure.instant import day_of
from procedure.subject import Application


def assess(c: Context, findings: Mapping[str, str] | None = None) -> tuple[Assessment, ...]:
    """Return every rule's answer, as of the submission or, before it, as of now."""
    return eligibility.of_application(c.procedure, c.application, day_of(c.now), findings)


def stopped(c: Context, act_name: str, assessments: tuple[Assessment, ...]) -> Refusal | None:
    """Return the refusal of ``act_name`` by the rules that stop it, naming each; None if none does."""
    stopping = eligibility.stopping(assessments, c.procedure, act_name)
    if not stopping:
        return None
    return Refusal("not_eligible", {"rules": [asked(each) for each in stopping]}, stopping[0].clause)


def answers(c: Context, act_name: str, assessments: tuple[Assessment, ...]) -> dict[str, Any]:
    """Return the answers by rule, as events keep them, and the waivers that ``act_name`` needed."""
    stops = {rule.id for rule in c.procedure.rules if act_name in rule.stops}
    used = [each.rule for each in assessments if each.answer == "waived" and each.rule in stops]
    found: dict[str, Any] = {"eligibility": {each.rule: each.answer for each in assessments}}
    return found | {"waived": used} if used else found


def relied_upon(a: Application, data: Mapping[str, Any], at: pendulum.DateTime) -> Application:
    """Return the particulars after an act that went through because of the waivers its event names."""
    names = set(data.get("waived", ()))
    if not names:
        return a
    return replace(
        a,
        waivers=tuple(
            replace(waiver, used_at=waiver.used_at or at) if waiver.rule in names else waiver
            for waiver in a.waivers
        ),
    )


def asked(each: Assessment) -> dict[str, Any]:
    """Return a rule's answer as refusals name it: the facts used, and what is missing as listed items."""
    return {
        "rule": each.rule,
        "answer": each.answer,
        "clause": None if each.clause is None else each.clause.clause,
        "facts": dict(each.facts or {}),
        "missing": [f"{fact.member}:{fact.path}" if fact.member else fact.path for fact in each.missing],
    }
