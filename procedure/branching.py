"""Which of its guarded ways an act takes."""

from collections.abc import Mapping
from typing import Any

from procedure.definition import ActRule, Branch, Procedure
from procedure.expression import holds
from procedure.subject import Application, Subject


def branch(procedure: Procedure, subject: Subject, rule: ActRule, seen: Mapping[str, Any]) -> Branch:
    """Return the first branch of ``rule`` whose guard holds of ``seen``, the settings and the district."""
    facts: dict[str, Any] = {"settings": procedure.values, **seen}
    if isinstance(subject.record, Application):
        kind = subject.record.district_kind
        facts["district"] = {"kind": kind or "", "joint_letter": kind in procedure.joint_letter_kinds}
    return next(each for each in rule.branches if each.when is None or holds(each.when, facts))
