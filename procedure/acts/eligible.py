"""Eligibility as the acts see it: every rule's answer, and the refusal of what a rule stops."""

from collections.abc import Mapping
from typing import Any

from procedure import eligibility
from procedure.act import Refusal
from procedure.acts.act_type import Context
from procedure.eligibility import Assessment
from procedure.instant import day_of


def assess(c: Context, findings: Mapping[str, str] | None = None) -> tuple[Assessment, ...]:
    """Return every rule's answer, as of the submission or, before it, as of now."""
    a = c.application
    return eligibility.assess(
        c.procedure,
        {**a.form, "lead.kind": a.lead_kind},
        [member for member in a.members if member.status == "confirmed"],
        day_of(a.submitted_at or c.now),
        findings or {},
    )


def stopped(c: Context, act_name: str, assessments: tuple[Assessment, ...]) -> Refusal | None:
    """Return the refusal of ``act_name`` by the rules that stop it, naming each; None if none does."""
    stops = {rule.id for rule in c.procedure.rules if act_name in rule.stops}
    stopping = [
        each for each in assessments if each.rule in stops and each.answer in ("not_met", "cannot_tell")
    ]
    if not stopping:
        return None
    return Refusal("not_eligible", {"rules": [_as_facts(each) for each in stopping]}, stopping[0].clause)


def answers(assessments: tuple[Assessment, ...]) -> dict[str, str]:
    """Return the answers by rule, as events keep them."""
    return {each.rule: each.answer for each in assessments}


def _as_facts(each: Assessment) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "answer": each.answer,
        "clause": None if each.clause is None else each.clause.clause,
        "facts": dict(each.facts or {}),
        "missing": [f"{fact.member}:{fact.path}" if fact.member else fact.path for fact in each.missing],
    }
