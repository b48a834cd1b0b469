"""A rectification: a closed list of items, two officers, and history that stays as it was recorded."""

from typing import Any

import pytest
from yueyang_walk import APPLICANT, LEADER, OFFICER, UNIVERSITY, Walk, at_stage, call_at, ended

from procedure.act import Actor, Refusal
from procedure.machine import replay

SECOND = Actor("city_officer", 8, bureau="yueyang")
REASON = {"reason": "录入有误"}


def propose(walk: Walk, who: Actor = OFFICER, **items: Any) -> Walk:
    return walk.do("propose_rectification", who, items=items, **REASON)


def rectified(walk: Walk, items: dict[str, Any]) -> Walk:
    walk = walk.do("propose_rectification", OFFICER, items=items, **REASON)
    done = walk.do(
        "confirm_rectification", SECOND, rectification=len(walk.subject.application.rectifications)
    )
    assert replay(done.events) == done.subject
    return done


def refused(walk: Walk, items: dict[str, Any]) -> Refusal:
    return walk.refused("propose_rectification", OFFICER, items=items, **REASON)


def with_call(walk: Walk, stage: str = "under_review", **facts: Any) -> Walk:
    return walk.knowing(call=call_at(stage).subject, **facts)


class TestTwoOfficers:
    def test_a_proposal_changes_nothing_until_another_confirms_it(self) -> None:
        walk = at_stage("formal_review")
        proposed = walk.do(
            "propose_rectification", OFFICER, items={"consortium.direction": "新能源"}, **REASON
        )
        (found,) = proposed.subject.application.rectifications
        assert (found.number, found.state, found.proposed_by) == (1, "proposed", 4)
        assert [(each.item, each.before, each.after) for each in found.items] == [
            ("consortium.direction", "生物医药", "新能源")
        ]
        assert proposed.subject.application.form == walk.subject.application.form
        assert proposed.place == "formal_review"
        done = proposed.do("confirm_rectification", LEADER, rectification=1)
        assert done.subject.application.form["consortium.direction"] == "新能源"
        assert done.subject.application.rectifications[0].state == "confirmed"
        assert done.events[: len(walk.events)] == walk.events
        assert done.subject.deadlines == walk.subject.deadlines

    @pytest.mark.parametrize(
        "same",
        [OFFICER, Actor("city_officer", 9, bureau="yueyang", on_behalf_of=4)],
    )
    def test_the_same_officer_twice_is_refused(self, same: Actor) -> None:
        walk = at_stage("formal_review").do(
            "propose_rectification", OFFICER, items={"consortium.direction": "新能源"}, **REASON
        )
        assert walk.refused("confirm_rectification", same, rectification=1).code == "second_officer_needed"

    def test_what_a_substitute_proposed_is_not_confirmed_by_whom_they_act_for(self) -> None:
        substitute = Actor("city_officer", 9, bureau="yueyang", on_behalf_of=4)
        items = {"consortium.direction": "新能源"}
        walk = at_stage("formal_review").do("propose_rectification", substitute, items=items, **REASON)
        assert walk.refused("confirm_rectification", OFFICER, rectification=1).code == "second_officer_needed"

    def test_one_at_a_time_and_each_is_decided_once(self) -> None:
        items = {"consortium.direction": "新能源"}
        walk = at_stage("formal_review").do("propose_rectification", OFFICER, items=items, **REASON)
        assert refused(walk, {"lead.standing": "national"}).code == "rectification_waits"
        declined = walk.do("decline_rectification", OFFICER, rectification=1, reason="撤回")
        assert declined.subject.application.rectifications[0].state == "declined"
        assert declined.subject.application.form["consortium.direction"] == "生物医药"
        assert declined.refused("confirm_rectification", SECOND, rectification=1).code == (
            "rectification_decided"
        )
        assert declined.refused("confirm_rectification", SECOND, rectification=7).code == (
            "no_such_rectification"
        )
        assert rectified(declined, items).subject.application.rectifications[1].state == "confirmed"

    def test_what_changed_since_the_proposal_is_not_confirmed(self) -> None:
        walk = at_stage("site_visit").do("schedule_visit", OFFICER, at="2024-10-10T09:00", team=["甲", "乙"])
        walk = walk.do("propose_rectification", OFFICER, items={"papers.summary_copies": 3}, **REASON)
        walk = walk.on("2024-10-10T12:00").do(
            "record_visit", OFFICER, on="2024-10-10", result="passed", findings="符合"
        )
        assert (
            walk.do("confirm_rectification", SECOND, rectification=1).subject.application.papers is not None
        )


class TestItems:
    @pytest.mark.parametrize(
        ("items", "code"),
        [
            ({"consortium.nothing": "x"}, "not_rectifiable"),
            ({"seed": "x"}, "not_rectifiable"),
            ({"member:x:member.agreement_from": "2024-01-01"}, "not_rectifiable"),
            ({"score:expert_review:nobody": "80"}, "not_rectifiable"),
            ({"lead.rd_spending": "viel"}, "bad_fields"),
            ({"papers.summary_copies": "-1"}, "bad_fields"),
            ({"papers.letter": "maybe"}, "bad_fields"),
            ({"consortium.direction": ""}, "bad_fields"),
            ({"consortium.direction": "生物医药"}, "nothing_to_rectify"),
            ({"visit.result": "failed"}, "nothing_recorded"),
            ({"filing.document_number": "1号"}, "nothing_recorded"),
            ({"lead.rd_spending": "9999999.99"}, "not_eligible"),
            ({"papers.summary_copies": 1}, "copies_missing"),
            ({"papers.finance_signed": False}, "joint_letter_required"),
            ({}, "bad_particulars"),
        ],
    )
    def test_what_cannot_stand_is_refused_by_name(self, items: dict[str, Any], code: str) -> None:
        assert refused(at_stage("formal_review"), items).code == code

    def test_a_reason_is_needed(self) -> None:
        answer = at_stage("formal_review").refused(
            "propose_rectification", OFFICER, items={"consortium.direction": "新能源"}, reason=""
        )
        assert answer.code == "bad_particulars"

    def test_a_members_field_and_the_papers_are_corrected(self) -> None:
        path = f"member:{UNIVERSITY}:member.agreement_to"
        done = rectified(at_stage("formal_review"), {path: "2028-05-31", "papers.summary_copies": "3"})
        member = done.subject.application.member(UNIVERSITY)
        assert member is not None
        assert member.form["member.agreement_to"] == "2028-05-31"
        assert done.subject.application.papers is not None
        assert done.subject.application.papers.summary_copies == 3

    def test_personal_values_stay_out_of_the_chain(self) -> None:
        done = rectified(at_stage("formal_review"), {"consortium.contact_name": "李四"})
        proposed, confirmed = done.events[-2:]
        assert "李四" not in str(proposed.data) + str(confirmed.data)
        assert proposed.personal == {
            "before/consortium.contact_name": "张三",
            "after/consortium.contact_name": "李四",
        }
        assert done.subject.application.form["consortium.contact_name"] == "李四"


class TestConsequences:
    def test_a_visit_wrongly_failed_goes_on(self) -> None:
        walk = with_call(ended("visit_failed"))
        done = rectified(walk, {"visit.result": "passed", "visit.findings": "核对后符合"})
        assert (done.place, done.subject.outcome) == ("panel_naming", None)
        assert [each.name for each in done.subject.deadlines] == ["panel_naming"]

    def test_not_once_the_call_has_its_list_or_the_lead_another_case(self) -> None:
        items = {"visit.result": "passed"}
        assert refused(with_call(ended("visit_failed"), "completed"), items).code == "consequences_stand"
        other = with_call(ended("visit_failed"), other_open_case="YY2024-0002")
        assert refused(other, items).code == "one_open_case"

    def test_a_visit_wrongly_passed_ends_the_case_only_before_the_next_stage_is_left(self) -> None:
        items = {"visit.result": "failed", "visit.findings": "未见设备"}
        done = rectified(at_stage("panel_naming"), items)
        assert done.place == "visit_failed"
        assert done.subject.deadlines == ()
        assert refused(at_stage("expert_review"), items).code == "consequences_stand"

    def test_a_letter_that_was_there_after_all(self) -> None:
        done = rectified(
            with_call(ended("not_accepted_no_letter")),
            {
                "papers.letter": True,
                "papers.finance_signed": True,
                "papers.application_copies": 1,
                "papers.summary_copies": 2,
            },
        )
        assert done.place == "formal_review"

    def test_the_filing_is_corrected_and_stays_filed(self) -> None:
        walk = ended("filed")
        filed = walk.subject.application.filing
        assert filed is not None
        done = rectified(
            walk,
            {
                "filing.document_number": "岳科发〔2024〕8号",
                "filing.document_date": "2024-08-27",
                "filing.direction": "新能源",
            },
        )
        filing = done.subject.application.filing
        assert filing is not None
        assert (done.place, done.subject.entered_at) == ("filed", walk.subject.entered_at)
        assert (filing.number, filing.document_number) == (filed.number, "岳科发〔2024〕8号")
        assert filing.name == "岳阳市新能源创新联合体"
        assert (str(filing.valid_from), str(filing.valid_to)) == ("2024-08-27", "2027-08-26")
        ahead = refused(done, {"filing.document_date": "2034-08-27"})
        assert ahead.code == "time_ahead"

    def test_an_applicant_corrects_nothing_this_way(self) -> None:
        answer = at_stage("formal_review").refused(
            "propose_rectification", APPLICANT, items={"consortium.direction": "x"}, **REASON
        )
        assert answer.code == "role_may_not"
