"""Qingdao's 2025 pack says what the guideline says, item by item, and marks the rest as settings."""

import datetime
from typing import Any, ClassVar

import pytest

from notifications.rendering import check
from procedure.acts import ACTS
from procedure.definition import URGED, Procedure, grounds
from procedure.eligibility import Assessment, assess, stopping
from procedure.instant import calendar_day
from procedure.pack import CATALOG, NOTICE_VARIABLES, load_folder, shipped
from procedure.register import official_name, validity
from procedure.subject import Member
from tests.procedure.qingdao_walk import OFFICER, at_stage

PACK: Procedure = shipped("qingdao-2025").procedure
ON = datetime.date(2025, 9, 22)

YES = {field.path: True for field in PACK.form if field.type == "boolean"}
LEAD: dict[str, Any] = {
    **{path: value for path, value in YES.items() if not path.startswith("member.")},
    "lead.kind": "enterprise",
    "consortium.chief_expert_name": "陈首席",
}
MEMBER: dict[str, Any] = {
    **{path: value for path, value in YES.items() if path.startswith("member.")},
    "member.contribution": "技术与中试线",
}
KINDS = ("enterprise", "enterprise", "enterprise", "university", "institute")


def units(*kinds: str, **form: Any) -> tuple[Member, ...]:
    about = {**MEMBER, **{f"member.{name}": value for name, value in form.items()}}
    return tuple(Member(f"{n}", f"{n}", kind, False, "confirmed", about) for n, kind in enumerate(kinds))


def answers(form: dict[str, Any] | None = None, *members: Member) -> dict[str, Assessment]:
    known = {path: value for path, value in {**LEAD, **(form or {})}.items() if value is not None}
    return {one.rule: one for one in assess(PACK, known, members or units(*KINDS), ON)}


def test_it_knows_only_acts_of_the_machine():
    assert load_folder(CATALOG / "qingdao-2025", frozenset(ACTS)).procedure == PACK


def test_every_text_can_be_filled_in_and_every_text_is_sent():
    assert check(PACK.texts, NOTICE_VARIABLES) == []
    dumped = PACK.model_dump_json(exclude={"notices"})
    # What is told when somebody is urged belongs to no stage.
    assert [name for name in PACK.notices if f'"text":"{name}"' not in dumped] == [URGED]


class TestGrounds:
    def test_clauses_are_of_the_guideline(self):
        stated = {thing.clause.clause for _, thing in grounds(PACK) if thing.clause is not None}
        assert stated == {
            *("3(1)", "3(2)", "3(3)", "3(4)", "3(5)", "3(6)"),
            *("4(1)1", "4(1)2", "4(1)3", "4(2)1", "4(2)2", "4(2)3"),
            *("5(1)", "5(2)", "5(3)", "5(4)", "5(5)", "5(6)", "7(1)", "7(2)", "7(3)", "7(4)"),
        }

    @pytest.mark.parametrize("name", [*PACK.application.deadline])
    def test_no_term_is_law(self, name: str):
        assert PACK.application.deadline[name].basis == "setting"

    def test_the_citys_formal_review_and_the_answer_to_objections_are_settings(self):
        stages = PACK.application.stage
        assert [name for name in stages if stages[name].basis == "setting"] == [
            *("first_correction", "formal_review", "formal_correction", "panel_drawing", "objection"),
        ]

    @pytest.mark.clause("qingdao-guideline-2025", "2")
    def test_about_twenty_by_2028_is_no_quota(self):
        quota = PACK.settings["quota"]
        assert (quota.value, quota.basis) == (0, "setting")
        assert quota.note is not None
        assert "目标，不是名额" in quota.note.zh

    @pytest.mark.clause("qingdao-guideline-2025", "3(2)")
    @pytest.mark.clause("qingdao-guideline-2025", "3(3)", "head")
    def test_what_holds_in_principle_and_only_that_may_be_waived(self):
        waivable = {rule.id for rule in PACK.rules if rule.waivable}
        assert waivable == {"enough_enterprises", "enough_universities", "head_by_lead"}
        assert waivable == {
            rule.id
            for rule in PACK.rules
            if rule.clause is not None and rule.clause.modality == "in_principle"
        }


class TestProcedure:
    @pytest.mark.clause("qingdao-guideline-2025", "5(6)", "forwarding")
    @pytest.mark.clause("qingdao-guideline-2025", "5(6)", "review")
    def test_it_runs_in_the_guidelines_order(self):
        kinds = list(dict.fromkeys(stage.kind.value for stage in PACK.application.stages))
        assert kinds == [
            *("online_submission", "district_endorsement", "formal_review", "expert_review", "site_visit"),
            *("defence", "selection", "publicity", "filing"),
        ]

    @pytest.mark.clause("qingdao-guideline-2025", "7(1)", "intake")
    def test_intake_is_rolling_and_has_no_date(self):
        assert (PACK.intake, PACK.dates) == ("rolling", {})
        assert PACK.application.start_while == "open"
        assert PACK.application.stage["draft"].no_deadline is not None

    def test_only_publicity_and_corrections_end_by_themselves(self):
        lapses = {rule.id: rule.lapse.to for rule in PACK.application.deadlines if rule.lapse is not None}
        assert lapses == {
            "first_correction": "correction_expired",
            "formal_correction": "correction_expired",
            "publicity": "filing",
        }

    @pytest.mark.clause("qingdao-guideline-2025", "5(6)", "validity")
    def test_a_filing_is_valid_for_three_years_in_general(self):
        assert PACK.validity.clause is not None
        assert (PACK.validity.years, PACK.validity.clause.modality) == (3, "in_principle")
        days = validity(PACK, calendar_day("2025-12-01"))
        assert [day.isoformat() for day in days] == ["2025-12-01", "2028-11-30"]
        assert official_name(PACK, "海洋装备", {}) == "青岛市海洋装备创新联合体"

    @pytest.mark.clause("qingdao-guideline-2025", "7(4)", "commitment")
    def test_four_documents_are_needed(self):
        needed = [material.id for material in PACK.materials if material.needed_for == "submit"]
        assert needed == ["application_form", "formation_agreement", "construction_plan", "commitment_letter"]
        assert PACK.material["commitment_letter"].clause is not None


class TestRules:
    def test_a_complete_application_meets_every_rule(self):
        assert {one.answer for one in answers().values()} == {"met"}

    @pytest.mark.clause("qingdao-guideline-2025", "3(2)")
    @pytest.mark.parametrize(
        ("kinds", "enterprises", "universities"),
        [
            (KINDS, "met", "met"),
            (KINDS[1:], "not_met", "met"),
            (KINDS[:-1], "met", "not_met"),
            (("enterprise",) * 3 + ("university", "new_rnd_institution"), "met", "not_met"),
            (("enterprise",) * 3 + ("service_agency", "institute", "university"), "met", "met"),
        ],
    )
    def test_three_enterprises_and_two_universities(
        self, kinds: tuple[str, ...], enterprises: str, universities: str
    ):
        given = answers(None, *units(*kinds))
        assert (given["enough_enterprises"].answer, given["enough_universities"].answer) == (
            enterprises,
            universities,
        )

    @pytest.mark.clause("qingdao-guideline-2025", "3(1)")
    @pytest.mark.clause("qingdao-guideline-2025", "3(4)")
    @pytest.mark.clause("qingdao-guideline-2025", "3(5)")
    @pytest.mark.clause("qingdao-guideline-2025", "3(6)")
    @pytest.mark.clause("qingdao-guideline-2025", "5(1)")
    @pytest.mark.clause("qingdao-guideline-2025", "5(2)")
    @pytest.mark.clause("qingdao-guideline-2025", "5(3)")
    @pytest.mark.clause("qingdao-guideline-2025", "5(4)")
    @pytest.mark.clause("qingdao-guideline-2025", "5(5)")
    @pytest.mark.clause("qingdao-guideline-2025", "3(3)", "agreement")
    @pytest.mark.clause("qingdao-guideline-2025", "7(4)", "commitment")
    @pytest.mark.parametrize("rule", [rule.id for rule in PACK.rules if f"consortium.{rule.id}" in YES])
    def test_each_item_is_asked_by_itself(self, rule: str):
        path = f"consortium.{rule}"
        for said, answer in ((False, "not_met"), (None, "cannot_tell")):
            given = answers({path: said})
            assert {one.rule: one.answer for one in given.values() if one.answer != "met"} == {rule: answer}
            stopped = stopping(list(given.values()), PACK, "pass_review")
            assert [one.rule for one in stopped] == [rule]
            assert given[rule].clause == PACK.field[path].clause

    @pytest.mark.clause("qingdao-guideline-2025", "3(3)", "agreement")
    @pytest.mark.clause("qingdao-guideline-2025", "3(4)")
    @pytest.mark.clause("qingdao-guideline-2025", "3(5)")
    @pytest.mark.clause("qingdao-guideline-2025", "3(6)")
    @pytest.mark.clause("qingdao-guideline-2025", "5(3)")
    @pytest.mark.clause("qingdao-guideline-2025", "5(5)")
    def test_the_items_of_agreement_plans_mechanisms_resources_and_commitment(self):
        by_clause: dict[str, list[str]] = {}
        for rule in PACK.rules:
            if rule.clause is not None and f"consortium.{rule.id}" in YES:
                by_clause.setdefault(rule.clause.clause, []).append(rule.id)
        assert by_clause == {
            "3(1)": ["goals_clear"],
            "3(3)": ["lead_manages", "head_by_lead", "agreement_topics"],
            "3(4)": [
                f"mechanism_{name}"
                for name in ("decision", "research", "revenue", "ip", "standards", "promotion", "funding")
            ],
            "3(5)": [
                f"plan_{name}"
                for name in ("ip", "talent", "promotion", "core_tasks", "research", "funding", "acceptance")
            ],
            "3(6)": [
                f"resources_{name}" for name in ("funding", "technology", "people", "equipment", "premises")
            ],
            "5(1)": ["in_industrial_system", "core_technology_needed"],
            "5(2)": ["members_consulted"],
            "5(3)": [
                f"agreement_{name}"
                for name in (
                    *("voluntary", "goals", "tasks", "rights"),
                    *("ownership", "revenue", "breach", "disputes"),
                )
            ],
            "5(4)": [f"chief_expert_{name}" for name in ("scholarship", "industry", "leadership")],
            "5(5)": [
                f"construction_plan_{name}"
                for name in ("joint", "significance", "organisation", "goals", "safeguards")
            ],
            "7(4)": [f"commitment_{name}" for name in ("truth", "integrity", "liability")],
        }

    @pytest.mark.clause("qingdao-guideline-2025", "4(1)1")
    @pytest.mark.clause("qingdao-guideline-2025", "4(1)2")
    @pytest.mark.clause("qingdao-guideline-2025", "4(1)3")
    @pytest.mark.parametrize("name", [path.partition(".")[2] for path in YES if path.startswith("lead.")])
    def test_each_condition_on_the_lead(self, name: str):
        given = answers({f"lead.{name}": False})
        expected = {} if name == "chain_leader" else {f"lead_{name}": "not_met"}
        assert {one.rule: one.answer for one in given.values() if one.answer != "met"} == expected

    @pytest.mark.clause("qingdao-guideline-2025", "4(1)1")
    def test_the_lead_is_an_enterprise(self):
        assert answers({"lead.kind": "university"})["lead_enterprise"].answer == "not_met"

    @pytest.mark.clause("qingdao-guideline-2025", "5(4)")
    def test_a_chief_expert_is_named(self):
        assert answers({"consortium.chief_expert_name": None})["chief_expert"].answer == "cannot_tell"

    @pytest.mark.clause("qingdao-guideline-2025", "4(2)1")
    @pytest.mark.clause("qingdao-guideline-2025", "4(2)2")
    @pytest.mark.clause("qingdao-guideline-2025", "4(2)3")
    @pytest.mark.parametrize(
        ("name", "about"),
        [
            *((name, KINDS) for name in ("has_basis", "is_willing", "shares_resources", "signed_agreement")),
            *(
                (name, ("enterprise",))
                for name in ("in_chain", "has_supporting_capability", "complements_others")
            ),
            *(
                (name, ("university", "institute"))
                for name in ("has_research_team", "has_talent_pool", "has_research_conditions")
            ),
        ],
    )
    def test_each_condition_on_the_members_it_concerns(self, name: str, about: tuple[str, ...]):
        given = answers(None, *units(*KINDS, **{name: False}))
        assert {one.rule: one.answer for one in given.values() if one.answer != "met"} == {
            f"member_{name}": "not_met"
        }
        concerned = [
            kind
            for kind, each in zip(KINDS, given[f"member_{name}"].members, strict=True)
            if each.answer != "not_applicable"
        ]
        assert concerned == [kind for kind in KINDS if kind in about]

    @pytest.mark.clause("qingdao-guideline-2025", "3(6)")
    def test_every_member_says_what_it_contributes(self):
        silent = units("enterprise")[0]
        silent.form.pop("member.contribution")
        given = answers(None, *units(*KINDS), silent)
        assert given["member_contribution"].answer == "cannot_tell"


@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "validity")
class TestValidity:
    """In general at most three years; longer only with a written reason (clause 5(6))."""

    DOCUMENT: ClassVar = {"document_number": "青科备〔2025〕1号", "document_date": "2025-11-03"}

    def filed(self, **more: str) -> dict[str, Any]:
        done = at_stage("filing").on("2025-11-03T09:00").do("file", OFFICER, **self.DOCUMENT, **more)
        return dict(done.events[-1].data)

    def test_three_years_where_nothing_is_said(self):
        data = self.filed()
        assert (data["valid_from"], data["valid_to"]) == ("2025-11-03", "2028-11-02")
        assert "validity_reason" not in data

    @pytest.mark.parametrize("day", ["2025-11-03", "2026-12-31", "2028-11-02"])
    def test_a_shorter_time_needs_no_reason(self, day: str):
        assert self.filed(valid_to=day)["valid_to"] == day

    def test_a_longer_one_does_and_the_reason_is_recorded(self):
        longer = at_stage("filing").on("2025-11-03T09:00")
        refusal = longer.refused("file", OFFICER, **self.DOCUMENT, valid_to="2028-11-03")
        assert refusal.code == "validity_too_long"
        assert refusal.facts == {"field": "valid_to", "value": "2028-11-03", "longest": "2028-11-02"}
        assert refusal.clause == PACK.validity.clause
        reason = "承担的国家重点研发计划项目至2030年结题"
        data = self.filed(valid_to="2030-12-31", validity_reason=reason)
        assert (data["valid_to"], data["validity_reason"]) == ("2030-12-31", reason)

    def test_it_ends_no_earlier_than_it_begins(self):
        walk = at_stage("filing").on("2025-11-03T09:00")
        refusal = walk.refused("file", OFFICER, **self.DOCUMENT, valid_to="2025-11-02")
        assert refusal.code == "validity_ends_before_it_begins"
