"""What the proofs know of the machine's acts beside their names.

An act added to ``procedure/acts`` that causes acts of cases, asks for materials or rules, or cannot succeed
before another act is entered here; tests hold these tables to the acts' own source.
"""

from typing import Final, get_type_hints

from procedure.acts import ACTS, EVOLVE
from procedure.change import Change
from procedure.claim import SupportClaim
from procedure.disqualification import Disqualification
from procedure.entry import Entry
from procedure.evaluation import Evaluation, Round
from procedure.revocation import Revocation
from procedure.subject import Application, Call

CAUSES: Final = {
    "select": ("be_selected", "be_passed_over"),
    "publish_list": ("be_published",),
    "change_list": ("be_struck", "be_republished"),
    "decide_change": ("be_changed", "be_dissolved"),
    "decide_revocation": ("be_revoked",),
    "decide_revocation_appeal": ("be_restored",),
}
"""Acts of a call or after filing, and the acts of others that follow in the same transaction."""

CAUSED: Final = {caused: act for act, all_caused in CAUSES.items() for caused in all_caused}
"""Acts of a case that only an act of its call causes, and which."""

ASKS_FOR_MATERIALS: Final = frozenset({"submit"})
"""Acts that are refused while a material ``needed_for`` them is missing."""

ASKS_FOR_RULES: Final = frozenset({"submit", "pass_review"})
"""Acts that are refused while a rule that ``stops`` them is not met."""

OF_A_RETURN: Final = frozenset({"resubmit", "revoke_return"})
"""Acts that answer a return for correction and mean nothing without one."""

READ_BY_NAME: Final = frozenset(
    {
        "anonymous_objections",
        "anonymous_review",
        "bar_years",
        "endorsement_quota",
        "evaluation_interval",
        "excellent_from",
        "missing_report_counts_as",
        "panel_field",
        "publicity_restart",
        "renewal_afresh",
        "renewal_months",
        "qualified_from",
        "quota",
        "report_grace_days",
        "selection",
        "self_report_days",
        "trim",
    }
)
"""Settings that the machine reads where a pack has them, beside those that an act cannot do without."""

NEEDS: Final = {
    "endorse": ("accept_online",),
    "record_visit": ("schedule_visit",),
    "score": ("name_panel", "draw_panel"),
    "close_scoring": ("score",),
    "declare_conflict": ("name_panel", "draw_panel"),
    "replace_expert": ("name_panel", "draw_panel"),
    "record_defence": ("schedule_defence",),
    "lodge_objection": ("be_published",),
    "decide_objection": ("lodge_objection",),
    "change_list": ("publish_list",),
    "confirm_membership": ("invite_member",),
    "decline_membership": ("invite_member",),
    "remove_member": ("invite_member",),
    "remove_document": ("attach_document",),
    "revoke_waiver": ("waive_rule",),
    "confirm_rectification": ("propose_rectification",),
    "decline_rectification": ("propose_rectification",),
}
"""Acts that are refused until one of these other acts has been done."""


_KIND_OF: Final[dict[type, str]] = {
    Application: "application",
    Call: "call",
    Change: "change",
    SupportClaim: "claim",
    Disqualification: "disqualification",
    Entry: "entry",
    Evaluation: "evaluation",
    Revocation: "revocation",
    Round: "round",
}


def subject_of(act: str) -> str | None:
    """Return the kind of subject whose particulars the act changes; None where it changes none."""
    spec = ACTS.get(act)
    evolve = None if spec is None else EVOLVE.get(spec.event)
    if evolve is None:
        return None
    taken = next(iter(get_type_hints(evolve).values()))
    return None if taken is None else _KIND_OF.get(taken)
