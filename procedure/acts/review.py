"""Formal review: the city bureau passes or rejects the application."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.acts.eligible import answers, assess, relied_upon, stopped
from procedure.instant import day_of, iso
from procedure.subject import Application


def before_submission(c: Context, field: str, day: pendulum.Date) -> Refusal | None:
    """Return the refusal of a day that lies before the application was submitted; None for any later one."""
    submitted = c.application.submitted_at
    if submitted is None or day >= day_of(submitted):
        return None
    return Refusal("before_submission", {"field": field, "value": day.isoformat(), "since": iso(submitted)})


class PassReview(Payload):
    """The officer's findings on rules that the form alone cannot answer, and a note."""

    findings: Annotated[dict[str, Literal["met", "not_met"]], Field(default_factory=dict, max_length=200)]
    note: Annotated[str, StringConstraints(max_length=2000)] = ""


@act("pass_review", "review_passed", PassReview)
def pass_review(c: Context, p: PassReview) -> Happening | Refusal:
    """Pass the formal review; refused while a rule is not met, or cannot be told and has no finding."""
    rules = {rule.id for rule in c.procedure.rules}
    unknown = sorted(set(p.findings) - rules)
    if unknown:
        return Refusal("unknown_rule", {"rules": unknown})
    assessments = assess(c, p.findings)
    refusal = stopped(c, "pass_review", assessments)
    if refusal is not None:
        return refusal
    return Happening(
        {
            "findings": p.findings,
            "note": p.note,
            **answers(c, "pass_review", assessments),
        }
    )


@evolves("review_passed")
def _review_passed(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return relied_upon(replace(a, findings={**a.findings, **data["findings"]}), data, at)


class Reject(Payload):
    """Why the application fails the review, and the rules it does not meet."""

    reason: Reason
    rules: Annotated[tuple[str, ...], Field(max_length=100)] = ()


@act("reject", "rejected", Reject)
def reject(c: Context, p: Reject) -> Happening | Refusal:
    """Reject the application in the formal review; the case ends."""
    unknown = sorted(set(p.rules) - {rule.id for rule in c.procedure.rules})
    if unknown:
        return Refusal("unknown_rule", {"rules": unknown})
    return Happening({"reason": p.reason, "rules": list(p.rules)})
