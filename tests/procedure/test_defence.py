"""The defence has its time and place, is heard by a quorum, and only who heard it scores."""

from typing import Any

import pytest

from procedure.panel import late
from procedure.subject import Defence, dump, load
from tests.procedure import panel_pack
from tests.procedure.panel_case import drawn, expert, pool, scored, told
from tests.procedure.yueyang_walk import OFFICER, Walk, at, replayed

WHEN = {"at": "2024-09-02T09:00", "place": "三楼会议室", "position": 2}
PRESENT = {"attended": True, "present": ["e4", "e3"]}
STAGE = panel_pack.procedure().application.stage["defence"]


def at_the_defence(size: int = 7, **settings: Any) -> Walk:
    """A case whose expert review is closed; its panel is 4, 3 and 7."""
    walk = drawn(pool(size), panel_pack.procedure(**settings))
    seats = walk.subject.application.panel
    walk = scored(walk, **{f"p{person}": "80" for person in seats}).do("close_scoring", OFFICER)
    assert (walk.place, walk.subject.application.means) == ("defence", {"expert_review": 8000})
    return walk


def scheduled(**settings: Any) -> Walk:
    return at_the_defence(**settings).do("schedule_defence", OFFICER, **WHEN).on("2024-09-02T09:00")


def held(**settings: Any) -> Walk:
    return scheduled(**settings).do("record_defence", OFFICER, **PRESENT)


class TestItsTime:
    def test_it_is_set_with_place_and_position(self):
        walk = at_the_defence().do("schedule_defence", OFFICER, **WHEN)
        assert walk.events[-1].data == {
            "at": "2024-09-02T09:00:00+08:00",
            "place": "三楼会议室",
            "position": 2,
        }
        assert walk.subject.application.defence == Defence(at("2024-09-02T09:00"), "三楼会议室", 2)
        assert told(walk) == [("defence_scheduled", ("applicant", "panel"))]

    def test_it_may_be_changed_until_it_is_held(self):
        walk = scheduled().do("schedule_defence", OFFICER, at="2024-09-03T14:00", place="二楼", position=1)
        assert walk.subject.application.defence == Defence(at("2024-09-03T14:00"), "二楼", 1)
        refusal = held().refused("schedule_defence", OFFICER, **WHEN | {"at": "2024-09-05T09:00"})
        assert (refusal.code, refusal.facts) == (
            "defence_held",
            {"at": "2024-09-02T09:00:00+08:00", "present": 2},
        )

    @pytest.mark.parametrize(
        ("change", "code", "facts"),
        [
            ({"at": "morgen"}, "bad_time", {"field": "at", "value": "morgen"}),
            (
                {"at": "2024-08-21T09:00"},
                "time_has_passed",
                {"field": "at", "value": "2024-08-21T09:00:00+08:00", "now": "2024-08-21T09:00:00+08:00"},
            ),
            (
                {"position": 3},
                "position_taken",
                {"position": 3, "day": "2024-09-02", "case": "YY2024-0009"},
            ),
        ],
    )
    def test_what_it_cannot_be(self, change: dict[str, Any], code: str, facts: dict[str, Any]):
        walk = at_the_defence().knowing(defences={3: "YY2024-0009"})
        refusal = walk.refused("schedule_defence", OFFICER, **WHEN | change)
        assert (refusal.code, refusal.facts) == (code, facts)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"position": 0}, "position"),
            ({"position": 1001}, "position"),
            ({"place": " "}, "place"),
            ({"place": "楼" * 201}, "place"),
            ({"chair": "e1"}, "chair"),
        ],
    )
    def test_particulars_out_of_bounds_are_named(self, change: dict[str, Any], field: str):
        refusal = at_the_defence().refused("schedule_defence", OFFICER, **WHEN | change)
        assert (refusal.code, [each["field"] for each in refusal.facts["problems"]]) == (
            "bad_particulars",
            [field],
        )


class TestHowItWent:
    def test_a_quorum_heard_it(self):
        walk = scheduled().do("record_defence", OFFICER, **PRESENT, note="陈述二十分钟")
        assert walk.events[-1].data == {"attended": True, "present": [4, 3], "note": "陈述二十分钟"}
        assert walk.place == "defence"
        assert walk.subject.application.defence == Defence(
            at("2024-09-02T09:00"), "三楼会议室", 2, attended=True, present=(4, 3)
        )
        assert load(dump(walk.subject)) == walk.subject == replayed(walk.blank, walk.events)

    @pytest.mark.parametrize(
        ("present", "code", "facts"),
        [
            (["e4"], "quorum_missing", {"needed": 2, "present": 1}),
            (["e4", "e4"], "quorum_missing", {"needed": 2, "present": 1}),
            (["e4", "nobody"], "unknown_expert", {"experts": ["nobody"]}),
            (["e4", "e1"], "not_on_the_panel", {"experts": ["e1"]}),
        ],
    )
    def test_who_cannot_have_heard_it(self, present: list[str], code: str, facts: dict[str, Any]):
        refusal = scheduled().refused("record_defence", OFFICER, attended=True, present=present)
        assert (refusal.code, refusal.facts) == (code, facts)

    def test_nor_can_who_is_excluded_from_the_case(self):
        walk = scheduled().do("declare_conflict", expert(4), reason="亲属任职")
        refusal = walk.refused("record_defence", OFFICER, **PRESENT)
        assert (refusal.code, refusal.facts) == ("excluded_from_case", {"experts": ["e4"]})
        walk = walk.do("record_defence", OFFICER, attended=True, present=["e3", "e1"])
        assert walk.subject.application.defence is not None
        assert walk.subject.application.defence.present == (3, 1)

    def test_not_before_its_time_and_not_unscheduled_and_not_twice(self):
        walk = at_the_defence()
        assert walk.refused("record_defence", OFFICER, **PRESENT).facts == {"needed": "schedule_defence"}
        refusal = scheduled().on("2024-09-02T08:59:59").refused("record_defence", OFFICER, **PRESENT)
        assert (refusal.code, refusal.facts) == (
            "time_ahead",
            {"field": "at", "value": "2024-09-02T09:00:00+08:00", "now": "2024-09-02T08:59:59+08:00"},
        )
        assert held().refused("record_defence", OFFICER, **PRESENT).code == "defence_held"

    def test_who_does_not_come_ends_the_case_where_the_pack_says_so(self):
        walk = scheduled().do("record_defence", OFFICER, attended=False, note="无人到场")
        assert walk.place == "defence_missed"

    def test_or_gets_another_date(self):
        walk = scheduled(second_date=True).do("record_defence", OFFICER, attended=False)
        assert walk.place == "defence"
        assert walk.refused("record_defence", OFFICER, **PRESENT).code == "defence_not_scheduled"
        assert walk.refused("score", expert(4), points="90").code == "defence_not_held"
        again = {"at": "2024-09-09T09:00", "place": "三楼会议室", "position": 1}
        walk = walk.do("schedule_defence", OFFICER, **again).on("2024-09-09T10:00")
        walk = walk.do("record_defence", OFFICER, **PRESENT)
        assert walk.subject.application.defence == Defence(
            at("2024-09-09T09:00"), "三楼会议室", 1, attended=True, present=(4, 3)
        )


class TestItsScores:
    def test_who_heard_it_scores_and_the_mean_decides(self):
        walk = scored(held(), p4="69.99", p3="70")
        assert walk.do("close_scoring", OFFICER).place == "selection"
        walk = scored(walk, p3="69.98").do("close_scoring", OFFICER)
        assert walk.place == "below_pass_mark"
        record = walk.subject.application
        assert (record.means, record.mean) == ({"expert_review": 8000, "defence": 6999}, 6999)
        assert [(each.stage, each.expert) for each in record.scores] == [
            ("expert_review", 4),
            ("expert_review", 3),
            ("expert_review", 7),
            ("defence", 4),
            ("defence", 3),
        ]
        assert replayed(walk.blank, walk.events) == walk.subject

    def test_who_did_not_hear_it_does_not(self):
        refusal = held().refused("score", expert(7), points="90")
        assert (refusal.code, refusal.facts) == ("not_at_the_defence", {"experts": 2})
        assert scheduled().refused("score", expert(4), points="90").facts == {"needed": "record_defence"}
        assert at_the_defence().refused("score", expert(4), points="90").code == "defence_not_held"

    def test_who_is_late_is_who_heard_it_and_has_not_scored(self):
        def late_now(walk: Walk) -> tuple[int, ...]:
            return late(STAGE, walk.subject.application)

        assert late_now(scheduled()) == ()
        assert late_now(held()) == (4, 3)
        assert late_now(scored(held(), p4="80")) == (3,)
        review = panel_pack.procedure().application.stage["expert_review"]
        assert late(review, scored(drawn(pool(7)), p3="80").subject.application) == (4, 7)

    def test_when_too_few_are_left_to_score_it_is_held_again(self):
        walk = scored(held(), p4="90").do("declare_conflict", expert(3), reason="亲属任职")
        assert walk.subject.application.panel == (4, 7, 1)
        assert walk.refused("close_scoring", OFFICER).facts == {"needed": 2, "given": 1}
        assert walk.refused("score", expert(1), points="80").code == "not_at_the_defence"
        again = {"at": "2024-09-09T09:00", "place": "三楼会议室", "position": 1}
        walk = walk.do("schedule_defence", OFFICER, **again).on("2024-09-09T10:00")
        assert {each.stage for each in walk.subject.application.scores} == {"expert_review"}
        walk = walk.do("record_defence", OFFICER, attended=True, present=["e4", "e7", "e1"])
        walk = scored(walk, p4="70", p7="80", p1="90").do("close_scoring", OFFICER)
        assert (walk.place, walk.subject.application.means["defence"]) == ("selection", 8000)
        assert replayed(walk.blank, walk.events) == walk.subject

    def test_with_the_trim_it_is_held_again_sooner(self):
        walk = scheduled(panel_size=5, scores_needed=2, trim=1, defence_quorum=4)
        walk = walk.do("record_defence", OFFICER, attended=True, present=["e4", "e3", "e7", "e1"])
        later = WHEN | {"at": "2024-09-09T09:00"}
        assert walk.refused("schedule_defence", OFFICER, **later).code == "defence_held"
        walk = walk.do("declare_conflict", expert(7), reason="亲属任职")
        assert walk.do("schedule_defence", OFFICER, **later).place == "defence"

    def test_once_closed_nothing_is_set_anew(self):
        walk = scored(held(), p4="80", p3="80")
        closed = walk.do("close_scoring", OFFICER)
        assert closed.place == "selection"
        assert closed.refused("schedule_defence", OFFICER, **WHEN).code == "act_not_at_this_stage"
