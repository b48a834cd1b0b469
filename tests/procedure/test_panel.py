"""The panel is drawn from a seed fixed before, without anybody tied to the case, and can be drawn again."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedure.act import Actor, Decision, Expert, PartyPerson, Refusal
from procedure.draw import prove, replay
from procedure.event import Event
from procedure.machine import begin, evolve
from procedure.panel import Exclusion, Parties
from procedure.subject import Application, Deadline, Member, dump, load
from tests.procedure import panel_pack
from tests.procedure.panel_case import (
    DIGEST,
    FORM,
    MEMBERS,
    ORDER,
    OTHER_DIGEST,
    PACK,
    SEED,
    before_the_panel,
    drawn,
    lots,
    moved_to,
    pool,
    told,
    waiting,
)
from tests.procedure.yueyang_walk import APPLICANT, LEAD, OFFICER, STRANGER, UNIVERSITY, Walk, at, replayed


class TestTheSeed:
    def test_it_is_fixed_on_entering_the_stage_and_stands_in_that_event(self):
        walk = before_the_panel(pool(7))
        assert walk.subject.application.seed is None
        walk = walk.do("record_visit", OFFICER, on="2024-08-20", result="passed", findings="符合条件")
        assert (walk.place, walk.events[-1].data["seed"]) == ("panel_naming", SEED)
        assert walk.subject.application.seed == SEED

    def test_entering_again_never_changes_it(self):
        walk = moved_to(waiting(pool(7)), "site_visit").knowing(entropy="f" * 32)
        again = walk.do("record_visit", OFFICER, on="2024-08-20", result="passed", findings="复核")
        assert ("seed" in again.events[-1].data, again.subject.application.seed) == (False, SEED)

    def test_no_later_event_changes_it(self):
        subject = waiting(pool(7)).subject
        later = Event(subject.version + 1, "started", at("2024-08-22T09:00"), {"seed": "f" * 32})
        assert evolve(subject, later).application.seed == SEED

    def test_a_stage_that_does_not_seed_fixes_none(self):
        walk = before_the_panel(pool(7)).do(
            "schedule_visit", OFFICER, at="2024-08-22T09:00", team=["考察员甲", "考察员乙"]
        )
        assert walk.subject.application.seed is None

    def test_a_case_that_begins_at_such_a_stage_has_it_from_its_first_event(self):
        walk = before_the_panel(pool(7), panel_pack.built(seed_at_the_draft).procedure)
        blank = replace(walk.subject, version=0, stage="")
        decision = begin(walk.procedure, blank, walk.facts, APPLICANT, {"lead": LEAD}, walk.now)
        assert isinstance(decision, Decision)
        assert (decision.events[0].data["seed"], decision.subject.application.seed) == (SEED, SEED)

    def test_a_lapse_that_leads_to_the_stage_fixes_it(self):
        walk = before_the_panel(pool(7), panel_pack.built(lapse_into_the_draw).procedure)
        clock = Deadline("visit", 1, "bureau", "running", walk.now, walk.now)
        walk = replace(walk, subject=replace(walk.subject, deadlines=(clock,))).swept("2024-08-21T09:00:01")
        assert (walk.place, walk.kinds, walk.events[0].data["seed"]) == (
            "panel_naming",
            ["deadline_lapsed"],
            SEED,
        )

    def test_facts_without_chance_are_a_mistake_of_the_program(self):
        walk = before_the_panel(pool(7)).knowing(entropy=None)
        with pytest.raises(ValueError, match="YY2024-0001 enters panel_naming"):
            walk.ask("record_visit", OFFICER, on="2024-08-20", result="passed", findings="符合条件")

    def test_a_case_migrated_past_it_is_refused_by_name(self):
        walk = moved_to(before_the_panel(pool(7)), "panel_naming")
        refusal = walk.refused("draw_panel", OFFICER)
        assert (refusal.code, refusal.facts) == ("no_seed", {"stage": "panel_naming"})


def seed_at_the_draft(procedure: dict[str, Any]) -> None:
    del procedure["application"]["start_while"]
    panel_pack.part(procedure["application"]["stages"], "draft")["seeds"] = True


def lapse_into_the_draw(procedure: dict[str, Any]) -> None:
    clock = panel_pack.part(procedure["application"]["deadlines"], "visit")
    clock["lapse"] = {"to": "panel_naming", "basis": "setting"}


class TestTheDraw:
    def test_it_seats_the_first_of_the_order_and_records_all_it_needs(self):
        employed = Expert(8, "高校专家", active=True, employer=UNIVERSITY, handle="e8", load=2)
        walk = drawn(pool(7, employed))
        assert walk.place == "expert_review"
        assert walk.subject.application.panel == ORDER[:3]
        assert walk.events[-1].data == {
            "seed": SEED,
            "pool": [
                *({"person": person, "load": 0} for person in range(1, 8)),
                {"person": 8, "load": 2, "excluded": "employer", "party": UNIVERSITY},
            ],
            "order": list(ORDER),
            "seated": [4, 3, 7],
            "cleared": [],
        }
        assert told(walk) == [("to_score", ("seated_experts",))]

    def test_the_order_is_by_load_and_then_by_the_lot_of_seed_case_and_person(self):
        loads = {1: 1, 2: 0, 3: 1, 4: 2, 5: 0, 6: 0, 7: 1}
        entries = [{"person": person, "load": load} for person, load in loads.items()]
        for seed, ref in [(SEED, "YY2024-0001"), (SEED, "YY2024-0002"), ("1" * 32, "YY2024-0001")]:
            assert list(replay(seed, ref, entries)) == [
                *lots(seed, ref, [2, 5, 6]),
                *lots(seed, ref, [1, 3, 7]),
                4,
            ]

    def test_the_lot_is_this_one_for_good(self):
        entries = [{"person": person, "load": 0} for person in range(1, 8)]
        assert replay(SEED, "YY2024-0001", entries) == ORDER
        assert replay(SEED, "YY2024-0002", entries) == (1, 6, 2, 4, 5, 3, 7)
        assert replay("1" * 32, "YY2024-0001", entries) == (5, 3, 2, 6, 4, 1, 7)

    def test_the_order_of_the_pool_says_nothing(self):
        assert drawn(reversed(pool(7))).subject.application.order == ORDER

    def test_nobody_draws_twice(self):
        refusal = drawn(pool(7)).refused("draw_panel", OFFICER)
        assert (refusal.code, refusal.facts) == ("already_drawn", {"seats": 3, "drawn": 7})

    def test_a_drawn_panel_is_not_named_by_hand(self):
        walk = moved_to(drawn(pool(7)), "panel_naming")
        refusal = walk.refused("name_panel", OFFICER, experts=["e1", "e2", "e5"])
        assert (refusal.code, refusal.facts) == ("already_drawn", {"seats": 3, "drawn": 7})

    def test_a_panel_named_by_hand_is_not_drawn(self):
        walk = waiting(pool(7)).do("name_panel", OFFICER, experts=["e1", "e2", "e5"])
        refusal = walk.refused("draw_panel", OFFICER)
        assert (refusal.code, refusal.facts) == ("panel_named_already", {"named": 3})

    def test_a_pool_that_is_too_small_says_why(self):
        out = (
            Expert(8, "高校专家", active=True, employer=UNIVERSITY, handle="e8"),
            Expert(9, "企业专家", active=True, ties=(LEAD,), handle="e9"),
            Expert(10, "张 三", active=True, handle="zhang"),
        )
        refusal = waiting(pool(2, *out)).refused("draw_panel", OFFICER)
        assert (refusal.code, refusal.facts) == (
            "pool_too_small",
            {
                "needed": 3,
                "eligible": 2,
                "pool": 5,
                "excluded": {"employer": 1, "tie": 1, "same_name": 1},
                "unclear": [
                    {
                        "expert": "zhang",
                        "name": "张 三",
                        "because": "same_name",
                        "party": "consortium.contact_name",
                    }
                ],
            },
        )

    def test_where_the_pack_says_so_the_experts_know_the_direction(self):
        procedure = panel_pack.procedure(panel_field="consortium.direction")
        knowing = [replace(each, fields=("生物医药", "材料")) for each in pool(4)]
        others = [replace(each, fields=("材料",)) for each in pool(7)[4:]]
        walk = drawn([*knowing, *others], procedure)
        assert set(walk.subject.application.order) == {1, 2, 3, 4}
        assert walk.events[-1].data["pool"][4] == {
            "person": 5,
            "load": 0,
            "excluded": "field",
            "party": "consortium.direction",
        }

    def test_the_record_survives_as_text_and_as_events(self):
        walk = drawn(pool(7))
        assert load(dump(walk.subject)) == walk.subject
        assert replayed(walk.blank, walk.events) == walk.subject


class TestWhoIsLeftOut:
    PEOPLE = (PartyPerson(50, "李四", LEAD, DIGEST), PartyPerson(51, "王五", UNIVERSITY))

    @pytest.mark.parametrize(
        ("one", "form", "exclusion"),
        [
            ({"employer": LEAD}, {}, Exclusion("employer", LEAD)),
            ({"employer": UNIVERSITY}, {}, Exclusion("employer", UNIVERSITY)),
            ({"employer": STRANGER}, {}, None),
            ({"ties": (STRANGER, UNIVERSITY)}, {}, Exclusion("tie", UNIVERSITY)),
            ({"ties": (STRANGER, OTHER_DIGEST)}, {}, None),
            ({"ties": (DIGEST,)}, {}, Exclusion("tie", LEAD)),
            (
                {"ties": (OTHER_DIGEST,)},
                {"consortium.chief_expert_digest": OTHER_DIGEST},
                Exclusion("tie", "consortium.chief_expert_digest"),
            ),
            ({"person": 51}, {}, Exclusion("same_person", UNIVERSITY)),
            ({"id_digest": DIGEST}, {}, Exclusion("same_person", LEAD)),
            (
                {"id_digest": OTHER_DIGEST},
                {"consortium.chief_expert_name": "别名", "consortium.chief_expert_digest": OTHER_DIGEST},
                Exclusion("same_person", "consortium.chief_expert_name"),
            ),
            # The same name tells nothing while either digest is missing.
            ({"name": "李四"}, {}, Exclusion("same_name", LEAD)),
            ({"name": "王五"}, {}, Exclusion("same_name", UNIVERSITY)),
            ({"name": "王五", "id_digest": OTHER_DIGEST}, {}, Exclusion("same_name", UNIVERSITY)),
            ({"name": "张三"}, {}, Exclusion("same_name", "consortium.contact_name")),
            (
                {"name": "张三", "id_digest": OTHER_DIGEST},
                {},
                Exclusion("same_name", "consortium.contact_name"),
            ),
            ({"name": "赵六"}, {}, Exclusion("same_name", f"{UNIVERSITY}:member.contact_name")),
            # Two digests that differ are two people.
            ({"name": "李四", "id_digest": OTHER_DIGEST}, {}, None),
            ({"name": "张三", "id_digest": OTHER_DIGEST}, {"consortium.contact_digest": "a" * 64}, None),
            # The same name, written otherwise.
            ({"name": " 李　四 "}, {}, Exclusion("same_name", LEAD)),
            (
                {"name": "ALIM•TURSUN"},
                {"consortium.chief_expert_name": "Alim·Ｔursun"},
                Exclusion("same_name", "consortium.chief_expert_name"),
            ),
            ({"name": "·"}, {"consortium.chief_expert_name": "-"}, None),
            # What is certain comes before what cannot be told.
            ({"name": "李四", "employer": UNIVERSITY}, {}, Exclusion("employer", UNIVERSITY)),
            ({"name": "王五", "id_digest": DIGEST}, {}, Exclusion("same_person", LEAD)),
            ({}, {}, None),
        ],
    )
    def test_a_tie_to_any_party(self, one: dict[str, Any], form: dict[str, Any], exclusion: Exclusion | None):
        members = (replace(MEMBERS[0], form={"member.contact_name": "赵六"}), MEMBERS[1])
        record = Application(LEAD, "甲公司", "enterprise", "p", None, form={**FORM, **form}, members=members)
        asked = Expert(**{"person": 1, "name": "专家", "active": True, **one})
        assert Parties.of(PACK, record, self.PEOPLE).exclusion(asked) == exclusion

    def test_who_has_declined_is_no_party_not_even_by_name(self):
        declined = replace(MEMBERS[1], form={"member.contact_name": "专家"})
        record = Application(LEAD, "甲公司", "enterprise", "p", None, members=(declined,))
        asked = Expert(1, "专家", active=True, employer=STRANGER)
        assert Parties.of(PACK, record, ()).exclusion(asked) is None

    def test_who_is_invited_and_has_not_answered_is_a_party(self):
        invited = replace(MEMBERS[1], status="invited")
        record = Application(LEAD, "甲公司", "enterprise", "p", None, members=(invited,))
        asked = Expert(1, "专家", active=True, employer=STRANGER)
        assert Parties.of(PACK, record, ()).exclusion(asked) == Exclusion("employer", STRANGER)

    def test_an_officer_clears_a_name_with_a_reason_that_is_recorded(self):
        named = Expert(8, "张三", active=True, handle="zhang", load=0)
        left_out = drawn(pool(6, named)).events[-1].data
        assert left_out["pool"][-1] == {
            "person": 8,
            "load": 0,
            "excluded": "same_name",
            "party": "consortium.contact_name",
        }
        assert 8 not in left_out["order"]
        walk = waiting(pool(6, named)).do("draw_panel", OFFICER, cleared={"zhang": "身份证号不同，已核对"})
        assert walk.events[-1].data["pool"][-1] == {
            "person": 8,
            "load": 0,
            "excluded": "same_name",
            "party": "consortium.contact_name",
            "cleared": "身份证号不同，已核对",
        }
        assert walk.subject.application.order == tuple(lots(SEED, "YY2024-0001", [1, 2, 3, 4, 5, 6, 8]))
        assert walk.subject.application.cleared == (8,)

    @pytest.mark.parametrize(
        ("handle", "code", "facts"),
        [
            ("nobody", "unknown_expert", {"experts": ["nobody"]}),
            ("e1", "nothing_to_clear", {"expert": "e1", "because": None}),
            ("e8", "nothing_to_clear", {"expert": "e8", "because": "employer"}),
        ],
    )
    def test_nothing_else_is_cleared(self, handle: str, code: str, facts: dict[str, Any]):
        employed = Expert(8, "高校专家", active=True, employer=UNIVERSITY, handle="e8")
        refusal = waiting(pool(7, employed)).refused("draw_panel", OFFICER, cleared={handle: "无妨"})
        assert (refusal.code, refusal.facts) == (code, facts)

    def test_a_reason_is_needed(self):
        refusal = waiting(pool(7)).refused("draw_panel", OFFICER, cleared={"e1": " "})
        assert refusal.code == "bad_particulars"

    def test_by_hand_the_same_people_are_refused(self):
        out = (
            Expert(8, "企业专家", active=True, ties=(LEAD,), handle="e8"),
            Expert(9, "张三", active=True, handle="zhang"),
        )
        walk = waiting(pool(7, *out))
        refusal = walk.refused("name_panel", OFFICER, experts=["e1", "e8", "zhang"])
        tied = {"expert": "e8", "name": "企业专家", "because": "tie", "party": LEAD}
        assert (refusal.code, refusal.facts) == ("expert_tied", {"experts": [tied]})
        refusal = walk.refused("name_panel", OFFICER, experts=["e1", "e2", "zhang"])
        unclear = {
            "expert": "zhang",
            "name": "张三",
            "because": "same_name",
            "party": "consortium.contact_name",
        }
        assert (refusal.code, refusal.facts) == ("expert_unclear", {"experts": [unclear]})
        walk = walk.do("name_panel", OFFICER, experts=["e1", "e2", "zhang"], cleared={"zhang": "同名"})
        assert walk.events[-1].data == {"experts": [1, 2, 9], "cleared": {"9": "同名"}}


UNITS = tuple(f"9135010{n}M000100Y4{n}" for n in range(6))
DIGESTS = tuple(f"{n:064x}" for n in range(4))
NAMES = ("张三", "李四", "王五", "专家")

experts = st.builds(
    Expert,
    person=st.integers(1, 30),
    name=st.sampled_from(NAMES),
    active=st.just(value=True),
    employer=st.none() | st.sampled_from(UNITS),
    id_digest=st.none() | st.sampled_from(DIGESTS),
    ties=st.lists(st.sampled_from(UNITS + DIGESTS), max_size=2).map(tuple),
    load=st.integers(0, 3),
)
pools = st.lists(experts, min_size=3, max_size=12, unique_by=lambda each: each.person).map(
    lambda found: tuple(replace(each, handle=f"e{each.person}") for each in found)
)
members = st.lists(
    st.builds(
        Member,
        uscc=st.sampled_from(UNITS),
        name=st.just("单位"),
        kind=st.just("enterprise"),
        core_layer=st.booleans(),
        status=st.sampled_from(["invited", "confirmed", "declined"]),
    ),
    max_size=3,
    unique_by=lambda each: each.uscc,
).map(tuple)
acting = st.lists(
    st.builds(
        PartyPerson,
        person=st.integers(25, 35),
        name=st.sampled_from(NAMES[:3]),
        unit=st.sampled_from(UNITS),
        id_digest=st.none() | st.sampled_from(DIGESTS),
    ),
    max_size=2,
).map(tuple)


def is_tied(one: Expert, walk: Walk) -> bool:
    """Say it in the words of the rule, one party after the other."""
    record = walk.subject.application
    units = {record.lead} | {each.uscc for each in record.members if each.status != "declined"}
    if one.employer in units or any(tie in units for tie in one.ties):
        return True
    people = [(each.person, each.name, each.id_digest) for each in walk.facts.party_people]
    people.append((None, record.form["consortium.contact_name"], None))
    for person, name, digest in people:
        if person == one.person or (digest is not None and digest in (one.id_digest, *one.ties)):
            return True
        if name == one.name and (digest is None or one.id_digest is None):
            return True
    return False


class TestEveryDraw:
    @settings(max_examples=300)
    @given(pools, members, acting, st.integers(0, 2**32))
    def test_seats_nobody_tied_to_any_party_and_the_least_loaded_of_the_rest(
        self,
        found: tuple[Expert, ...],
        joined: tuple[Member, ...],
        people: tuple[PartyPerson, ...],
        seed: int,
    ):
        walk = waiting(found, seed=f"{seed:032x}", members=joined, lead=UNITS[0]).knowing(party_people=people)
        free = {each.person: each for each in found if not is_tied(each, walk)}
        answer = walk.ask("draw_panel", OFFICER)
        if isinstance(answer, Refusal):
            assert (answer.code, answer.facts["eligible"]) == ("pool_too_small", len(free))
            assert len(free) < 3
            return
        record = answer.subject.application
        assert set(record.order) == set(free)
        assert record.panel == record.order[:3]
        loads = [free[person].load for person in record.order]
        assert loads == sorted(loads)
        entries = answer.events[-1].data["pool"]
        assert replay(record.seed or "", walk.subject.ref, entries) == record.order

    @settings(max_examples=60)
    @given(st.integers(3, 9), st.integers(1, 12), st.integers(0, 2**32))
    def test_nobody_gets_more_than_one_case_above_the_least_loaded(self, size: int, cases: int, seed: int):
        load = dict.fromkeys(range(1, size + 1), 0)
        for n in range(cases):
            experts_now = [replace(each, load=load[each.person]) for each in pool(size)]
            walk = drawn(experts_now, ref=f"YY2024-{n:04d}", seed=f"{seed + n:032x}")
            for person in walk.subject.application.panel:
                load[person] += 1
            assert max(load.values()) - min(load.values()) <= 1
        assert sum(load.values()) == 3 * cases

    @settings(max_examples=60)
    @given(pools, st.lists(members, min_size=2, max_size=8), st.integers(0, 2**32))
    def test_with_ties_nobody_seated_had_more_cases_than_somebody_left_standing(
        self, found: tuple[Expert, ...], consortia: list[tuple[Member, ...]], seed: int
    ):
        load = {each.person: 0 for each in found}
        for n, joined in enumerate(consortia):
            now = [replace(each, load=load[each.person]) for each in found]
            walk = waiting(now, ref=f"YY2024-{n:04d}", seed=f"{seed:032x}", members=joined, lead=UNITS[0])
            free = [each for each in now if not is_tied(each, walk)]
            if len(free) < 3:
                continue
            panel = walk.do("draw_panel", OFFICER).subject.application.panel
            standing = [each.load for each in free if each.person not in panel]
            assert all(load[person] <= least for person in panel for least in standing)
            for person in panel:
                load[person] += 1

    @settings(max_examples=80)
    @given(
        st.integers(4, 8),
        st.lists(st.tuples(st.booleans(), st.integers(0, 99), st.integers(0, 2)), min_size=3, max_size=14),
        st.integers(0, 2**32),
    )
    def test_nor_has_who_takes_a_seat_that_a_conflict_emptied(
        self, size: int, steps: list[tuple[bool, int, int]], seed: int
    ):
        """Draws and conflicts of one call in any order, each counted before the next."""
        cases: list[Walk] = []
        for draws, which, seat in steps:
            load = Counter(person for walk in cases for person in walk.subject.application.panel)
            now = tuple(replace(each, load=load[each.person]) for each in pool(size))
            if draws or not cases:
                cases.append(drawn(now, ref=f"YY2024-{len(cases):04d}", seed=f"{seed + len(cases):032x}"))
                continue
            walk = cases[which % len(cases)].knowing(pool=now)
            panel = walk.subject.application.panel
            if seat >= len(panel):
                continue
            walk = walk.do(
                "declare_conflict", Actor("expert", panel[seat], bureau="yueyang"), reason="亲属任职"
            )
            record = walk.subject.application
            standing = {each.person for each in now} - {*record.panel, *record.barred}
            for taker in walk.events[-1].data["seated"]:
                assert all(load[taker] <= load[person] for person in standing)
            assert walk.events[-1].data["seated"] or not standing
            assert prove(walk.subject.ref, walk.events).differences == ()
            cases[which % len(cases)] = walk
