"""Who may do what at each stage, compared with a table written by hand from the notice."""

import itertools

import pytest
from yueyang_walk import (
    BY_ROLE,
    DISTRICT,
    EXPERTS,
    FORM,
    LEAD,
    LEADER,
    MEMBER,
    OFFICER,
    OUTCOMES,
    PACK,
    PAPERS,
    RETURN,
    STAGES,
    UNIVERSITY,
    at,
    at_stage,
    call_at,
    document,
    ended,
)

from procedure.act import Act, Actor, Decision, Refusal
from procedure.acts import ACTS
from procedure.definition import act_rules
from procedure.machine import decide

ROLES = ("applicant", "member", "district_officer", "city_officer", "city_leader", "administrator")
EVERY_ROLE = (*ROLES, "expert", "operations", "system")

# What an applicant may fill in, in the draft and again while correcting.
_EVERYWHERE = {
    "withdraw": "applicant",
    "extend_deadline": "city_leader",
    "suspend_deadline": "city_leader",
    "resume_deadline": "city_leader",
    "reassign": "district_officer city_officer city_leader",
    "propose_rectification": "city_officer",
    "confirm_rectification": "city_officer city_leader",
    "decline_rectification": "city_officer city_leader",
}
_CORRECTING = {
    "save_draft": "applicant",
    "attach_document": "applicant member",
    "remove_document": "applicant member",
    "resubmit": "applicant",
}

MAY: dict[str, dict[str, str]] = {
    "draft": {
        "save_draft": "applicant",
        "invite_member": "applicant",
        "remove_member": "applicant",
        "confirm_membership": "member",
        "decline_membership": "member",
        "attach_document": "applicant member",
        "remove_document": "applicant member",
        "submit": "applicant",
    },
    "recommendation": {
        "accept_online": "district_officer",
        "endorse": "district_officer",
        "return_for_correction": "district_officer",
        "decline": "district_officer",
    },
    "recommendation_correction": {**_CORRECTING, "revoke_return": "district_officer"},
    "papers": {
        "attach_document": "district_officer",
        "deliver_papers": "district_officer city_officer",
        "refuse_papers": "city_officer",
    },
    "late_papers": {"accept_late_papers": "city_officer", "refuse_papers": "city_officer"},
    "formal_review": {
        "pass_review": "city_officer",
        "return_for_correction": "city_officer",
        "reject": "city_officer",
    },
    "formal_correction": {**_CORRECTING, "revoke_return": "city_officer"},
    "site_visit": {"schedule_visit": "city_officer", "record_visit": "city_officer"},
    "panel_naming": {"name_panel": "city_officer"},
    "expert_review": {
        "declare_conflict": "expert",
        "replace_expert": "city_officer",
        "name_panel": "city_officer",
        "score": "expert",
        "close_scoring": "city_officer",
    },
    "selection": {"be_selected": "system", "be_passed_over": "system"},
    "filing": {"file": "city_officer"},
}

MAY_OF_CALL: dict[str, dict[str, str]] = {
    "announced": {},
    "open": {},
    "recommending": {"select": "city_leader"},
    "under_review": {"select": "city_leader"},
    "listed": {"complete": "administrator"},
}

# Particulars that are sound at every stage, so that only stage and role decide.
SOUND: dict[str, dict[str, object]] = {
    "save_draft": {"fields": {"consortium.direction": "新材料"}},
    "invite_member": {"uscc": UNIVERSITY},
    "remove_member": {"uscc": UNIVERSITY},
    "decline_membership": {"reason": "不参加"},
    "attach_document": document("implementation_plan"),
    "remove_document": {"material": "implementation_plan"},
    "withdraw": {"reason": "撤回"},
    "extend_deadline": {"deadline": "formal_review", "until": "2024-12-31", "reason": "延期"},
    "suspend_deadline": {"deadline": "formal_review", "reason": "中止"},
    "resume_deadline": {"deadline": "formal_review", "reason": "恢复"},
    "reassign": {"officer": "lin", "reason": "出差"},
    "propose_rectification": {"items": {"consortium.direction": "新能源"}, "reason": "笔误"},
    "confirm_rectification": {"rectification": 1},
    "decline_rectification": {"rectification": 1, "reason": "无误"},
    "endorse": {"opinion": "同意"},
    "return_for_correction": RETURN,
    "decline": {"reason": "不推荐"},
    "deliver_papers": PAPERS,
    "refuse_papers": {"reason": "逾期"},
    "accept_late_papers": {"reason": "因暴雨延误"},
    "pass_review": {},
    "reject": {"reason": "不符合"},
    "schedule_visit": {"at": "2024-10-10T09:00", "team": ["甲", "乙"]},
    "record_visit": {"on": "2024-08-15", "result": "passed", "findings": "符合"},
    "name_panel": {"experts": ["e0", "e1", "e2", "e3", "e4"]},
    "declare_conflict": {"reason": "亲属任职"},
    "replace_expert": {"expert": "e0", "reason": "失联"},
    "score": {"points": "80"},
    "select": {"cases": []},
    "be_selected": {"rank": 1},
    "file": {"document_number": "岳科发〔2024〕1号", "document_date": "2024-08-28"},
}

# What each act leads to from the stage's own subject, and why not where its content is not ready yet.
LEADS_TO: dict[tuple[str, str], str] = {
    ("draft", "invite_member"): "already_a_member",
    ("draft", "confirm_membership"): "already_answered",
    ("draft", "decline_membership"): "already_answered",
    ("draft", "submit"): "recommendation",
    ("recommendation", "endorse"): "not_accepted_online",
    ("recommendation", "return_for_correction"): "recommendation_correction",
    ("recommendation", "decline"): "declined",
    ("recommendation_correction", "save_draft"): "not_listed_for_correction",
    ("recommendation_correction", "resubmit"): "recommendation",
    ("recommendation_correction", "revoke_return"): "recommendation",
    # The sound particulars are about a document of the lead unit.
    ("papers", "attach_document"): "not_your_material",
    ("papers", "deliver_papers"): "formal_review",
    ("papers", "refuse_papers"): "papers_still_in_time",
    ("late_papers", "accept_late_papers"): "formal_review",
    ("late_papers", "refuse_papers"): "not_accepted_papers",
    ("formal_review", "pass_review"): "site_visit",
    ("formal_review", "return_for_correction"): "formal_correction",
    ("formal_review", "reject"): "rejected",
    ("formal_correction", "save_draft"): "not_listed_for_correction",
    ("formal_correction", "resubmit"): "formal_review",
    ("formal_correction", "revoke_return"): "formal_review",
    ("site_visit", "record_visit"): "visit_not_scheduled",
    ("panel_naming", "name_panel"): "expert_review",
    ("expert_review", "close_scoring"): "scores_missing",
    ("selection", "be_selected"): "filing",
    ("selection", "be_passed_over"): "not_selected",
    ("filing", "file"): "filed",
    ("formal_review", "resume_deadline"): "deadline_not_suspended",
    ("formal_correction", "extend_deadline"): "deadline_suspended",
    ("formal_correction", "suspend_deadline"): "deadline_not_running",
    ("formal_correction", "resume_deadline"): "suspended_by_the_stage",
}
# The sound particulars are about the lead unit's own document.
OF_A_MEMBER = {"attach_document": "not_your_material", "remove_document": "no_such_document"}
_ON_A_DEADLINE = ("extend_deadline", "suspend_deadline", "resume_deadline")


def expected(stage: str, act: str, role: str) -> str:
    if act == "reassign":
        return _desk(stage, role)
    if act in ("confirm_rectification", "decline_rectification"):
        return "no_such_rectification"
    if act == "propose_rectification" and stage == "draft":
        return "still_a_draft"
    if (stage, act) in LEADS_TO:
        return LEADS_TO[stage, act]
    if act in _ON_A_DEADLINE and stage != "formal_review":
        return "no_such_deadline"
    return "withdrawn" if act == "withdraw" else stage


def _desk(stage: str, role: str) -> str:
    holder = PACK.application.stage[stage].holder
    if holder not in ("district", "bureau"):
        return "no_desk"
    return stage if (holder == "district") == (role == "district_officer") else "desk_of_another_unit"


def answer_of(answer: Decision | Refusal) -> str:
    if isinstance(answer, Refusal):
        return answer.code
    return answer.subject.outcome or answer.subject.stage


@pytest.mark.parametrize("stage", STAGES)
def test_each_act_of_each_role_at_each_stage_of_a_case(stage: str) -> None:
    walk = at_stage(stage)
    table = {**_EVERYWHERE, **MAY[stage]}
    for act, role in itertools.product(sorted(ACTS), EVERY_ROLE):
        answer = walk.ask(act, BY_ROLE[role], **SOUND.get(act, {}))
        if act not in table:
            wanted = "act_not_at_this_stage"
        elif role not in table[act].split():
            wanted = "role_may_not"
        else:
            wanted = OF_A_MEMBER.get(act, "") if role == "member" else ""
            wanted = wanted or expected(stage, act, role)
        assert (act, role, answer_of(answer)) == (act, role, wanted)


@pytest.mark.parametrize("stage", MAY_OF_CALL)
def test_each_act_of_each_role_at_each_stage_of_a_call(stage: str) -> None:
    walk = call_at(stage)
    leads = {"select": "listed", "complete": "completed"}
    for act, role in itertools.product(sorted(ACTS), EVERY_ROLE):
        answer = walk.ask(act, BY_ROLE[role], **SOUND.get(act, {}))
        if act not in MAY_OF_CALL[stage]:
            wanted = "act_not_at_this_stage"
        elif role not in MAY_OF_CALL[stage][act].split():
            wanted = "role_may_not"
        else:
            wanted = leads[act]
        assert (act, role, answer_of(answer)) == (act, role, wanted)


@pytest.mark.parametrize("outcome", [*OUTCOMES, "completed"])
def test_nothing_can_be_done_to_what_is_closed(outcome: str) -> None:
    walk = call_at("completed") if outcome == "completed" else ended(outcome)
    assert walk.place == outcome
    assert walk.subject.deadlines == ()
    since = walk.subject.entered_at
    assert since is not None
    for act, role in itertools.product(sorted(ACTS), EVERY_ROLE):
        answer = walk.ask(act, BY_ROLE[role], **SOUND.get(act, {}))
        if outcome != "completed" and act in AFTERWARDS:
            assert answer_of(answer) == _afterwards(outcome, act, role)
            continue
        assert isinstance(answer, Refusal)
        assert answer.code == "closed"
        assert answer.facts == {"act": act, "outcome": outcome, "since": since.isoformat()}
    assert walk.swept("2030-01-01T00:00").events == walk.events


AFTERWARDS = ("propose_rectification", "confirm_rectification", "decline_rectification")


def _afterwards(outcome: str, act: str, role: str) -> str:
    if role not in _EVERYWHERE[act].split():
        return "role_may_not"
    if act != "propose_rectification":
        return "no_such_rectification"
    return "still_a_draft" if ended(outcome).subject.application.submitted_at is None else outcome


def test_the_table_covers_every_act_of_the_pack() -> None:
    possible = {
        *_EVERYWHERE,
        *(act for acts in (*MAY.values(), *MAY_OF_CALL.values()) for act in acts),
    }
    offered = {
        path.rpartition(".")[2]
        for kind in ("call", "application")
        for path, _ in act_rules(PACK.life(kind), kind)
    }
    assert possible == offered


@pytest.mark.parametrize("stage", STAGES)
def test_an_act_that_nobody_knows_is_named(stage: str) -> None:
    refusal = at_stage(stage).refused("approve_everything", LEADER)
    assert (refusal.code, dict(refusal.facts)) == ("unknown_act", {"act": "approve_everything"})


# The same role of somewhere else: another unit, another district, another city, not on the panel.
ELSEWHERE = {
    "applicant": Actor("applicant", 101, "12100000400000624D"),
    "member": Actor("member", 102, "91430600MA4L16JQ97"),
    "district_officer": Actor("district_officer", 103, bureau="xiangyin"),
    "city_officer": Actor("city_officer", 104, bureau="changsha"),
    "city_leader": Actor("city_leader", 105, bureau="changsha"),
    "administrator": Actor("administrator", 106, bureau="changsha"),
    "expert": Actor("expert", 107, bureau="yueyang"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_the_right_role_of_the_wrong_place_is_refused(stage: str) -> None:
    for act, roles in {**_EVERYWHERE, **MAY[stage]}.items():
        for role in roles.split():
            if role == "system":
                continue
            stranger = ELSEWHERE[role]
            refusal = at_stage(stage).refused(act, stranger, **SOUND.get(act, {}))
            if role == "expert":
                assert (act, refusal.code, refusal.facts) == (act, "no_seat", {"ref": "YY2024-0001"})
                continue
            assert (act, refusal.code) == (act, "not_yours")
            assert refusal.facts == {
                "ref": "YY2024-0001",
                "role": role,
                "acting_for": stranger.organisation or stranger.bureau,
            }


def test_a_leader_of_another_city_does_not_select() -> None:
    refusal = call_at("under_review").refused("select", ELSEWHERE["city_leader"], cases=[])
    assert refusal.code == "not_yours"


@pytest.mark.parametrize("stage", STAGES)
def test_an_act_before_the_last_event_is_refused(stage: str) -> None:
    walk = at_stage(stage)
    last = walk.subject.last_at
    assert last is not None
    for act, roles in {**_EVERYWHERE, **MAY[stage]}.items():
        actor = BY_ROLE[roles.split()[0]]
        before = last.subtract(microseconds=1)
        answer = decide(walk.procedure, walk.subject, walk.facts, Act(act, actor, SOUND.get(act, {})), before)
        assert isinstance(answer, Refusal)
        assert answer.code == "clock_behind"
        assert answer.facts == {"now": before.isoformat(), "last": last.isoformat()}


def test_a_refusal_at_the_wrong_stage_says_what_is_possible_and_who_holds_the_case() -> None:
    refusal = at_stage("papers").refused("submit", BY_ROLE["applicant"])
    assert refusal.code == "act_not_at_this_stage"
    assert refusal.facts == {
        "act": "submit",
        "stage": "papers",
        "acts": [
            "attach_document",
            "confirm_rectification",
            "decline_rectification",
            "deliver_papers",
            "extend_deadline",
            "propose_rectification",
            "reassign",
            "refuse_papers",
            "resume_deadline",
            "suspend_deadline",
            "withdraw",
        ],
        "holder": "district",
    }


def test_a_refusal_of_a_role_says_which_roles_may() -> None:
    refusal = at_stage("papers").refused("deliver_papers", MEMBER, **PAPERS)
    assert refusal.facts == {
        "act": "deliver_papers",
        "stage": "papers",
        "role": "member",
        "roles": ["district_officer", "city_officer"],
    }


def test_late_drafts_name_the_clause_and_the_instant() -> None:
    walk = at_stage("draft").on("2024-08-04T18:00:00.001")
    refusal = walk.refused("submit", BY_ROLE["applicant"])
    assert refusal.code == "closed"
    assert refusal.facts == {
        "act": "submit",
        "outcome": "draft_not_accepted",
        "since": at("2024-08-04T18:00").isoformat(),
    }


def test_members_attach_and_remove_their_own_documents_only() -> None:
    walk = at_stage("draft")
    added = walk.do("attach_document", MEMBER, **document("cooperation_agreement", digest="a" * 64))
    assert [(each.material, each.owner, each.digest[0]) for each in added.subject.application.documents] == [
        ("application_form", LEAD, "0"),
        ("implementation_plan", LEAD, "0"),
        ("cooperation_agreement", UNIVERSITY, "a"),
    ]
    assert walk.refused("remove_document", MEMBER, material="application_form").code == "no_such_document"


def test_a_form_field_cannot_be_saved_by_the_authorities() -> None:
    for actor in (DISTRICT, OFFICER, LEADER, EXPERTS[0]):
        assert at_stage("draft").refused("save_draft", actor, fields=FORM).code == "role_may_not"
