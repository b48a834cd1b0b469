"""A reassignment moves the work item, tells the new one, and knows who is absent."""

from typing import Any

import pytest
from city import EXPERTS, City
from projected import agrees

from casework import delegation, queries, wake
from casework.acts import Receipt
from models.database import reading
from procedure.act import Refusal
from procedure.instant import local_instant


@pytest.fixture
def city(yueyang: City) -> City:
    yueyang.person("lin", "city_officer", bureau_id=yueyang.city)
    yueyang.person("he", "district_officer", bureau_id=yueyang.district)
    return yueyang


def desk(city: City, handle: str) -> list[str]:
    with reading(city.engine) as connection:
        return [number for number, _, _ in queries.desk(connection, city.people[handle].person)]


def give(city: City, case: int, who: str, officer: str, **more: Any) -> Receipt | Refusal:
    return city.ask(case, who, "reassign", {"officer": officer, "reason": "出差"}, **more)


def test_the_work_item_moves_and_the_new_one_is_told(city: City) -> None:
    case = city.case_at("formal_review")
    before = [row for row in city.rows("work_items", case) if row["done_at"] is None]
    answer = give(city, case, "boss", "lin", key="once")
    assert isinstance(answer, Receipt)
    agrees(city, case)
    after = [row for row in city.rows("work_items", case) if row["done_at"] is None]
    lin = city.people["lin"].person
    assert after == [{**before[0], "person_id": lin}]
    assert (desk(city, "lin"), desk(city, "chen")) == ([city.subject(case).ref], [])
    told = [row for row in city.rows("notices", case) if row["text"] == "reassigned"]
    assert [(row["recipient_id"], row["context"]["reason"]) for row in told] == [(lin, "出差")]
    repeated = give(city, case, "boss", "lin", key="once")
    assert isinstance(repeated, Receipt)
    assert (repeated.seq, repeated.repeated) == (answer.seq, True)
    # A changed deadline is the business of whose desk it is on.
    extension = {"deadline": "formal_review", "until": "2024-12-31", "reason": "延期"}
    assert isinstance(city.ask(case, "boss", "extend_deadline", extension), Receipt)
    told = [row["recipient_id"] for row in city.rows("notices", case) if row["text"] == "deadline_changed"]
    assert sorted(told) == sorted([lin, city.people["zhang0"].person])
    agrees(city, case)
    city.do(case, "chen", "pass_review")
    agrees(city, case)
    assert desk(city, "lin") == []


def test_the_district_gives_its_own(city: City) -> None:
    case = city.case_at("recommendation")
    refused = give(city, case, "chen", "he")
    assert isinstance(refused, Refusal)
    assert refused.code == "desk_of_another_unit"
    assert isinstance(give(city, case, "wang", "he"), Receipt)
    agrees(city, case)
    assert desk(city, "he") == [city.subject(case).ref]


def test_nobody_gives_a_case_to_who_is_absent(city: City) -> None:
    case = city.case_at("formal_review")
    wanted = {
        "absent": "lin",
        "role": "city_officer",
        "substitute": "chen",
        "first_day": "2024-07-10",
        "last_day": "2024-07-12",
        "reason": "休假",
    }
    assert not isinstance(delegation.hand_over(city.engine, city.people["lin"], wanted), Refusal)
    refused = give(city, case, "boss", "lin")
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.facts["substitute"]) == ("officer_absent", "Chen")
    stale = give(city, case, "boss", "chen", version=1)
    assert isinstance(stale, Refusal)
    assert stale.code == "stale_version"
    city.at("2024-07-13T00:00")
    assert isinstance(give(city, case, "boss", "lin"), Receipt)


def test_only_the_experts_who_are_late_are_told_so(city: City) -> None:
    case = city.case_at("expert_review")
    for handle in EXPERTS[:3]:
        city.do(case, handle, "score", points="80")
    city.at("2024-08-30T09:00")
    assert wake.sweep(city.engine, "application").failed == 0
    people = {claim.person: handle for handle, claim in city.people.items()}
    told = {
        people[row["recipient_id"]]
        for row in city.rows("notices", case)
        if row["text"] == "deadline_overdue" and row["created_at"] >= local_instant("2024-08-30T00:00")
    }
    assert told == {*EXPERTS[3:], "chen", "lin"}
