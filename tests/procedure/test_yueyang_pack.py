"""Yueyang's 2024 pack says what the notice says, and marks the rest as settings."""

import datetime
from typing import Any

import pytest

from notifications.rendering import check
from procedure.acts import ACTS
from procedure.definition import URGED, Procedure, grounds
from procedure.eligibility import Assessment, assess
from procedure.form import parse
from procedure.pack import CATALOG, NOTICE_VARIABLES, load_folder, shipped
from procedure.subject import Member

PACK: Procedure = shipped("yueyang-2024").procedure
ON = datetime.date(2024, 8, 4)

LEAD = {
    "lead.kind": "enterprise",
    "lead.in_industrial_system": True,
    "lead.enterprise_class": "leading",
    "lead.standing": "provincial",
    "lead.has_strategic_goals": True,
    "lead.identifies_frontier_technology": True,
    "lead.platform_level": "city",
    "lead.rd_spending": 1_000_000_000,
    "lead.has_core_technology": True,
    "lead.convenes_partners": True,
    "consortium.direction": "\u751f\u7269\u533b\u836f",
    "consortium.has_decision_mechanism": True,
    "consortium.consults_regularly": True,
    "consortium.contact_name": "\u674e\u534e",
}
MEMBER = {
    "member.agreement_from": "2024-06-01",
    "member.agreement_to": "2027-05-31",
    "member.cooperation_since": "2023-08-05",
    "member.cooperation_has_result": True,
    "member.has_research_team": True,
    "member.has_research_conditions": True,
    "member.in_chain": True,
    "member.has_supporting_capability": True,
    "member.complements_others": True,
    "member.has_service_capability": True,
}
KINDS = ("university", "institute", "new_rnd_institution", "innovation_body", "enterprise", "service_agency")


def member(kind: str = "enterprise", **form: Any) -> Member:
    changed = {f"member.{name}": value for name, value in form.items()}
    return Member(kind, kind.title(), kind, False, "confirmed", {**MEMBER, **changed})


def answers(form: dict[str, Any] | None = None, *members: Member) -> dict[str, Assessment]:
    units = members or tuple(member(kind) for kind in KINDS)
    return {one.rule: one for one in assess(PACK, {**LEAD, **(form or {})}, units, ON)}


def test_it_knows_only_acts_of_the_machine():
    assert load_folder(CATALOG / "yueyang-2024", frozenset(ACTS)).procedure == PACK


def test_every_text_can_be_filled_in_and_every_text_is_sent():
    assert check(PACK.texts, NOTICE_VARIABLES) == []
    dumped = PACK.model_dump_json(exclude={"notices"})
    # What is told when somebody is urged belongs to no stage.
    assert [name for name in PACK.notices if f'"text":"{name}"' not in dumped] == [URGED]


class TestGrounds:
    def test_everything_grounded_has_exactly_one_ground(self):
        for path, thing in grounds(PACK):
            if hasattr(thing, "basis"):
                assert (thing.clause is None) != (thing.basis is None), path

    def test_clauses_are_of_the_notice(self):
        stated = {thing.clause.clause for _, thing in grounds(PACK) if thing.clause is not None}
        assert stated == {
            *("2.1(1)", "2.1(2)", "2.1(3)", "2.1(4)"),
            *("2.2(1)", "2.2(2)", "2.2(3)", "2.2(4)", "2.3"),
            *("3.1", "3.2", "3.3", "3.4", "3.5", "3.6"),
            *("4.1", "4.2", "4.3", "4.4", "5.1", "5.2", "6.1", "6.2"),
        }

    @pytest.mark.clause("yueyang-call-2024", "silent")
    @pytest.mark.parametrize(
        "path",
        [
            *(f"settings.{name}" for name in PACK.settings),
            *("case_number", "register_number", "validity", "materials.4"),
        ],
    )
    def test_what_the_notice_is_silent_on_is_a_setting(self, path: str):
        assert dict(grounds(PACK))[path].basis == "setting"

    def test_the_letter_and_the_two_dates_are_law(self):
        deadline = PACK.application.deadline
        assert deadline["recommendation"].lapse is not None
        assert deadline["recommendation"].lapse.clause.modality == "must"
        assert deadline["papers"].lapse is None
        branches = PACK.application.stage["papers"].acts["deliver_papers"].branches
        assert [
            (branch.to or branch.refuse, branch.clause and branch.clause.clause) for branch in branches
        ] == [
            ("not_accepted_no_letter", "5.2"),
            ("joint_letter_required", "5.2"),
            ("late_papers", None),
            ("formal_review", None),
        ]
        assert PACK.joint_letter_kinds == ("county", "county_level_city", "district")


class TestTheCourseOfACase:
    def test_the_dates_are_those_of_the_notice(self):
        assert {name: date.value for name, date in PACK.dates.items()} == {
            "filing_opens": "2024-07-04T00:00",
            "filing_closes": "2024-08-04T18:00",
            "recommendation_due": "2024-08-09T18:00",
            "papers_due": "2024-08-13",
        }

    @pytest.mark.clause("yueyang-call-2024", "4.1")
    @pytest.mark.clause("yueyang-call-2024", "4.2")
    def test_the_visit_comes_before_the_experts(self):
        assert list(dict.fromkeys(stage.kind.value for stage in PACK.application.stages)) == [
            "online_submission",
            "district_endorsement",
            "formal_review",
            "site_visit",
            "expert_review",
            "selection",
            "filing",
        ]

    @pytest.mark.clause("yueyang-call-2024", "4.4")
    def test_the_official_name(self):
        name = PACK.naming.pattern.format(direction="\u751f\u7269\u533b\u836f")
        assert name == "\u5cb3\u9633\u5e02\u751f\u7269\u533b\u836f\u521b\u65b0\u8054\u5408\u4f53"
        assert PACK.register_number.pattern.format(year=2024, n=7) == "YYLHT-2024-007"

    def test_papers_and_copies(self):
        copies = {material.id: material.copies for material in PACK.materials}
        assert (copies["application_form"], copies["recommendation_letter"], copies["summary_table"]) == (
            1,
            1,
            2,
        )


class TestRules:
    def test_a_consortium_as_the_notice_wants_it_meets_every_rule(self):
        assert {rule: one.answer for rule, one in answers().items()} == {
            rule.id: "met" for rule in PACK.rules
        }

    @pytest.mark.clause("yueyang-call-2024", "2.1(3)", "spending")
    @pytest.mark.parametrize(
        ("typed", "answer"), [("9999999.99", "not_met"), ("10000000.00", "met"), ("10000000.01", "met")]
    )
    def test_ten_million_to_the_fen(self, typed: str, answer: str):
        fen = parse(PACK.field["lead.rd_spending"], typed)
        assert answers({"lead.rd_spending": fen})["lead_rd_spending"].answer == answer

    @pytest.mark.clause("yueyang-call-2024", "2.2(1)", "agreement")
    @pytest.mark.parametrize(("last", "answer"), [("2027-05-31", "met"), ("2027-05-30", "not_met")])
    def test_an_agreement_of_exactly_three_years(self, last: str, answer: str):
        assert answers({}, member(agreement_to=last))["member_agreement"].answer == answer

    @pytest.mark.clause("yueyang-call-2024", "2.2(1)", "cooperation")
    @pytest.mark.parametrize(("since", "answer"), [("2023-08-05", "met"), ("2023-08-06", "not_met")])
    def test_cooperation_of_exactly_one_year_as_of_submission(self, since: str, answer: str):
        assert answers({}, member(cooperation_since=since))["member_cooperation"].answer == answer

    @pytest.mark.clause("yueyang-call-2024", "2.1(1)")
    @pytest.mark.clause("yueyang-call-2024", "2.1(2)")
    @pytest.mark.clause("yueyang-call-2024", "2.1(3)", "platform")
    @pytest.mark.clause("yueyang-call-2024", "2.1(4)")
    @pytest.mark.clause("yueyang-call-2024", "2.3")
    @pytest.mark.parametrize(
        ("path", "value", "rule"),
        [
            ("lead.kind", "university", "lead_enterprise"),
            ("lead.in_industrial_system", False, "lead_industry"),
            ("lead.enterprise_class", "other", "lead_industry"),
            ("lead.standing", "none", "lead_standing"),
            ("lead.has_strategic_goals", False, "lead_strategy"),
            ("lead.identifies_frontier_technology", False, "lead_strategy"),
            ("lead.platform_level", "below_city", "lead_platform"),
            ("lead.rd_spending", 0, "lead_rd_spending"),
            ("lead.has_core_technology", False, "lead_core_technology"),
            ("lead.convenes_partners", False, "lead_convening"),
            ("consortium.has_decision_mechanism", False, "decision_mechanism"),
            ("consortium.consults_regularly", False, "regular_consultation"),
        ],
    )
    def test_each_condition_of_the_lead_and_the_consortium(self, path: str, value: Any, rule: str):
        assert [name for name, one in answers({path: value}).items() if one.answer != "met"] == [rule]
        one = answers({path: None})[rule]
        assert (one.answer, [fact.path for fact in one.missing]) == ("cannot_tell", [path])

    @pytest.mark.clause("yueyang-call-2024", "2.2(1)", "result")
    @pytest.mark.clause("yueyang-call-2024", "2.2(2)")
    @pytest.mark.clause("yueyang-call-2024", "2.2(3)")
    @pytest.mark.clause("yueyang-call-2024", "2.2(4)")
    @pytest.mark.parametrize(
        ("name", "rule", "kinds"),
        [
            ("cooperation_has_result", "member_result", KINDS),
            ("has_research_team", "member_research", KINDS[:4]),
            ("has_research_conditions", "member_research", KINDS[:4]),
            ("in_chain", "member_enterprise", ("enterprise",)),
            ("has_supporting_capability", "member_enterprise", ("enterprise",)),
            ("complements_others", "member_enterprise", ("enterprise",)),
            ("has_service_capability", "member_service", ("service_agency",)),
        ],
    )
    def test_each_condition_of_a_member_concerns_its_kinds(
        self, name: str, rule: str, kinds: tuple[str, ...]
    ):
        failing = answers({}, *(member(kind, **{name: False}) for kind in KINDS))
        assert [unit.uscc for unit in failing[rule].members if unit.answer == "not_met"] == list(kinds)
        assert [key for key, one in failing.items() if one.answer == "not_met"] == [rule]
        unknown = answers({}, *(member(kind, **{name: None}) for kind in KINDS))
        assert [(fact.path, fact.member) for fact in unknown[rule].missing] == [
            (f"member.{name}", kind) for kind in kinds
        ]

    def test_a_consortium_has_at_least_one_member(self):
        (one,) = (one for one in assess(PACK, LEAD, [], ON) if one.rule == "enough_members")
        assert (one.answer, one.clause) == ("not_met", None)

    def test_conditions_stop_the_review_and_never_the_filing(self):
        assert {rule.id for rule in PACK.rules if "submit" in rule.stops} == {"enough_members"}
        assert {rule.id for rule in PACK.rules if rule.stops == ("pass_review",)} == {
            rule.id for rule in PACK.rules if rule.clause is not None
        }
