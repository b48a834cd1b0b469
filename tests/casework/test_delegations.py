"""A role handed over: who acts for whom, on which days, and what the record says of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from city import City

from casework import absence, delegation, parties, queries
from casework.absence import Post
from casework.access import Claim
from casework.acts import Receipt
from casework.delegation import HandedOver
from casework.texts import of_operations
from models.database import reading, writing
from notifications.rendering import render
from procedure.act import Refusal

WANTED: dict[str, Any] = {
    "absent": "chen",
    "role": "city_officer",
    "substitute": "lin",
    "first_day": "2024-07-15",
    "last_day": "2024-07-26",
    "reason": "休假",
}


@pytest.fixture
def city(yueyang: City) -> City:
    yueyang.person("lin", "city_leader", bureau_id=yueyang.city)
    yueyang.person("he", "district_officer", bureau_id=yueyang.district)
    return yueyang


def hand_over(city: City, who: str = "chen", **changes: Any) -> HandedOver | Refusal:
    return delegation.hand_over(city.engine, city.people[who], {**WANTED, **changes})


def code(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def behalf(city: City, who: str, absent: str, role: str) -> Claim:
    return Claim(city.people[who].person, role, city.people[absent].person)


def absent_on(city: City, day: date) -> dict[Post, int]:
    people = [claim.person for claim in city.people.values()]
    with reading(city.engine) as connection:
        found = absence.stand_ins(connection, day, people)
        assert [each.id for each in absence.on(connection, day)] == [each.id for each in found.values()]
    return {post: each.substitute for post, each in found.items()}


def test_the_substitute_acts_on_behalf_from_the_first_to_the_last_day(city: City) -> None:
    case = city.case_at("formal_review")
    lin = behalf(city, "lin", "chen", "city_officer")
    assert isinstance(hand_over(city), HandedOver)
    chen, substitute = city.people["chen"].person, city.people["lin"].person
    post = Post(chen, "city_officer", "yueyang")
    assert [absent_on(city, date(2024, 7, 14) + timedelta(days=n)) for n in (0, 1, 12, 13)] == [
        {},
        {post: substitute},
        {post: substitute},
        {},
    ]
    assert code(city.ask(case, lin, "pass_review")) == "not_the_substitute"
    city.at("2024-07-15T00:00")
    assert isinstance(city.ask(case, lin, "pass_review", key="once"), Receipt)
    last = city.rows("events", case)[-1]
    assert (last["person_id"], last["role"], last["on_behalf_of"]) == (substitute, "city_officer", chen)
    repeated = city.ask(case, lin, "pass_review", key="once")
    assert isinstance(repeated, Receipt)
    assert repeated.repeated
    with reading(city.engine) as connection:
        happened = queries.history(connection, case)[-1]
    assert (happened.person, happened.on_behalf_of) == ("Lin", "Chen")
    visit = {"at": "2024-07-30T09:00", "team": ["甲", "乙"]}
    city.at("2024-07-26T23:59:59")
    assert isinstance(city.ask(case, lin, "schedule_visit", visit), Receipt)
    city.at("2024-07-27T00:00")
    assert code(city.ask(case, lin, "schedule_visit", visit)) == "not_the_substitute"
    # The absent one may act all the while.
    assert isinstance(city.ask(case, "chen", "schedule_visit", visit), Receipt)


def test_the_substitute_is_told_once_for_whom_and_until_when(city: City) -> None:
    hand_over(city)
    hand_over(city)
    (row,) = [row for row in city.rows("notices") if row["text"] == "handed_over"]
    lin = city.people["lin"].person
    assert (row["recipient_id"], row["subject_id"], row["state"]) == (lin, None, "pending")
    said = render(of_operations(), row["text"], "zh", row["context"], None)
    assert said.subject == "请代Chen办理：2024年7月15日至2024年7月26日"
    assert said.text.splitlines()[1] == (
        "岳阳市科学技术局的Chen把“市科技局经办人”交由您代理，自2024年7月15日至2024年7月26日，到期自动结束。理由：休假"
    )
    assert code(hand_over(city, "he", absent="wang")) != ""
    assert len([row for row in city.rows("notices") if row["text"] == "handed_over"]) == 1


def test_the_substitute_sees_what_the_absent_one_sees(city: City) -> None:
    case = city.case_at("recommendation")
    he = city.people["he"]
    assert isinstance(
        hand_over(city, "wang", absent="wang", role="district_officer", substitute="he"), HandedOver
    )
    claim = behalf(city, "he", "wang", "district_officer")
    number = city.subject(case).ref
    with reading(city.engine) as connection:
        for day, expected in ((date(2024, 7, 14), []), (date(2024, 7, 15), [number])):
            lines = queries.cases(connection, seen_by=claim, day=day)
            assert [line.number for line in lines] == expected
        assert [line.number for line in queries.cases(connection, seen_by=he, day=day)] == [number]


def test_it_is_ended_early_by_those_it_concerns(city: City) -> None:
    assert code(delegation.end(city.engine, city.people["chen"], 1)) == "no_such_delegation"
    answer = hand_over(city)
    assert isinstance(answer, HandedOver)
    number = answer.absence.id
    city.at("2024-07-16T09:00")
    assert code(delegation.end(city.engine, city.people["he"], number)) == "role_may_not"
    ended = delegation.end(city.engine, city.people["lin"], number)
    assert ended == answer.absence
    assert absent_on(city, date(2024, 7, 16)) == {}
    assert code(delegation.end(city.engine, city.people["chen"], number)) == "delegation_over"
    case = city.case_at("formal_review")
    lin = behalf(city, "lin", "chen", "city_officer")
    assert code(city.ask(case, lin, "pass_review")) == "not_the_substitute"
    again = hand_over(city, first_day="2024-07-16")
    assert isinstance(again, HandedOver)
    assert not again.repeated
    city.at("2024-07-27T00:00")
    assert code(delegation.end(city.engine, city.people["chen"], again.absence.id)) == "delegation_over"


def test_the_same_again_is_done_once(city: City) -> None:
    first, second = hand_over(city), hand_over(city)
    assert isinstance(first, HandedOver)
    assert isinstance(second, HandedOver)
    assert (first.absence, first.repeated, second.repeated) == (second.absence, False, True)
    assert city.count("delegations") == 1


def test_a_leader_or_administrator_does_it_for_who_has_fallen_ill(city: City) -> None:
    assert isinstance(hand_over(city, "admin"), HandedOver)
    ill = {"absent": "wang", "role": "district_officer", "substitute": "he"}
    assert isinstance(hand_over(city, "boss", **ill), HandedOver)
    assert code(hand_over(city, "he", **ill)) == "role_may_not"
    unit = {"absent": "li", "role": "member", "substitute": "li"}
    assert code(hand_over(city, "boss", **unit)) == "not_yours"


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"role": "expert", "absent": "e0", "substitute": "e1"}, "seat_not_delegable"),
        ({"role": "city_leader"}, "no_such_role"),
        ({"absent": "nobody"}, "unknown_person"),
        ({"substitute": "nobody"}, "unknown_person"),
        ({"substitute": "chen"}, "substitute_is_the_absent"),
        ({"substitute": "wang"}, "substitute_of_another_unit"),
        ({"substitute": "e0"}, "substitute_of_another_unit"),
        ({"of": "pingjiang"}, "no_such_role"),
        ({"first_day": "2024-07-09"}, "time_has_passed"),
        ({"last_day": "2024-07-14"}, "bad_days"),
        ({"last_day": "2025-07-17"}, "bad_days"),
        ({"reason": ""}, "bad_particulars"),
        ({"last_day": "tomorrow"}, "bad_particulars"),
        ({"reason": "a\u200bb"}, "bad_particulars"),
        ({"until": "2024-07-26"}, "bad_particulars"),
    ],
)
def test_what_cannot_be_handed_over_is_refused_by_name(
    city: City, changes: dict[str, Any], refused: str
) -> None:
    assert code(hand_over(city, "admin", **changes)) == refused
    assert city.count("delegations") == 0


def test_one_role_has_one_substitute_at_a_time_who_is_there(city: City) -> None:
    city.person("gao", "city_officer", bureau_id=city.city)
    assert isinstance(hand_over(city), HandedOver)
    assert code(hand_over(city, substitute="gao", first_day="2024-07-26", last_day="2024-07-30")) == (
        "handed_over_already"
    )
    assert isinstance(
        hand_over(city, substitute="gao", first_day="2024-07-27", last_day="2024-07-30"), HandedOver
    )
    assert code(hand_over(city, "gao", absent="gao", substitute="chen")) == "substitute_absent"
    # Nobody hands on what was handed over to them.
    claim = behalf(city, "lin", "chen", "city_officer")
    city.at("2024-07-16T09:00")
    onward = {**WANTED, "first_day": "2024-08-01", "last_day": "2024-08-02", "substitute": "gao"}
    assert code(delegation.hand_over(city.engine, claim, onward)) == "role_may_not"


def test_who_holds_a_role_for_several_units_says_for_which(city: City) -> None:
    with writing(city.engine) as connection:
        other = parties.bureau_id(connection, "xiangyin")
        wang = city.people["wang"].person
        parties.grant(connection, wang, "district_officer", bureau_id=other, valid_from=date(2024, 1, 1))
    wanted = {"absent": "wang", "role": "district_officer", "substitute": "he"}
    assert code(hand_over(city, "wang", **wanted)) == "which_unit"
    assert code(hand_over(city, "wang", **wanted, of="xiangyin")) == "substitute_of_another_unit"
    assert isinstance(hand_over(city, "wang", **wanted, of="pingjiang"), HandedOver)


def test_whoever_has_left_stands_in_for_nobody(city: City) -> None:
    assert isinstance(hand_over(city), HandedOver)
    day = date(2024, 7, 16)
    assert len(absent_on(city, day)) == 1
    people = {row["id"]: row for row in city.rows("roles") if row["person_id"] == city.people["lin"].person}
    with writing(city.engine) as connection:
        for role_id in people:
            parties.end_role(connection, role_id, date(2024, 7, 15))
    assert absent_on(city, day) == {}
    city.at("2024-07-16T09:00")
    claim = behalf(city, "lin", "chen", "city_officer")
    assert code(city.ask(city.call, claim, "select", {"cases": []})) == "not_the_substitute"


def test_a_role_names_its_supervisor_inside_its_unit(city: City) -> None:
    roles = {row["person_id"]: row["id"] for row in city.rows("roles")}
    chen, boss, wang = (city.people[handle].person for handle in ("chen", "boss", "wang"))
    day = date(2024, 7, 10)
    with writing(city.engine) as connection:
        parties.supervise(connection, roles[chen], city.people["lin"].person, day)
        parties.supervise(connection, roles[chen], boss, day)
        with pytest.raises(parties.OutsideTheUnit):
            parties.supervise(connection, roles[chen], wang, day)
    with reading(city.engine) as connection:
        assert absence.supervisors(connection, day, [chen, boss, wang]) == {
            Post(chen, "city_officer", "yueyang"): boss
        }
