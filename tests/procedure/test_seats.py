"""A seat on the panel changes hands by a declared conflict or a replacement, and the record proves it."""

from dataclasses import replace
from typing import Any

import pytest

from procedure.act import Actor, Expert, LastAct
from procedure.draw import Difference, NotDrawn, prove
from procedure.event import Event
from tests.procedure import panel_pack
from tests.procedure.panel_case import (
    ORDER,
    SEED,
    before_the_panel,
    drawn,
    expert,
    lots,
    moved_to,
    pool,
    scored,
    told,
    waiting,
    without,
)
from tests.procedure.yueyang_walk import LEAD, OFFICER, Walk, replayed


class TestAConflict:
    def test_the_next_by_lot_takes_the_seat_and_the_score_counts_no_more(self):
        walk = scored(drawn(pool(7)), p4="90", p3="80")
        walk = walk.do("declare_conflict", expert(4), reason="曾与牵头单位合作")
        assert walk.events[-1].data == {
            "expert": 4,
            "reason": "曾与牵头单位合作",
            "stage": "expert_review",
            "released": [4],
            "seated": [1],
            "standing": [{"person": person, "load": 0} for person in (1, 6, 2, 5)],
            "passed_over": [],
        }
        record = walk.subject.application
        assert (record.panel, record.barred, [each.expert for each in record.scores]) == (
            (3, 7, 1),
            (4,),
            [3],
        )
        assert [event.data["score"] for event in walk.events if event.kind == "scored"] == [9000, 8000]
        assert told(walk) == [
            ("to_score", ("seated_experts",)),
            ("seat_changed", ("bureau", "released_experts")),
        ]
        walk = scored(walk, p7="80", p1="80").do("close_scoring", OFFICER)
        assert (walk.place, walk.subject.application.means) == ("defence", {"expert_review": 8000})
        assert replayed(walk.blank, walk.events) == walk.subject

    def test_who_declared_one_has_no_part_in_the_case_any_more(self):
        walk = drawn(pool(7)).do("declare_conflict", expert(4), reason="曾与牵头单位合作")
        for act, payload in (("score", {"points": "90"}), ("declare_conflict", {"reason": "再次"})):
            refusal = walk.refused(act, expert(4), **payload)
            assert (refusal.code, refusal.facts) == ("excluded_from_case", {"ref": "YY2024-0001"})
        refusal = walk.refused("score", expert(5), points="90")
        assert (refusal.code, refusal.facts) == ("no_seat", {"ref": "YY2024-0001"})

    def test_who_is_no_longer_eligible_is_passed_over_with_the_reason(self):
        walk = without(drawn(pool(7)), 1)
        changed = tuple(replace(each, ties=(LEAD,)) if each.person == 6 else each for each in walk.facts.pool)
        walk = walk.knowing(pool=changed).do("declare_conflict", expert(3), reason="亲属任职")
        assert walk.events[-1].data["passed_over"] == [
            {"person": 1, "excluded": "not_in_pool"},
            {"person": 6, "excluded": "tie", "party": LEAD},
        ]
        assert walk.subject.application.panel == (4, 7, 2)

    def test_who_has_been_given_more_cases_since_the_draw_is_spared(self):
        busy = tuple(replace(each, load={1: 2, 6: 1, 5: 1}.get(each.person, 0)) for each in pool(7))
        walk = drawn(pool(7)).knowing(pool=busy)
        takers = []
        for gone in (7, 4, 3):
            walk = walk.do("declare_conflict", expert(gone), reason="亲属任职")
            takers += walk.events[-1].data["seated"]
        assert takers == [2, 6, 5]
        assert walk.events[-1].data["standing"] == [{"person": 1, "load": 2}, {"person": 5, "load": 1}]
        assert prove("YY2024-0001", walk.events).differences == ()

    def test_one_cleared_at_the_draw_stays_cleared(self):
        named = Expert(8, "张三", active=True, handle="zhang", load=1)
        walk = waiting(pool(3, named)).do("draw_panel", OFFICER, cleared={"zhang": "同名"})
        assert walk.subject.application.order[3] == 8
        walk = walk.do("declare_conflict", expert(1), reason="亲属任职")
        assert set(walk.subject.application.panel) == {2, 3, 8}

    def test_with_nobody_left_the_seat_stays_empty_and_the_bureau_is_told(self):
        walk = drawn(pool(3)).do("declare_conflict", expert(1), reason="亲属任职")
        assert (walk.events[-1].data["seated"], set(walk.subject.application.panel)) == ([], {2, 3})
        assert told(walk) == [("seat_empty", ("bureau",))]

    def test_an_empty_seat_is_drawn_for_with_the_same_seed_once_the_pool_has_grown(self):
        walk = drawn(pool(3)).do("declare_conflict", expert(1), reason="亲属任职")
        assert walk.refused("draw_panel", OFFICER).facts == {
            "needed": 1,
            "eligible": 0,
            "pool": 3,
            "excluded": {"barred": 1, "seated": 2},
            "unclear": [],
        }
        seats = set(walk.subject.application.panel)
        grown = walk.knowing(pool=pool(7), entropy="f" * 32).do("draw_panel", OFFICER)
        taker = lots(SEED, "YY2024-0001", [4, 5, 6, 7])[0]
        assert (grown.events[-1].data["seed"], grown.events[-1].data["seated"]) == (SEED, [taker])
        assert set(grown.subject.application.panel) == {*seats, taker}
        assert prove("YY2024-0001", grown.events).differences == ()
        assert grown.refused("draw_panel", OFFICER).code == "already_drawn"

    def test_after_the_scores_are_closed_it_is_too_late(self):
        walk = scored(drawn(pool(7)), p4="80", p3="80", p7="80").do("close_scoring", OFFICER)
        walk = moved_to(walk, "expert_review")
        refusals = [
            walk.refused("declare_conflict", expert(4), reason="亲属任职"),
            walk.refused("replace_expert", OFFICER, expert="e4", reason="失联"),
            walk.refused("score", expert(4), points="60"),
            walk.refused("close_scoring", OFFICER),
        ]
        closed = ("scores_closed", {"stage": "expert_review", "mean": 8000})
        assert [(each.code, each.facts) for each in refusals] == [closed] * 4

    def test_at_a_later_stage_what_was_closed_before_stays(self):
        walk = scored(drawn(pool(7)), p4="90", p3="80", p7="70").do("close_scoring", OFFICER)
        walk = walk.do("declare_conflict", expert(4), reason="亲属任职")
        record = walk.subject.application
        assert (record.panel, record.means) == ((3, 7, 1), {"expert_review": 8000})
        assert [(each.expert, each.score) for each in record.scores] == [(4, 9000), (3, 8000), (7, 7000)]

    def test_a_panel_named_by_hand_has_no_order_to_follow(self):
        walk = waiting(pool(7)).do("name_panel", OFFICER, experts=["e1", "e2", "e5"])
        walk = scored(walk, p1="90", p2="80").do("declare_conflict", expert(1), reason="亲属任职")
        assert walk.subject.application.panel == (2, 5)
        walk = moved_to(walk, "panel_naming")
        refusal = walk.refused("name_panel", OFFICER, experts=["e1", "e2", "e5"])
        assert refusal.facts["experts"][0]["because"] == "barred"
        refusal = walk.refused("name_panel", OFFICER, experts=["e3", "e4", "e5"])
        assert (refusal.code, refusal.facts) == ("scoring_has_begun", {"scores": 1})
        walk = walk.do("name_panel", OFFICER, experts=["e2", "e3", "e5"])
        assert (walk.subject.application.panel, len(walk.subject.application.scores)) == ((2, 3, 5), 1)


class TestAReplacement:
    def test_it_takes_the_same_way_and_bars_who_is_replaced(self):
        walk = drawn(pool(7)).do("replace_expert", OFFICER, expert="e7", reason="三次电话未接")
        assert walk.events[-1].kind == "expert_replaced"
        assert (walk.subject.application.panel, walk.subject.application.barred) == ((4, 3, 1), (7,))
        assert walk.refused("score", expert(7), points="90").code == "excluded_from_case"
        walk = walk.do("replace_expert", OFFICER, expert="e1", reason="出国")
        assert walk.subject.application.panel == (4, 3, 6)

    @pytest.mark.parametrize(
        ("handle", "code", "facts"),
        [
            ("nobody", "unknown_expert", {"experts": ["nobody"]}),
            ("e1", "not_on_the_panel", {"experts": ["e1"]}),
            ("e4", "already_scored", {"expert": "e4"}),
        ],
    )
    def test_it_is_for_one_who_has_a_seat_and_has_not_scored(
        self, handle: str, code: str, facts: dict[str, Any]
    ):
        walk = scored(drawn(pool(7)), p4="10")
        refusal = walk.refused("replace_expert", OFFICER, expert=handle, reason="失联")
        assert (refusal.code, refusal.facts) == (code, facts)

    @pytest.mark.parametrize(
        ("change", "ground"),
        [({"ties": (LEAD,)}, "tie"), ({"employer": LEAD}, "employer")],
    )
    def test_one_who_has_scored_and_turns_out_to_be_tied_is_replaced_before_the_scores_are_closed(
        self, change: dict[str, Any], ground: str
    ):
        walk = scored(drawn(pool(7)), p4="90", p3="80", p7="70")
        experts = tuple(replace(each, **change) if each.person == 4 else each for each in walk.facts.pool)
        walk = walk.knowing(
            pool=experts,
            experts={each.handle: each for each in experts},
            seated=tuple(each for each in experts if each.person in (3, 4, 7)),
        )
        refusal = walk.refused("close_scoring", OFFICER)
        assert (refusal.code, refusal.facts) == (
            "expert_tied",
            {"experts": [{"expert": "e4", "name": "专家4", "because": ground, "party": LEAD}]},
        )
        assert walk.refused("replace_expert", OFFICER, expert="e3", reason="失联").code == "already_scored"
        walk = walk.do("replace_expert", OFFICER, expert="e4", reason="与牵头单位有关联")
        assert (walk.subject.application.panel, walk.subject.application.barred) == ((3, 7, 1), (4,))
        walk = scored(walk, p1="90").do("close_scoring", OFFICER)
        assert walk.subject.application.means == {"expert_review": 8000}

    def test_a_mere_name_is_no_such_tie(self):
        walk = scored(drawn(pool(7)), p4="90", p3="80", p7="70")
        namesake = tuple(replace(each, name="张三") if each.person == 4 else each for each in walk.facts.pool)
        walk = walk.knowing(experts={each.handle: each for each in namesake}, seated=namesake)
        assert walk.refused("replace_expert", OFFICER, expert="e4", reason="同名").code == "already_scored"
        assert walk.do("close_scoring", OFFICER).place == "defence"

    def test_it_needs_a_reason(self):
        refusal = drawn(pool(7)).refused("replace_expert", OFFICER, expert="e4", reason="")
        assert [each["field"] for each in refusal.facts["problems"]] == ["reason"]


def taking_back(procedure: dict[str, Any]) -> None:
    """Let the formal review lead straight to the draw, and everything of the panel be taken back."""
    life = procedure["application"]
    life["everywhere"]["take_back"] = {"roles": ["city_officer", "expert"]}
    for stage in ("formal_review", "panel_naming", "expert_review"):
        for rule in panel_pack.part(life["stages"], stage)["acts"].values():
            rule["may_be_taken_back"] = True
    panel_pack.part(life["stages"], "formal_review")["acts"]["pass_review"]["to"] = "panel_naming"


class TestTakingBack:
    PROCEDURE = panel_pack.built(taking_back).procedure

    def done(self, walk: Walk, act: str, actor: Actor, **payload: Any) -> Walk:
        return walk.do(act, actor, **payload).knowing(last=LastAct(act, actor.person or 0, walk.subject))

    def test_the_seed_stays_when_the_act_that_fixed_it_is_taken_back(self):
        walk = moved_to(before_the_panel(pool(7), self.PROCEDURE), "formal_review")
        findings = dict.fromkeys((rule.id for rule in self.PROCEDURE.rules), "met")
        passed = self.done(walk, "pass_review", OFFICER, findings=findings)
        back = passed.do("take_back", OFFICER, reason="漏看一项").knowing(entropy="f" * 32)
        assert (back.place, back.subject.application.seed) == ("formal_review", SEED)
        again = back.do("pass_review", OFFICER, findings=findings)
        assert (again.place, again.subject.application.seed) == ("panel_naming", SEED)
        assert "seed" not in again.events[-1].data

    def test_no_draw_no_change_of_seats_and_no_closing_is_taken_back(self):
        walk = waiting(pool(7), self.PROCEDURE)
        draw = self.done(walk, "draw_panel", OFFICER)
        conflict = self.done(draw, "declare_conflict", expert(4), reason="亲属任职")
        replaced = self.done(draw, "replace_expert", OFFICER, expert="e4", reason="失联")
        given = scored(draw, p4="80", p3="80", p7="80")
        closing = self.done(given, "close_scoring", OFFICER)
        for after, actor in ((draw, OFFICER), (replaced, OFFICER), (closing, OFFICER)):
            assert after.refused("take_back", actor, reason="改主意").code == "act_stands"
        assert conflict.refused("take_back", expert(4), reason="改主意").code == "excluded_from_case"


class TestTheProof:
    def test_it_replays_draw_and_changes_from_the_events_alone(self):
        walk = without(drawn(pool(7)), 1)
        walk = walk.do("declare_conflict", expert(3), reason="亲属任职")
        walk = walk.do("replace_expert", OFFICER, expert="e4", reason="失联")
        proof = prove("YY2024-0001", walk.events)
        assert (proof.seed, proof.fixed_by, proof.order) == (SEED, 8, ORDER)
        assert proof.panel == walk.subject.application.panel == (7, 6, 2)
        assert proof.differences == ()

    def test_a_case_without_a_drawn_panel_has_none(self):
        with pytest.raises(NotDrawn):
            prove("YY2024-0001", waiting(pool(7)).events)

    @pytest.mark.parametrize(
        ("kind", "change", "differences"),
        [
            (
                "visit_recorded",
                {"seed": "f" * 32},
                [
                    Difference(9, "other_seed", SEED, "f" * 32),
                    Difference(9, "other_order", list(ORDER), [3, 6, 4, 1, 7, 5, 2]),
                    Difference(9, "other_seats", [4, 3, 7], [3, 6, 4]),
                    Difference(10, "other_successor", [1], [7]),
                ],
            ),
            ("visit_recorded", {"seed": None}, [Difference(9, "seed_not_fixed_before", 9, None)]),
            (
                "panel_drawn",
                {"seated": [4, 3, 5]},
                [Difference(9, "other_seats", [4, 3, 5], [4, 3, 7])],
            ),
            (
                "panel_drawn",
                {"order": [*ORDER[:5], 5, 2]},
                [Difference(9, "other_order", [4, 3, 7, 1, 6, 5, 2], list(ORDER))],
            ),
            ("conflict_declared", {"seated": [6]}, [Difference(10, "other_successor", [6], [1])]),
            (
                "conflict_declared",
                {"passed_over": [{"person": 1}]},
                [Difference(10, "other_successor", [1], [6])],
            ),
            (
                "conflict_declared",
                {"seated": [6], "standing": [{"person": 6, "load": 0}]},
                [Difference(10, "other_successor", [6], [1])],
            ),
            (
                "conflict_declared",
                {"standing": [{"person": 1, "load": 1}, *({"person": n, "load": 0} for n in (6, 2, 5))]},
                [Difference(10, "other_successor", [1], [6])],
            ),
            # As it was recorded before loads were counted again.
            ("conflict_declared", {"standing": None}, []),
            (
                "conflict_declared",
                {"standing": None, "seated": [6]},
                [Difference(10, "other_successor", [6], [1])],
            ),
        ],
    )
    def test_it_names_what_is_not_as_the_rules_give_it(
        self, kind: str, change: dict[str, Any], differences: list[Difference]
    ):
        walk = drawn(pool(7)).do("declare_conflict", expert(3), reason="亲属任职")
        events = [
            replace(event, data=changed(event.data, change)) if event.kind == kind else event
            for event in walk.events
        ]
        assert list(prove("YY2024-0001", events).differences) == differences

    def test_a_panel_named_after_the_draw_is_a_difference(self):
        walk = drawn(pool(7))
        named = Event(10, "panel_named", walk.now, {"experts": [1, 2, 5]})
        assert prove("YY2024-0001", (*walk.events, named)).differences == (
            Difference(10, "named_by_hand", [1, 2, 5], [4, 3, 7]),
        )


def changed(data: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**data, **change}.items() if value is not None}
