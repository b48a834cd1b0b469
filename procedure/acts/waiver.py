"""Waiving what holds in principle: an officer lets one rule not stop one case, with a written reason."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.acts.eligible import assess
from procedure.instant import iso
from procedure.subject import Application, Waiver


class OfRule(Payload):
    """Which rule, and why."""

    rule: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    reason: Reason


@act("waive_rule", "rule_waived", OfRule)
def waive_rule(c: Context, p: OfRule) -> Happening | Refusal:
    """Waive a rule that the pack lets be waived and that is not met, or cannot be told, in this case.

    It stops nothing from then on, and is answered ``waived``, never ``met``; what is met needs no waiver.
    """
    rule = c.procedure.rule.get(p.rule)
    if rule is None:
        return Refusal("unknown_rule", {"rules": [p.rule]})
    if not rule.waivable:
        return Refusal("rule_not_waivable", {"rule": rule.id}, rule.clause)
    waiver = c.application.waiver(rule.id)
    if waiver is not None:
        return Refusal("already_waived", {"rule": rule.id, "at": iso(waiver.waived_at)}, rule.clause)
    answer = next(each.answer for each in assess(c) if each.rule == rule.id)
    if answer not in ("not_met", "cannot_tell"):
        return Refusal("nothing_to_waive", {"rule": rule.id, "answer": answer}, rule.clause)
    return Happening(
        {
            "rule": rule.id,
            "reason": p.reason,
            "answer": answer,
            "clause": None if rule.clause is None else rule.clause.model_dump(),
        }
    )


@evolves("rule_waived")
def _rule_waived(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, waivers=(*a.waivers, Waiver(data["rule"], data["reason"], at)))


@act("revoke_waiver", "waiver_revoked", OfRule)
def revoke_waiver(c: Context, p: OfRule) -> Happening | Refusal:
    """Revoke a waiver, as long as nothing was done that the rule would have stopped."""
    waiver = c.application.waiver(p.rule)
    if waiver is None:
        return Refusal("not_waived", {"rule": p.rule, "rules": [each.rule for each in c.application.waivers]})
    if waiver.used_at is not None:
        return Refusal("waiver_used", {"rule": p.rule, "at": iso(waiver.used_at)})
    return Happening({"rule": p.rule, "reason": p.reason})


@evolves("waiver_revoked")
def _waiver_revoked(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, waivers=tuple(each for each in a.waivers if each.rule != data["rule"]))
