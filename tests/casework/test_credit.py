"""The research credit file: of a unit or a person, by the city's own bureau, with a referral at most once."""

from city import City, lead_uscc

from casework import credit
from models.database import reading
from procedure.act import Refusal


def enter(city: City, who: str = "chen", **more: object) -> int | Refusal:
    return credit.record(city.engine, city.people[who], {"facts": "提供虚假材料", "source": "7号", **more})


def code(answer: int | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def test_a_breach_of_a_unit_and_one_of_a_person_stand_in_the_file(yueyang: City) -> None:
    yueyang.lead(0)
    assert (enter(yueyang, uscc=lead_uscc(0)), enter(yueyang, handle="zhang0")) == (1, 2)
    with reading(yueyang.engine) as connection:
        told = [(each.whose, each.facts, str(each.recorded_on)) for each in credit.listed(connection)]
    assert told == [
        (lead_uscc(0), "提供虚假材料", "2024-07-10"),
        ("zhang0", "提供虚假材料", "2024-07-10"),
    ]


def test_the_same_is_entered_once_and_another_breach_beside_it(yueyang: City) -> None:
    yueyang.lead(0)
    assert enter(yueyang, uscc=lead_uscc(0)) == 1
    again = enter(yueyang, uscc=lead_uscc(0))
    assert isinstance(again, Refusal)
    assert (again.code, dict(again.facts)) == ("recorded_already", {"record": 1})
    assert [enter(yueyang, handle="zhang0"), enter(yueyang, uscc=lead_uscc(0), source="8号")] == [2, 3]


def test_what_names_nobody_or_two_is_refused_with_nothing_written(yueyang: City) -> None:
    yueyang.lead(0)
    assert code(enter(yueyang)) == "unit_or_person"
    assert code(enter(yueyang, uscc=lead_uscc(0), handle="zhang0")) == "unit_or_person"
    assert code(enter(yueyang, uscc=lead_uscc(9))) == "nobody_known"
    assert code(enter(yueyang, who="zhang0", handle="zhang0")) == "role_may_not"
    assert yueyang.count("credit_records") == 0


def test_a_referral_is_noted_once_and_never_ahead(yueyang: City) -> None:
    yueyang.lead(0)
    enter(yueyang, uscc=lead_uscc(0))
    to = {"record": 1, "to": "市公安局", "on": "2024-07-11"}
    assert code(credit.refer(yueyang.engine, yueyang.people["chen"], to)) == "not_yet"
    to["on"] = "2024-07-10"
    assert credit.refer(yueyang.engine, yueyang.people["chen"], to) == 1
    assert code(credit.refer(yueyang.engine, yueyang.people["chen"], to)) == "no_such_record"
