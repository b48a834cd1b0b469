"""Return for correction: items listed once, rounds capped, the way back, revocation, expiry."""

import pytest
from yueyang_walk import (
    APPLICANT,
    DISTRICT,
    LEADER,
    MEMBER,
    OFFICER,
    PACK,
    UNIVERSITY,
    Walk,
    at,
    at_stage,
    document,
)

from procedure.subject import Remark, Return

PLAN = {"item": "document:implementation_plan", "remark": "请盖章"}
SPENDING = {"item": "lead.rd_spending", "remark": "请核对"}
MEMBER_UNIT = {"item": f"member:{UNIVERSITY}", "remark": "补协议期限"}


def returned(*items: dict[str, str]) -> Walk:
    """Return a case sent back in the formal review with these items."""
    return (
        at_stage("formal_review")
        .on("2024-08-14T09:00")
        .do("return_for_correction", OFFICER, items=list(items))
    )


def test_a_return_lists_its_items_and_opens_the_applicants_turn() -> None:
    walk = returned(PLAN, SPENDING)
    assert walk.place == "formal_correction"
    assert walk.subject.application.correction == Return(
        "formal_review",
        1,
        (Remark("document:implementation_plan", "请盖章"), Remark("lead.rd_spending", "请核对")),
        at("2024-08-14T09:00"),
    )


@pytest.mark.parametrize(
    ("items", "code", "facts"),
    [
        ([PLAN, PLAN], "item_listed_twice", {"items": ["document:implementation_plan"]}),
        (
            [PLAN, {**PLAN, "remark": "另一条"}],
            "item_listed_twice",
            {"items": ["document:implementation_plan"]},
        ),
        (
            [{"item": "document:passport", "remark": "x"}, {"item": "lead.luck", "remark": "x"}, SPENDING],
            "unknown_item",
            {"items": ["document:passport", "lead.luck"]},
        ),
        ([{"item": "member.in_chain", "remark": "x"}], "unknown_item", {"items": ["member.in_chain"]}),
        ([{"item": "member:nobody", "remark": "x"}], "unknown_item", {"items": ["member:nobody"]}),
    ],
)
def test_items_are_listed_once_and_exist(
    items: list[dict[str, str]], code: str, facts: dict[str, list[str]]
) -> None:
    refusal = at_stage("formal_review").refused("return_for_correction", OFFICER, items=items)
    assert (refusal.code, refusal.facts) == (code, facts)


def test_only_what_is_listed_may_be_changed() -> None:
    walk = returned(PLAN, MEMBER_UNIT)
    listed = ["document:implementation_plan", f"member:{UNIVERSITY}"]
    refusal = walk.refused("save_draft", APPLICANT, fields={"lead.rd_spending": "1", "lead.industry": "x"})
    assert refusal.code == "not_listed_for_correction"
    assert refusal.facts == {"items": ["lead.rd_spending", "lead.industry"], "listed": listed}
    refusal = walk.refused("attach_document", APPLICANT, **document("application_form"))
    assert refusal.facts == {"items": ["document:application_form"], "listed": listed}
    refusal = walk.refused("remove_document", APPLICANT, material="application_form")
    assert refusal.code == "not_listed_for_correction"
    refusal = walk.refused("attach_document", MEMBER, **document("cooperation_agreement"))
    assert refusal.code == "not_listed_for_correction"
    done = walk.do("save_draft", APPLICANT, members={UNIVERSITY: {"member.agreement_to": "2028-05-31"}})
    done = done.do("attach_document", APPLICANT, **document("implementation_plan", digest="c" * 64))
    assert done.subject.application.members[0].form["member.agreement_to"] == "2028-05-31"
    assert done.do("resubmit", APPLICANT).place == "formal_review"


def test_a_corrected_application_must_still_be_complete() -> None:
    walk = returned(PLAN).do("remove_document", APPLICANT, material="implementation_plan")
    assert walk.refused("resubmit", APPLICANT).facts == {"missing": ["document:implementation_plan"]}
    cleared = returned({"item": "consortium.direction", "remark": "不清"}).do(
        "save_draft", APPLICANT, fields={"consortium.direction": ""}
    )
    assert cleared.refused("resubmit", APPLICANT).facts == {"missing": ["consortium.direction"]}


def test_a_resubmission_records_what_was_handed_back() -> None:
    walk = returned(PLAN).do("attach_document", APPLICANT, **document("implementation_plan", digest="d" * 64))
    walk = walk.do("resubmit", APPLICANT)
    handed = {(each["material"], each["owner"]): each["digest"] for each in walk.events[-1].data["documents"]}
    assert handed["implementation_plan", "91350100M000100Y43"] == "d" * 64
    assert len(handed) == 3
    correction = walk.subject.application.returns[-1]
    assert (correction.acted, correction.resubmitted_at) == (True, at("2024-08-14T09:00"))


def test_a_second_round_may_only_repeat_the_first_list() -> None:
    walk = returned(PLAN, SPENDING).do("resubmit", APPLICANT)
    refusal = walk.refused(
        "return_for_correction", OFFICER, items=[PLAN, MEMBER_UNIT, {"item": "lead.standing", "remark": "x"}]
    )
    assert (refusal.code, refusal.facts) == (
        "not_in_the_first_list",
        {
            "items": [f"member:{UNIVERSITY}", "lead.standing"],
            "listed": ["document:implementation_plan", "lead.rd_spending"],
        },
    )
    second = walk.do("return_for_correction", OFFICER, items=[SPENDING])
    assert second.subject.application.returns[-1].round == 2


def test_rounds_are_capped_by_the_pack() -> None:
    assert PACK.number("correction_rounds") == 2
    walk = returned(PLAN).do("resubmit", APPLICANT)
    walk = walk.do("return_for_correction", OFFICER, items=[PLAN]).do("resubmit", APPLICANT)
    refusal = walk.refused("return_for_correction", OFFICER, items=[PLAN])
    assert (refusal.code, refusal.facts) == ("no_more_rounds", {"rounds": 2})
    assert walk.do("pass_review", OFFICER).place == "site_visit"


def test_each_authority_has_rounds_and_a_first_list_of_its_own() -> None:
    walk = at_stage("recommendation").on("2024-08-05T09:00")
    for _ in range(2):
        walk = walk.do("return_for_correction", DISTRICT, items=[PLAN]).do("resubmit", APPLICANT)
    assert walk.refused("return_for_correction", DISTRICT, items=[PLAN]).code == "no_more_rounds"
    walk = walk.do("accept_online", DISTRICT).do("endorse", DISTRICT, opinion="同意")
    walk = walk.do(
        "deliver_papers",
        OFFICER,
        letter=True,
        finance_signed=True,
        application_copies=1,
        summary_copies=2,
    )
    walk = walk.do("return_for_correction", OFFICER, items=[SPENDING])
    assert walk.subject.application.returns[-1].round == 1
    assert walk.subject.application.returns[-1].stage == "formal_review"


def test_a_return_can_be_revoked_until_the_applicant_acts() -> None:
    walk = returned(PLAN)
    back = walk.on("2024-08-15T09:00").do("revoke_return", OFFICER)
    assert back.place == "formal_review"
    assert back.subject.application.returns == ()
    assert back.events[-1].kind == "return_revoked"
    acted = walk.do("attach_document", APPLICANT, **document("implementation_plan", digest="e" * 64))
    refusal = acted.refused("revoke_return", OFFICER)
    assert (refusal.code, refusal.facts) == ("applicant_has_acted", {"round": 1})


@pytest.mark.parametrize("act", ["attach", "save", "remove"])
def test_every_correction_counts_as_acting(act: str) -> None:
    walk = returned(PLAN, SPENDING)
    match act:
        case "attach":
            walk = walk.do("attach_document", APPLICANT, **document("implementation_plan"))
        case "save":
            walk = walk.do("save_draft", APPLICANT, fields={"lead.rd_spending": "12000000"})
        case _:
            walk = walk.do("remove_document", APPLICANT, material="implementation_plan")
    assert walk.refused("revoke_return", OFFICER).code == "applicant_has_acted"


def test_a_refused_correction_does_not_count_as_acting() -> None:
    walk = returned(PLAN)
    walk.refused("save_draft", APPLICANT, fields={"lead.rd_spending": "1"})
    assert walk.do("revoke_return", OFFICER).place == "formal_review"


def test_a_revoked_return_uses_no_round_and_binds_no_list() -> None:
    walk = returned(PLAN).do("revoke_return", OFFICER)
    for items in ([SPENDING], [SPENDING]):
        walk = walk.do("return_for_correction", OFFICER, items=items).do("resubmit", APPLICANT)
    assert walk.refused("return_for_correction", OFFICER, items=[SPENDING]).code == "no_more_rounds"
    assert [each.round for each in walk.subject.application.returns] == [1, 2]


def test_expiry_ends_the_case_and_tells_why() -> None:
    walk = returned(PLAN)
    assert walk.swept("2024-08-21T23:59:59.999999").place == "formal_correction"
    in_time = walk.on("2024-08-21T23:59:59.999999").do("resubmit", APPLICANT)
    assert in_time.place == "formal_review"
    late = walk.on("2024-08-22T00:00").refused("resubmit", APPLICANT)
    assert (late.code, late.facts["outcome"]) == ("closed", "correction_expired")
    expired = walk.swept("2024-08-22T00:00")
    assert expired.place == "correction_expired"
    assert expired.events[-1].data == {
        "deadline": "formal_correction",
        "due": "2024-08-21T23:59:59.999999+08:00",
    }
    assert [told.text for told in expired.events[-1].told] == ["correction_expired"]


def test_the_correction_time_can_be_extended_with_a_reason() -> None:
    walk = returned(PLAN).do(
        "extend_deadline", LEADER, deadline="formal_correction", until="2024-08-30", reason="停电"
    )
    assert walk.swept("2024-08-30T23:59:59.999999").place == "formal_correction"
    assert walk.swept("2024-08-31T00:00").place == "correction_expired"


def test_a_submission_keeps_its_day_through_every_correction() -> None:
    # Eligibility is as of the submission: a year completed during the correction does not count.
    walk = returned(MEMBER_UNIT).do(
        "save_draft", APPLICANT, members={UNIVERSITY: {"member.cooperation_since": "2023-08-10"}}
    )
    walk = walk.on("2024-08-20T09:00").do("resubmit", APPLICANT)
    assert walk.subject.application.submitted_at == at("2024-08-04T18:00")
    refusal = walk.refused("pass_review", OFFICER)
    assert [(rule["rule"], rule["answer"]) for rule in refusal.facts["rules"]] == [
        ("member_cooperation", "not_met")
    ]
