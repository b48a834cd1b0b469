"""Waiving what holds in principle: with a reason, once, by an officer, where the pack lets it, until used."""

from dataclasses import replace

import pytest

from procedure import event, subject
from procedure.act import Actor, LastAct, Refusal
from procedure.check import check
from procedure.definition import Clause
from procedure.eligibility import of_application
from procedure.instant import calendar_day
from tests.procedure.edited_pack import edited
from tests.procedure.qingdao_walk import (
    ADMIN,
    APPLICANT,
    COLLEGE,
    DISTRICT,
    ENTERPRISES,
    LEADER,
    MEMBER,
    OFFICER,
    OPERATIONS,
    OUTCOMES,
    PACK,
    RETURN,
    STAGES,
    SYSTEM,
    at_stage,
    ended,
    expert,
    filled_in,
    forwarded,
    new_case,
    short_of_a_university,
)
from tests.procedure.yueyang_walk import Walk, replayed

IN_PRINCIPLE = Clause(document="qingdao-guideline-2025", clause="3(2)", modality="in_principle")
WAIVER = {"rule": "enough_universities", "reason": "国内仅一家研究所从事该方向"}
ACTORS = (APPLICANT, MEMBER, DISTRICT, OFFICER, LEADER, ADMIN, expert(10), OPERATIONS, SYSTEM)


def answer(walk: Walk, rule: str = "enough_universities") -> str:
    found = of_application(walk.procedure, walk.subject.application, calendar_day("2025-09-22"))
    return next(each.answer for each in found if each.rule == rule)


def waived() -> Walk:
    return short_of_a_university().on("2025-09-19T09:00").do("waive_rule", OFFICER, **WAIVER)


@pytest.mark.clause("qingdao-guideline-2025", "3(2)")
def test_without_a_waiver_the_rule_stops_the_review_and_is_named() -> None:
    refusal = short_of_a_university().refused("pass_review", OFFICER)
    assert refusal.code == "not_eligible"
    assert [(each["rule"], each["answer"]) for each in refusal.facts["rules"]] == [
        ("enough_universities", "not_met")
    ]
    assert refusal.clause == IN_PRINCIPLE


@pytest.mark.clause("qingdao-guideline-2025", "3(2)")
def test_a_waiver_is_recorded_with_rule_reason_and_clause_and_lets_the_review_pass() -> None:
    walk = waived()
    assert walk.events[-1].kind == "rule_waived"
    assert walk.events[-1].data == {**WAIVER, "answer": "not_met", "clause": IN_PRINCIPLE.model_dump()}
    assert [(told.text, told.to) for told in walk.events[-1].told] == [
        ("rule_waived", ("applicant", "leader"))
    ]
    assert walk.place == "formal_review"
    assert answer(walk) == "waived"
    passed = walk.on("2025-09-22T10:00").do("pass_review", OFFICER)
    assert passed.place == "panel_drawing"
    assert passed.events[-1].data["waived"] == ["enough_universities"]
    assert passed.events[-1].data["eligibility"]["enough_universities"] == "waived"
    waiver = passed.subject.application.waivers[0]
    assert (waiver.rule, waiver.reason, waiver.used_at) == (*WAIVER.values(), passed.now)
    assert replayed(walk.blank, passed.events) == passed.subject
    assert subject.load(subject.dump(passed.subject)) == passed.subject
    assert [event.load(event.dump(each)) for each in walk.events[-1:]] == [*walk.events[-1:]]


def test_only_what_is_waived_no_longer_stops() -> None:
    walk = forwarded(filled_in(new_case(), (*ENTERPRISES[:2], COLLEGE), head_by_lead=False)).on(
        "2025-09-19T09:00"
    )
    for rule, left in (
        ("enough_universities", ["enough_enterprises", "head_by_lead"]),
        ("head_by_lead", ["enough_enterprises"]),
    ):
        walk = walk.do("waive_rule", OFFICER, rule=rule, reason="理由")
        refusal = walk.refused("pass_review", OFFICER)
        assert [each["rule"] for each in refusal.facts["rules"]] == left
    passed = walk.do("waive_rule", OFFICER, rule="enough_enterprises", reason="理由").do(
        "pass_review", OFFICER
    )
    assert passed.events[-1].data["waived"] == ["enough_enterprises", "enough_universities", "head_by_lead"]


def test_what_cannot_be_told_may_be_waived_too() -> None:
    walk = forwarded(filled_in(new_case(), head_by_lead="")).on("2025-09-19T09:00")
    assert answer(walk, "head_by_lead") == "cannot_tell"
    walk = walk.do("waive_rule", OFFICER, rule="head_by_lead", reason="由理事会推举")
    assert walk.events[-1].data["answer"] == "cannot_tell"
    assert answer(walk, "head_by_lead") == "waived"
    assert walk.do("pass_review", OFFICER).place == "panel_drawing"


def test_a_finding_that_a_waived_rule_is_met_makes_it_met() -> None:
    walk = forwarded(filled_in(new_case(), head_by_lead="")).on("2025-09-19T09:00")
    walk = walk.do("waive_rule", OFFICER, rule="head_by_lead", reason="由理事会推举")
    passed = walk.do("pass_review", OFFICER, findings={"head_by_lead": "met"})
    assert passed.events[-1].data["eligibility"]["head_by_lead"] == "met"
    assert "waived" not in passed.events[-1].data
    assert passed.subject.application.waivers[0].used_at is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("rule", "code"),
        [
            ("commitment_truth", "rule_not_waivable"),
            ("has_members", "rule_not_waivable"),
            ("twenty_consortia", "unknown_rule"),
            ("enough_enterprises", "nothing_to_waive"),
        ],
    )
    def test_of_the_rule(self, rule: str, code: str) -> None:
        refusal = short_of_a_university().refused("waive_rule", OFFICER, rule=rule, reason="理由")
        assert refusal.code == code
        known = next((each for each in PACK.rules if each.id == rule), None)
        assert refusal.clause == (None if known is None else known.clause)

    @pytest.mark.parametrize("reason", [None, "", "   ", 1])
    @pytest.mark.parametrize("act", ["waive_rule", "revoke_waiver"])
    def test_without_a_reason(self, act: str, reason: object) -> None:
        given = {"rule": "enough_universities"} if reason is None else {**WAIVER, "reason": reason}
        refusal = waived().refused(act, OFFICER, **given)
        assert refusal.code == "bad_particulars"
        assert [problem["field"] for problem in refusal.facts["problems"]] == ["reason"]

    def test_twice(self) -> None:
        refusal = waived().refused("waive_rule", OFFICER, **WAIVER)
        assert refusal.code == "already_waived"
        assert refusal.facts == {"rule": "enough_universities", "at": "2025-09-19T09:00:00+08:00"}

    @pytest.mark.parametrize("stage", STAGES)
    @pytest.mark.parametrize("act", ["waive_rule", "revoke_waiver"])
    def test_of_each_role_at_each_stage(self, act: str, stage: str) -> None:
        for actor in ACTORS:
            given = at_stage(stage).ask(act, actor, **WAIVER)
            assert isinstance(given, Refusal)
            if stage != "formal_review":
                wanted = "act_not_at_this_stage"
            elif actor != OFFICER:
                wanted = "role_may_not"
            else:
                wanted = "nothing_to_waive" if act == "waive_rule" else "not_waived"
            assert (actor.role, given.code) == (actor.role, wanted)

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_of_what_is_closed(self, outcome: str) -> None:
        assert ended(outcome).refused("waive_rule", OFFICER, **WAIVER).code == "closed"

    def test_of_an_officer_of_another_city(self) -> None:
        stranger = Actor("city_officer", 104, bureau="yantai")
        assert short_of_a_university().refused("waive_rule", stranger, **WAIVER).code == "not_yours"
        assert waived().refused("revoke_waiver", stranger, **WAIVER).code == "not_yours"


class TestRevoking:
    def test_a_revoked_waiver_no_longer_helps_and_may_be_given_again(self) -> None:
        walk = waived().do(
            "revoke_waiver", OFFICER, rule="enough_universities", reason="另有一所高校愿意参加"
        )
        assert walk.events[-1].data == {"rule": "enough_universities", "reason": "另有一所高校愿意参加"}
        assert walk.subject.application.waivers == ()
        assert answer(walk) == "not_met"
        assert walk.refused("pass_review", OFFICER).code == "not_eligible"
        assert walk.refused("revoke_waiver", OFFICER, **WAIVER).code == "not_waived"
        again = walk.do("waive_rule", OFFICER, **WAIVER)
        assert answer(again) == "waived"
        assert replayed(again.blank, again.events) == again.subject

    def test_a_used_one_stands(self) -> None:
        back = waived().do("pass_review", OFFICER)
        refusal = back_at_the_review(back).refused("revoke_waiver", OFFICER, **WAIVER)
        assert refusal.code == "waiver_used"
        assert refusal.facts == {"rule": "enough_universities", "at": back.now.isoformat()}

    def test_taking_back_the_review_frees_the_waiver_again(self) -> None:
        walk = waived()
        passed = walk.on("2025-09-19T10:00").do("pass_review", OFFICER)
        taken = passed.knowing(last=LastAct("pass_review", 4, walk.subject)).do(
            "take_back", OFFICER, reason="点错了"
        )
        assert taken.place == "formal_review"
        assert taken.subject.application.waivers == walk.subject.application.waivers
        assert replayed(taken.blank, taken.events) == taken.subject
        assert answer(taken.do("revoke_waiver", OFFICER, **WAIVER)) == "not_met"

    def test_the_waiver_itself_may_be_taken_back(self) -> None:
        walk = short_of_a_university()
        given = walk.do("waive_rule", OFFICER, **WAIVER).knowing(last=LastAct("waive_rule", 4, walk.subject))
        assert given.refused("take_back", Actor("city_officer", 44, bureau="qingdao"), reason="x").code == (
            "not_your_act"
        )
        taken = given.do("take_back", OFFICER, reason="填错了条件")
        assert taken.subject.application.waivers == ()
        assert replayed(taken.blank, taken.events) == taken.subject

    def test_a_waiver_outlives_a_correction_and_is_not_needed_once_the_rule_is_met(self) -> None:
        listed = {"items": [*RETURN["items"], {"item": "consortium.head_by_lead", "remark": "请补充"}]}
        walk = forwarded(filled_in(new_case(), head_by_lead=False)).on("2025-09-19T09:00")
        walk = walk.do("waive_rule", OFFICER, rule="head_by_lead", reason="由理事会推举")
        walk = walk.do("return_for_correction", OFFICER, **listed).on("2025-09-22T09:00")
        walk = walk.do("save_draft", APPLICANT, fields={"consortium.head_by_lead": True})
        walk = walk.do("resubmit", APPLICANT)
        assert walk.subject.application.waiver("head_by_lead") is not None
        assert answer(walk, "head_by_lead") == "met"
        assert "waived" not in walk.do("pass_review", OFFICER).events[-1].data


def back_at_the_review(passed: Walk) -> Walk:
    """Return the case as if it stood at the review once more, with its waiver used."""
    return replace(passed, subject=replace(passed.subject, stage="formal_review"))


def test_a_rule_that_stops_the_submission_may_be_waived_before_it() -> None:
    procedure = edited(
        {
            "rules.enough_universities.stops": ["submit"],
            "application.stages.draft.acts.waive_rule": {"roles": ["city_officer"]},
            "application.stages.draft.acts.revoke_waiver": {"roles": ["city_officer"]},
        },
        "qingdao-2025",
    )
    assert check(procedure) == ()
    draft = replace(filled_in(new_case(), (*ENTERPRISES, COLLEGE)), procedure=procedure)
    assert draft.refused("submit", APPLICANT).code == "not_eligible"
    submitted = draft.do("waive_rule", OFFICER, **WAIVER).do("submit", APPLICANT)
    assert submitted.events[-1].data["waived"] == ["enough_universities"]
    assert submitted.subject.application.waivers[0].used_at == submitted.now
