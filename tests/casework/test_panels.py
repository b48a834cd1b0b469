"""A panel in the database: drawn from the pool with its ties, seats that change, and the draw's proof."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from city import UNIVERSITY, City, build, lead_uscc
from panel_city import (
    at_the_defence,
    city_of,
    claim,
    desk,
    drawn,
    handles,
    last,
    loads_in,
    panel,
    seats,
    seen,
    told,
)
from projected import agrees, everywhere
from sqlalchemy import Engine, func, select, update

from casework import calls, loading, panels, parties, queries, register, wake
from casework.access import Claim
from casework.acts import Receipt
from models import Expert, Person, Revision
from models.database import reading, writing
from procedure.act import Refusal
from procedure.draw import NotDrawn
from procedure.uscc import InvalidUscc
from tests.procedure import panel_pack

DIGEST = "d" * 64
EXPERTS = Expert.__table__
PEOPLE = Person.__table__
REVISIONS = Revision.__table__


@pytest.fixture
def yueyang(story_engine: Engine) -> City:
    return city_of(story_engine)


class TestAWholeCase:
    def test_from_the_draw_to_the_register(self, yueyang: City):
        case = yueyang.case_at("panel_naming")

        def do(who: str, act: str, **payload: Any) -> None:
            yueyang.do(case, who, act, **payload)
            agrees(yueyang, case)

        do("chen", "draw_panel")
        first, second, third = panel(yueyang, case)
        do(first, "score", points="90.5")
        do(first, "declare_conflict", reason="曾任牵头单位顾问")
        fourth = panel(yueyang, case)[2]
        do("chen", "replace_expert", expert=second, reason="三次电话未接")
        fifth = panel(yueyang, case)[2]
        for expert, points in ((third, "80"), (fourth, "70.01"), (fifth, 60)):
            do(expert, "score", points=points)
        do(fifth, "score", points="70")
        do("chen", "close_scoring")
        do("chen", "schedule_defence", at="2024-07-11T09:00", place="三楼会议室", position=1)
        do("chen", "schedule_defence", at="2024-07-12T09:00", place="二楼会议室", position=2)
        yueyang.at("2024-07-12T10:00")
        do("chen", "record_defence", attended=True, present=[third, fifth])
        do(third, "score", points="88")
        do(fifth, "declare_conflict", reason="亲属任职")
        do("chen", "schedule_defence", at="2024-07-15T09:00", place="二楼会议室", position=1)
        yueyang.at("2024-07-15T10:00")
        do("chen", "record_defence", attended=True, present=panel(yueyang, case))
        for expert in panel(yueyang, case):
            do(expert, "score", points="85.55")
        do("chen", "close_scoring")
        assert yueyang.subject(case).application.means == {"expert_review": 7334, "defence": 8555}
        yueyang.at("2024-08-05T09:00")
        assert wake.sweep(yueyang.engine, "call").moved
        yueyang.do(yueyang.call, "boss", "select", cases=[yueyang.subject(case).ref])
        do("chen", "file", document_number="岳科发〔2024〕1号", document_date="2024-08-05")
        everywhere(yueyang)

        assert Counter(seats(yueyang, case).values()) == {"assigned": 3, "conflicted": 2, "replaced": 1}
        with reading(yueyang.engine) as connection:
            proof = panels.proof(connection, case)
            assert [entry.name for entry in register.entries(connection)] == ["岳阳市方向0创新联合体"]
        assert proof.differences == ()
        assert proof.panel == yueyang.subject(case).application.panel
        assert handles(yueyang, proof.order)[:5] == [first, second, third, fourth, fifth]
        assert [row["attended"] for row in yueyang.rows("defences", case)] == [True, True]

    def test_it_says_who_is_told_what(self, yueyang: City):
        case = drawn(yueyang)
        assert told(yueyang, case, "to_score") == sorted(panel(yueyang, case))
        first = panel(yueyang, case)[0]
        yueyang.do(case, first, "declare_conflict", reason="曾任牵头单位顾问")
        taker = panel(yueyang, case)[2]
        assert told(yueyang, case, "seat_changed") == sorted(["chen", first])
        assert told(yueyang, case, "to_score").count(taker) == 1
        everybody = {"e0", "e1", "e2", "e3", "e4", "e5", "e6"}
        for _ in range(3):
            gone = panel(yueyang, case)[0]
            yueyang.do(case, "chen", "replace_expert", expert=gone, reason="失联")
        assert told(yueyang, case, "seat_empty") == []
        yueyang.do(case, panel(yueyang, case)[0], "declare_conflict", reason="亲属任职")
        assert told(yueyang, case, "seat_empty") == ["chen"]
        assert len(everybody - set(seats(yueyang, case))) == 0
        assert len(panel(yueyang, case)) == 2

    def test_the_time_of_the_defence_is_told(self, yueyang: City):
        case = at_the_defence(yueyang)
        yueyang.do(case, "chen", "schedule_defence", at="2024-07-11T09:00", place="三楼", position=2)
        assert told(yueyang, case, "defence_scheduled") == sorted([*panel(yueyang, case), "zhang0"])
        notice = next(row for row in yueyang.rows("notices", case) if row["text"] == "defence_scheduled")
        said = {name: value for name, value in notice["context"].items() if name.startswith("defence")}
        assert said == {
            "defence_at": "2024-07-11T09:00:00+08:00",
            "defence_place": "三楼",
            "defence_position": "2",
        }


class TestAccess:
    def test_only_who_has_a_seat_sees_the_case(self, yueyang: City):
        case = yueyang.case_at("panel_naming")
        number = yueyang.subject(case).ref
        assert seen(yueyang, "e0") == desk(yueyang, "e0") == []
        yueyang.do(case, "chen", "draw_panel")
        first, second, _ = panel(yueyang, case)
        assert seen(yueyang, first) == desk(yueyang, first) == [number]

        yueyang.do(case, first, "score", points="90")
        yueyang.do(case, first, "declare_conflict", reason="曾任牵头单位顾问")
        yueyang.do(case, "chen", "replace_expert", expert=second, reason="失联")
        taker = panel(yueyang, case)[2]
        assert [(seen(yueyang, each), desk(yueyang, each)) for each in (first, second)] == [([], [])] * 2
        assert seen(yueyang, taker) == desk(yueyang, taker) == [number]
        for gone in (first, second):
            refusal = yueyang.ask(case, gone, "score", {"points": "90"})
            assert refusal == Refusal("excluded_from_case", {"ref": number})
        with reading(yueyang.engine) as connection:
            scores = [each.event.data for each in queries.history(connection, case) if each.kind == "scored"]
        assert [each["score"] for each in scores] == [9000]
        assert yueyang.rows("scores", case) == []


class TestThePool:
    def test_it_is_the_bureaus_active_experts_with_their_ties(self, yueyang: City):
        applicant = yueyang.lead(0).person
        with writing(yueyang.engine) as connection:
            other = parties.organisation(connection, lead_uscc(90), "别的公司", "enterprise")
            university = parties.organisation(connection, UNIVERSITY, "某大学", "university")
            people = {
                handle: parties.person(connection, handle, name, id_digest=digest)
                for handle, name, digest in (
                    ("professor", "高校专家", None),
                    ("adviser", "顾问", None),
                    ("cousin", "亲属", None),
                    ("namesake", "Zhang0", None),
                    ("stranger", "张 三", None),
                    ("colleague", "外单位", DIGEST),
                )
            }
            for handle, (employer, ties) in {
                "professor": (university, ()),
                "adviser": (other, (lead_uscc(0),)),
                "cousin": (None, ("c" * 64,)),
                "namesake": (None, ()),
                "stranger": (None, ()),
                "colleague": (other, (lead_uscc(91),)),
            }.items():
                parties.expert(connection, people[handle], yueyang.city, employer, ["材料"], ties)
            parties.expert(connection, applicant, yueyang.city, None, [])
            connection.execute(update(PEOPLE).where(PEOPLE.c.handle == "li").values(id_digest="c" * 64))
            connection.execute(
                update(EXPERTS).where(Expert.person_id == claim(yueyang, "e0")).values(active=False)
            )
            connection.execute(update(PEOPLE).where(PEOPLE.c.handle == "e1").values(active=False))
        yueyang.people |= {handle: Claim(person, "expert") for handle, person in people.items()}
        case = drawn(yueyang)
        pool = {
            handles(yueyang, [entry.pop("person")])[0]: entry for entry in last(yueyang, case).data["pool"]
        }
        assert {handle: entry for handle, entry in pool.items() if "excluded" in entry} == {
            "professor": {"load": 0, "excluded": "employer", "party": UNIVERSITY},
            "adviser": {"load": 0, "excluded": "tie", "party": lead_uscc(0)},
            "cousin": {"load": 0, "excluded": "tie", "party": UNIVERSITY},
            "zhang0": {"load": 0, "excluded": "same_person", "party": lead_uscc(0)},
            "namesake": {"load": 0, "excluded": "same_name", "party": lead_uscc(0)},
            "stranger": {"load": 0, "excluded": "same_name", "party": "consortium.contact_name"},
        }
        assert set(pool) - {*people, "zhang0"} == {"e2", "e3", "e4", "e5", "e6"}

    def test_a_tie_is_a_credit_code_or_a_digest(self, yueyang: City):
        with writing(yueyang.engine) as connection:
            parties.declare_ties(connection, claim(yueyang, "e0"), [UNIVERSITY.lower(), DIGEST])
        (row,) = [row for row in yueyang.rows("experts") if row["person_id"] == claim(yueyang, "e0")]
        assert row["ties"] == [UNIVERSITY, DIGEST]
        for wrong in ("某大学", DIGEST.upper(), "d" * 63):
            with writing(yueyang.engine) as connection, pytest.raises(InvalidUscc):
                parties.declare_ties(connection, claim(yueyang, "e0"), [wrong])

    def test_a_tie_declared_after_the_draw_keeps_one_from_taking_a_seat(self, yueyang: City):
        case = drawn(yueyang)
        order = handles(yueyang, yueyang.subject(case).application.order)
        with writing(yueyang.engine) as connection:
            parties.declare_ties(connection, claim(yueyang, order[3]), [lead_uscc(0)])
        yueyang.do(case, order[0], "declare_conflict", reason="亲属任职")
        assert panel(yueyang, case) == [order[1], order[2], order[4]]
        assert last(yueyang, case).data["passed_over"] == [
            {"person": claim(yueyang, order[3]), "excluded": "tie", "party": lead_uscc(0)}
        ]

    def test_the_load_is_what_the_same_call_has_given(self, yueyang: City):
        """An ended case counts; a seat that was given up and a seat in another call do not."""
        ended = drawn(yueyang, 0)
        order = handles(yueyang, yueyang.subject(ended).application.order)
        yueyang.do(ended, order[0], "declare_conflict", reason="亲属任职")
        yueyang.do(ended, "zhang0", "withdraw", reason="资金不足")

        second = drawn(yueyang, 1)
        loads = loads_in(yueyang, second)
        assert loads == dict.fromkeys(order, 0) | dict.fromkeys(order[1:4], 1)
        assert set(panel(yueyang, second)) <= {order[0], *order[4:]}

        with reading(yueyang.engine) as connection:
            revision = connection.execute(select(func.max(REVISIONS.c.id))).scalar_one()
        assert isinstance(
            calls.announce(yueyang.engine, revision, "2024-2", yueyang.people["admin"]), Receipt
        )
        with reading(yueyang.engine) as connection:
            yueyang.call = loading.id_of(connection, "2024-2")
        assert set(loads_in(yueyang, drawn(yueyang, 2)).values()) == {0}


class TestFairness:
    def test_nobody_gets_more_than_one_case_above_the_least_loaded(self, yueyang: City):
        for n in range(5):
            drawn(yueyang, n)
        taken = Counter(row["expert_id"] for row in yueyang.rows("panel_members"))
        assert sorted(taken.values()) == [2, 2, 2, 2, 2, 2, 3]

    def test_draws_at_the_same_time_wait_for_each_other(self, yueyang: City):
        with writing(yueyang.engine) as connection:
            connection.execute(
                update(EXPERTS).where(EXPERTS.c.person_id == claim(yueyang, "e6")).values(active=False)
            )
        cases = [yueyang.case_at("panel_naming", n) for n in range(4)]
        together = threading.Barrier(4)

        def draw(case: int) -> Receipt | Refusal:
            together.wait()
            return yueyang.ask(case, "chen", "draw_panel")

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(draw, cases))
        assert all(isinstance(answer, Receipt) for answer in answers)
        taken = Counter(row["expert_id"] for row in yueyang.rows("panel_members"))
        assert sorted(taken.values()) == [2] * 6
        everywhere(yueyang)

    def test_a_draw_repeated_with_its_key_draws_once(self, yueyang: City):
        case = yueyang.case_at("panel_naming")
        answers = [yueyang.ask(case, "chen", "draw_panel", key="once") for _ in range(2)]
        assert [answer.repeated for answer in answers if isinstance(answer, Receipt)] == [False, True]
        assert len(yueyang.rows("panel_members", case)) == 3


class TestTheProof:
    def test_a_case_without_a_draw_has_none(self, yueyang: City):
        case = yueyang.case_at("panel_naming")
        with reading(yueyang.engine) as connection, pytest.raises(NotDrawn):
            panels.proof(connection, case)

    def test_each_case_has_a_seed_of_its_own_from_before_the_draw(self, yueyang: City):
        proofs = []
        for n in range(3):
            case = drawn(yueyang, n)
            with reading(yueyang.engine) as connection:
                proofs.append((panels.proof(connection, case), queries.history(connection, case)))
        assert len({proof.seed for proof, _ in proofs}) == 3
        for proof, history in proofs:
            assert (history[proof.fixed_by - 1].kind, len(proof.seed)) == ("visit_recorded", 32)

    def test_seats_drawn_for_once_more_are_proved_too(self, story_engine: Engine):
        city = build(story_engine, pack=panel_pack.pack())
        case = drawn(city)
        for _ in range(3):
            city.do(case, panel(city, case)[0], "declare_conflict", reason="亲属任职")
        assert len(panel(city, case)) == 2
        refusal = city.ask(case, "chen", "draw_panel")
        assert isinstance(refusal, Refusal)
        assert (refusal.code, refusal.facts["excluded"]) == ("pool_too_small", {"seated": 2, "barred": 3})
        city.person("e5", "expert", bureau_id=city.city)
        city.do(case, "chen", "draw_panel")
        agrees(city, case)
        assert panel(city, case)[2] == "e5"
        assert [row["size"] for row in city.rows("panels", case)] == [3, 3]
        with reading(story_engine) as connection:
            assert panels.proof(connection, case).differences == ()


def names_anew(procedure: dict[str, Any]) -> None:
    review = panel_pack.part(procedure["application"]["stages"], "expert_review")
    review["acts"]["name_panel"] = {"roles": ["city_officer"]}


class TestAPanelNamedByHand:
    def test_it_may_be_named_anew_and_an_empty_seat_filled(self, story_engine: Engine):
        city = city_of(story_engine, panel_pack.built(names_anew))
        case = city.case_at("panel_naming")

        def do(who: str, act: str, **payload: Any) -> None:
            city.do(case, who, act, **payload)
            agrees(city, case)

        do("chen", "name_panel", experts=["e0", "e1", "e2"])
        do("chen", "name_panel", experts=["e1", "e2", "e3"])
        assert seats(city, case) == {
            "e0": "replaced",
            "e1": "assigned",
            "e2": "assigned",
            "e3": "assigned",
        }
        do("e1", "score", points="80")
        do("e2", "declare_conflict", reason="亲属任职")
        do("chen", "name_panel", experts=["e0", "e1", "e3"])
        assert seats(city, case) == {
            "e0": "assigned",
            "e1": "assigned",
            "e2": "conflicted",
            "e3": "assigned",
        }
        assert city.subject(case).application.scores[0].score == 8000
