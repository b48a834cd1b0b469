"""The words a pack is made of: names, people, holders, kinds of units and of stages."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
FieldPath = Annotated[str, StringConstraints(pattern=r"^(consortium|lead|member)\.[a-z][a-z0-9_]{0,59}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
ApplicantRole = Literal["applicant", "member"]
Role = Literal[
    "applicant",
    "member",
    "district_officer",
    "city_officer",
    "city_leader",
    "administrator",
    "expert",
    "operations",
    "duty_officer",
    "public",
    "system",
]
Holder = Literal["applicant", "district", "bureau", "panel", "public"]
Audience = Literal[
    "applicant",
    "members",
    "district",
    "bureau",
    "leader",
    "panel",
    "late_experts",
    "seated_experts",
    "released_experts",
    "holder",
    "supervisor",
    "acting_member",
    "assignee",
]
Recipient = Literal[
    "holder",
    "supervisor",
    "substitute",
    "duty_officer",
    "leader",
    "lead_unit",
    "districts",
    "districts_owing",
]
"""Whom a rung tells: who holds the deadline, their supervisor and substitute, the bureau's duty officer and
leader, the lead unit, every recommending unit of the city, those whose letters or papers have not come."""
AfterFiling = Literal["entry", "round", "evaluation", "revocation", "change", "claim", "disqualification"]
"""The kinds of subject after filing: the register entry itself, and what concerns it."""
Relief = Literal["supervisor", "substitute", "duty_officer", "leader"]
"""To whom a rung hands a case."""
UnitKind = Literal[
    "enterprise",
    "university",
    "institute",
    "new_rnd_institution",
    "innovation_body",
    "service_agency",
    "medical_institution",
]
BureauKind = Literal["county", "county_level_city", "district", "functional_zone", "high_tech_zone"]


class StageKind(StrEnum):
    """The kinds of stage a flow has a named task for: those after filing are the evaluation flow's."""

    ONLINE_SUBMISSION = "online_submission"
    DISTRICT_ENDORSEMENT = "district_endorsement"
    FORMAL_REVIEW = "formal_review"
    EXPERT_REVIEW = "expert_review"
    SITE_VISIT = "site_visit"
    DEFENCE = "defence"
    SELECTION = "selection"
    PUBLICITY = "publicity"
    FILING = "filing"
    REGISTER = "register"
    SELF_REPORT = "self_report"
    DISTRICT_COMMENT = "district_comment"
    EVALUATION = "evaluation"
    HEARING = "hearing"
    DECISION = "decision"
    APPEAL = "appeal"
    DRAFT = "draft"
    CONSENT = "consent"
    PAYMENT = "payment"
