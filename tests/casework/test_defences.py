"""Defences in the database: a place in the day's order is one case's; who is late with a score is told."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from city import City
from panel_city import at_the_defence, city_of, drawn, panel, told
from projected import everywhere
from sqlalchemy import Engine

from casework import wake
from casework.acts import Receipt
from procedure.act import Refusal
from tests.procedure import panel_pack

PLACE = {"at": "2024-07-11T09:00", "place": "三楼会议室", "position": 1}


@pytest.fixture
def yueyang(story_engine: Engine) -> City:
    return city_of(story_engine)


class TestTheOrderOfTheDay:
    def test_a_place_in_the_days_order_is_one_cases(self, yueyang: City):
        first, second = (at_the_defence(yueyang, n) for n in range(2))
        yueyang.do(first, "chen", "schedule_defence", **PLACE)
        taken = Refusal(
            "position_taken", {"position": 1, "day": "2024-07-11", "case": yueyang.subject(first).ref}
        )
        assert yueyang.ask(second, "chen", "schedule_defence", PLACE | {"at": "2024-07-11T14:00"}) == taken
        yueyang.do(second, "chen", "schedule_defence", **PLACE | {"position": 2})
        # Another hour and another day are the case's own to choose; its own place is no obstacle.
        yueyang.do(first, "chen", "schedule_defence", **PLACE | {"at": "2024-07-11T10:00"})
        yueyang.do(second, "chen", "schedule_defence", **PLACE | {"at": "2024-07-12T09:00"})
        assert [(row["day"].day, row["position"]) for row in yueyang.rows("defences")] == [(11, 1), (12, 1)]
        everywhere(yueyang)

    def test_of_two_who_ask_at_once_one_is_refused_by_name(self, yueyang: City):
        cases = [at_the_defence(yueyang, n) for n in range(4)]
        together = threading.Barrier(4)

        def schedule(case: int) -> Receipt | Refusal:
            together.wait()
            return yueyang.ask(case, "chen", "schedule_defence", PLACE)

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(schedule, cases))
        (got,) = [answer for answer in answers if isinstance(answer, Receipt)]
        refusals = [answer for answer in answers if isinstance(answer, Refusal)]
        expected = {"position": 1, "day": "2024-07-11", "case": got.ref}
        assert [(each.code, each.facts) for each in refusals] == [("position_taken", expected)] * 3
        assert len(yueyang.rows("defences")) == 1

    def test_the_place_of_a_case_that_has_ended_is_free_again(self, yueyang: City):
        first, second = (at_the_defence(yueyang, n) for n in range(2))
        yueyang.do(first, "chen", "schedule_defence", **PLACE)
        yueyang.do(first, "zhang0", "withdraw", reason="资金不足")
        yueyang.do(second, "chen", "schedule_defence", **PLACE)
        kept = {row["subject_id"]: row["position"] for row in yueyang.rows("defences")}
        assert kept == {first: None, second: 1}

    def test_a_missed_one_gives_its_place_back_and_a_held_one_keeps_it(self, story_engine: Engine):
        city = city_of(story_engine, panel_pack.pack(second_date=True))
        first, second, third = (at_the_defence(city, n) for n in range(3))
        city.do(first, "chen", "schedule_defence", **PLACE)
        city.do(second, "chen", "schedule_defence", **PLACE | {"position": 2})
        city.at("2024-07-11T09:30")
        city.do(first, "chen", "record_defence", attended=False)
        city.do(second, "chen", "record_defence", attended=True, present=panel(city, second))
        city.do(third, "chen", "schedule_defence", **PLACE | {"at": "2024-07-11T15:00"})
        again = {"at": "2024-07-11T16:00", "place": "三楼会议室"}
        refusal = city.ask(first, "chen", "schedule_defence", {**again, "position": 2})
        assert isinstance(refusal, Refusal)
        assert refusal.facts["case"] == city.subject(second).ref
        city.do(first, "chen", "schedule_defence", **again, position=3)
        assert [row["attended"] for row in city.rows("defences", first)] == [False, None]
        everywhere(city)


class TestLateExperts:
    def test_only_who_has_not_scored_is_told(self, yueyang: City):
        case = drawn(yueyang)
        first, second, third = panel(yueyang, case)
        yueyang.do(case, first, "score", points="90")
        yueyang.at("2024-07-25T00:01")
        assert wake.sweep(yueyang.engine, "application").moved
        assert told(yueyang, case, "deadline_overdue") == sorted([second, third, "chen"])

    def test_of_a_defence_only_who_heard_it(self, yueyang: City):
        case = at_the_defence(yueyang)
        first, second, _ = panel(yueyang, case)
        yueyang.do(case, "chen", "schedule_defence", **PLACE)
        yueyang.at("2024-07-11T10:00")
        yueyang.do(case, "chen", "record_defence", attended=True, present=[first, second])
        yueyang.do(case, second, "score", points="90")
        yueyang.at("2024-07-25T00:01")
        assert wake.sweep(yueyang.engine, "application").moved
        assert told(yueyang, case, "deadline_overdue") == sorted([first, "chen"])
