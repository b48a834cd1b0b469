"""A case is laid on another desk of the unit that holds it, and leaves it with the stage."""

import json
from pathlib import Path

from yueyang_walk import DISTRICT, LEADER, OFFICER, at_stage

from procedure import event
from procedure.machine import replay
from procedure.subject import dump

GIVE = {"officer": "lin", "reason": "经办人出差"}


def test_the_desk_is_that_of_the_stage_alone() -> None:
    walk = at_stage("formal_review").do("reassign", LEADER, **GIVE)
    assert walk.subject.application.desk == 30
    happened = walk.events[-1]
    assert happened.data == {"to": 30, "from": None, "role": "city_officer", "reason": "经办人出差"}
    assert (happened.stage, happened.outcome, happened.clock) == (None, None, ())
    assert [(told.text, told.to) for told in happened.told] == [("reassigned", ("assignee",))]
    assert replay(walk.events) == walk.subject
    assert walk.do("pass_review", OFFICER).subject.application.desk is None


def test_others_of_the_role_may_still_act() -> None:
    walk = at_stage("recommendation").do("reassign", DISTRICT, **GIVE)
    assert walk.do("decline", DISTRICT, reason="不推荐").place == "declined"


def test_who_cannot_take_the_case_is_named() -> None:
    walk = at_stage("formal_review")
    refused = walk.refused("reassign", OFFICER, **{**GIVE, "officer": "nobody"})
    assert (refused.code, refused.facts["officers"]) == ("unknown_officer", ["away", "lin"])
    refused = walk.refused("reassign", OFFICER, **{**GIVE, "officer": "away"})
    assert (refused.code, refused.facts) == ("officer_absent", {"officer": "何", "substitute": "林"})
    given = walk.do("reassign", OFFICER, **GIVE)
    assert given.refused("reassign", OFFICER, **GIVE).code == "on_this_desk_already"
    problems = walk.refused("reassign", OFFICER, officer="lin", reason=" ").facts["problems"]
    assert [(each["field"], each["code"]) for each in problems] == [("reason", "string_too_short")]


def test_a_case_without_a_desk_is_written_as_before() -> None:
    assert "desk" not in json.loads(dump(at_stage("formal_review").subject))["record"]
    folder = Path(__file__).parents[1] / "golden" / "yueyang-2024"
    content = json.loads((folder / "case-filed.json").read_text(encoding="utf-8"))
    events = [event.load(json.dumps(each["event"]), each["personal"]) for each in content["events"]]
    assert replay(events).application.desk is None
