"""A day's defences for programs: who can be heard, the timetable beforehand, and all of it set at once."""

from typing import Any

from casework import parties
from models.database import writing
from procedure.pack import shipped
from tests.casework.city import City
from tests.web.test_api import program
from tests.web.test_defence_times import timetable, town

__all__ = ["town"]

PATH = "/calls/yueyang/2024/defences"
ASK: dict[str, Any] = {
    "cases": ["YY2024-0003", "YY2024-0001", "YY2024-0002"],
    "begins": "2024-07-11T14:00",
    "minutes": 20,
    "place": "三楼会议室",
}


def test_a_day_is_seen_beforehand_and_then_set_as_it_was_seen(town: City) -> None:
    chen = program(town, "chen", "city_officer")
    seen = chen.ask("GET", PATH).json()
    assert [(each["number"], each["short"], len(each["panel"])) for each in seen["waiting"]] == [
        (f"YY2024-000{n}", False, 3) for n in (1, 2, 3)
    ]
    assert (seen["quorum"], seen["timetable"]) == (2, [])
    planned = chen.ask("POST", f"{PATH}/plan", json=ASK).json()
    assert [(each["number"], each["position"], each["at"]) for each in planned["turns"]] == [
        ("YY2024-0003", 1, "2024-07-11T14:00:00+08:00"),
        ("YY2024-0001", 2, "2024-07-11T14:20:00+08:00"),
        ("YY2024-0002", 3, "2024-07-11T14:40:00+08:00"),
    ]
    assert timetable(town) == []
    other = chen.ask("POST", PATH, json={**ASK, "minutes": 25, "mark": planned["mark"]})
    assert (other.status_code, other.json()["code"]) == (412, "another_timetable")
    assert timetable(town) == []
    ask = {"json": {**ASK, "mark": planned["mark"]}, "headers": {"Idempotency-Key": "day-1"}}
    done = chen.ask("POST", PATH, **ask).json()
    assert [(each["number"], each["problem"]) for each in done] == [(each, None) for each in ASK["cases"]]
    assert timetable(town) == [("3", 1, "11 06:00"), ("1", 2, "11 06:20"), ("2", 3, "11 06:40")]  # UTC
    again = chen.ask("POST", PATH, **ask).json()
    assert [each["receipt"]["repeated"] for each in again] == [True] * 3
    assert [each["number"] for each in chen.ask("GET", PATH).json()["timetable"]] == ASK["cases"]


def test_an_expert_in_two_rooms_is_told_and_what_is_wrong_is_named(town: City) -> None:
    town.do(3, "chen", "schedule_defence", at="2024-07-11T14:00", place="三楼", position=1)
    chen = program(town, "chen", "city_officer")
    shared = set(town.subject(3).application.panel) & set(town.subject(4).application.panel)
    [turn] = chen.ask("POST", f"{PATH}/plan", json={**ASK, "cases": ["YY2024-0003"]}).json()["turns"]
    assert [each["number"] for each in turn["clashes"]] == ["YY2024-0002"] * len(shared)
    assert turn["position"] == 2
    for change, code in (
        ({"cases": ["YY2024-0003", "YY2024-0009"]}, "not_to_be_heard"),
        ({"begins": "2024-07-09T09:00"}, "time_past"),
        ({"begins": "9999-12-31T23:59"}, "bad_value"),
        ({"begins": "nine"}, "bad_value"),
        ({"place": " "}, "bad_request"),
    ):
        answer = chen.ask("POST", f"{PATH}/plan", json={**ASK, **change})
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_only_the_bureau_of_the_call_plans_and_only_its_officers_set(town: City) -> None:
    for handle, role in (("chen", "city_officer"), ("boss", "city_leader"), ("wang", "district_officer")):
        answer = program(town, handle, role, "read").ask("GET", PATH)
        assert answer.status_code == (403 if handle == "wang" else 200)
    assert program(town, "chen", "city_officer", "read").ask("POST", PATH, json=ASK).json()["code"] == "scope"
    refused = program(town, "boss", "city_leader").ask("POST", PATH, json=ASK).json()
    assert {each["problem"]["code"] for each in refused} == {"role_may_not"}
    with writing(town.engine) as connection:
        elsewhere = parties.city_bureau(connection, shipped("qingdao-2025").procedure.bureau)
    town.person("lin", "city_officer", bureau_id=elsewhere)
    lin = program(town, "lin", "city_officer")
    for method, path in (("GET", PATH), ("POST", f"{PATH}/plan"), ("POST", PATH)):
        assert lin.ask(method, path, json=ASK).status_code == 404
    assert timetable(town) == []
