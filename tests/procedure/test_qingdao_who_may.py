"""Who may do what at each stage of Qingdao's procedure, compared with a table written by hand."""

import itertools

import pytest

from procedure.act import Actor, Refusal
from procedure.acts import ACTS
from procedure.definition import act_rules
from tests.procedure.qingdao_walk import (
    ADMIN,
    APPLICANT,
    DISTRICT,
    LEADER,
    MEMBER,
    OFFICER,
    OPERATIONS,
    OUTCOMES,
    PACK,
    STAGES,
    SYSTEM,
    at_stage,
    call_at,
    ended,
    expert,
)
from tests.procedure.yueyang_walk import replayed

CALL_ACTS = {
    "select": "city_leader",
    "publish_list": "city_officer",
    "change_list": "city_leader",
    "complete": "administrator",
}
EVERYWHERE = {
    "withdraw": "applicant",
    "take_back": "district_officer city_officer",
    "lodge_objection": "city_officer",
    "extend_deadline": "city_leader",
    "suspend_deadline": "city_leader",
    "resume_deadline": "city_leader",
    "reassign": "district_officer city_officer city_leader",
    "propose_rectification": "city_officer",
    "confirm_rectification": "city_officer city_leader",
    "decline_rectification": "city_officer city_leader",
}
AFTERWARDS = {"propose_rectification", "confirm_rectification", "decline_rectification"}
CORRECTING = {
    "save_draft": "applicant",
    "attach_document": "applicant member",
    "remove_document": "applicant member",
    "resubmit": "applicant",
}
PANEL = {
    "draw_panel": "city_officer",
    "score": "expert",
    "declare_conflict": "expert",
    "replace_expert": "city_officer",
    "close_scoring": "city_officer",
}
ON_THE_LIST = {"be_struck": "system", "be_republished": "system"}
MAY = {
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
    "first_review": dict.fromkeys(
        ("accept_online", "endorse", "return_for_correction", "decline"), "district_officer"
    ),
    "first_correction": {**CORRECTING, "revoke_return": "district_officer"},
    "formal_review": dict.fromkeys(
        ("waive_rule", "revoke_waiver", "pass_review", "return_for_correction", "reject"), "city_officer"
    ),
    "formal_correction": {**CORRECTING, "revoke_return": "city_officer"},
    "panel_drawing": {"draw_panel": "city_officer"},
    "expert_review": PANEL,
    "site_visit": {"schedule_visit": "city_officer", "record_visit": "city_officer"},
    "defence": {**PANEL, "schedule_defence": "city_officer", "record_defence": "city_officer"},
    "selection": {"be_selected": "system", "be_passed_over": "system"},
    "proposed": {"be_published": "system"},
    "publicity": ON_THE_LIST,
    "objection": {**ON_THE_LIST, "decide_objection": "city_leader"},
    "filing": {"file": "city_officer"},
}


def actors(stage: str) -> dict[str, Actor]:
    panel = at_stage(stage).subject.application.panel
    known = (APPLICANT, MEMBER, DISTRICT, OFFICER, LEADER, ADMIN, OPERATIONS, SYSTEM)
    return {actor.role: actor for actor in (*known, expert(panel[0] if panel else 10))}


@pytest.mark.parametrize("stage", STAGES)
def test_each_act_of_each_role_at_each_stage_of_a_case(stage: str) -> None:
    walk, table, by_role = at_stage(stage), {**EVERYWHERE, **MAY[stage]}, actors(stage)
    assert walk.place == stage
    for act, (role, actor) in itertools.product(sorted(ACTS), by_role.items()):
        # Whoever may act is told what is missing; particulars are judged only then.
        answer = walk.ask(act, actor, surplus=1)
        assert isinstance(answer, Refusal)
        if act not in table:
            wanted = "act_not_at_this_stage"
        else:
            wanted = "bad_particulars" if role in table[act].split() else "role_may_not"
        assert (act, role, answer.code) == (act, role, wanted)


@pytest.mark.parametrize("stage", ["open", "listed"])
def test_each_act_of_each_role_of_the_call(stage: str) -> None:
    walk = call_at(stage)
    for act, (role, actor) in itertools.product(sorted(ACTS), actors("formal_review").items()):
        answer = walk.ask(act, actor, surplus=1)
        assert isinstance(answer, Refusal)
        if act not in CALL_ACTS:
            wanted = "act_not_at_this_stage"
        else:
            wanted = "bad_particulars" if role == CALL_ACTS[act] else "role_may_not"
        assert (act, role, answer.code) == (act, role, wanted)


@pytest.mark.parametrize("outcome", [*OUTCOMES, "completed"])
def test_nothing_can_be_done_to_what_is_closed_and_replay_gives_the_same(outcome: str) -> None:
    walk = call_at("completed") if outcome == "completed" else ended(outcome)
    assert (walk.place, walk.subject.deadlines) == (outcome, ())
    for act, actor in itertools.product(sorted(ACTS), actors("formal_review").values()):
        answer = walk.ask(act, actor)
        assert isinstance(answer, Refusal)
        if outcome != "completed" and act in AFTERWARDS:
            assert answer.code in ("role_may_not", "bad_particulars")
            continue
        assert answer.code == "closed"
    assert replayed(walk.blank, walk.events) == walk.subject


def test_the_table_covers_every_stage_and_every_act_of_the_pack() -> None:
    assert set(MAY) == set(STAGES) == set(PACK.application.stage)
    possible = {*EVERYWHERE, *CALL_ACTS, *(act for acts in MAY.values() for act in acts)}
    assert possible == {
        path.rpartition(".")[2]
        for kind in ("call", "application")
        for path, _ in act_rules(PACK.life(kind), kind)
    }


def test_every_outcome_but_a_setting_away_is_reached() -> None:
    assert {*OUTCOMES, "not_filed"} == set(PACK.application.outcome)
