"""What is stuck, for programs: incidents taken on, tried again and closed, deliveries sent again."""

from casework import clock, incidents, parties
from models.database import writing
from procedure.pack import shipped
from tests.casework.city import City
from tests.web.test_api import program
from tests.web.test_operations_desk import broken, given_up_in


def test_an_incident_is_taken_on_tried_again_and_closed(city: City) -> None:
    incident = broken(city, 1, 2)
    city.person("ops", "operations", bureau_id=city.city)
    ops = program(city, "ops", "operations")
    assert [each["id"] for each in ops.ask("GET", "/incidents").json()["incidents"]] == [incident]
    path = f"/incidents/{incident}"
    seen = ops.ask("GET", path).json()
    numbers = [each["number"] for each in seen["hit"]]
    assert (seen["state"], numbers) == ("open", ["YY2024-0001", "YY2024-0002"])
    taken = ops.ask("POST", f"{path}/acknowledge").json()
    assert (taken["state"], taken["assigned_to"]) == ("acknowledged", "ops")
    assert {each["handle"] for each in taken["colleagues"]} == {"chen", "boss", "admin", "ops"}
    stranger = ops.ask("POST", f"{path}/assign", json={"to": "wang"})
    assert (stranger.status_code, stranger.json()["code"]) == (422, "no_such_colleague")
    given = ops.ask("POST", f"{path}/assign", json={"to": "chen"}).json()
    assert (given["state"], given["assigned_to"]) == ("acknowledged", "chen")
    assert [each["kind"] for each in given["history"]] == ["raised", "acknowledged", "assigned"]
    [tried] = ops.ask("POST", f"{path}/retry", json={"numbers": numbers[:1]}).json()
    assert (tried["number"], tried["recovered"]) == (numbers[0], False)
    assert tried["error"]
    assert ops.ask("POST", f"{path}/close", json={"remark": " "}).status_code == 422
    assert ops.ask("POST", f"{path}/close", json={"remark": "已更正"}).json()["state"] == "closed"
    assert ops.ask("GET", f"/incidents/{incident + 1}").status_code == 404


def test_incidents_are_listed_a_page_at_a_time(city: City) -> None:
    with writing(city.engine) as connection:
        now = clock.now(connection)
        made = [incidents.record_incident(connection, f"f{n}", "disk", "满", "", now) for n in range(3)]
        incidents.resolve(connection, "f0", now)
    chen = program(city, "chen", "city_officer", "read")
    first = chen.ask("GET", "/incidents", params={"state": "all", "limit": 2}).json()
    rest = chen.ask("GET", "/incidents", params={"state": "all", "after": first["next"]}).json()
    pages = [[each["id"] for each in page["incidents"]] for page in (first, rest)]
    assert (pages, rest["next"]) == ([[made[2], made[1]], [made[0]]], None)
    left = chen.ask("GET", "/incidents").json()["incidents"]
    assert [each["id"] for each in left] == [made[2], made[1]]


def test_what_was_given_up_is_sent_again_and_recalled(city: City) -> None:
    city.case_at("recommendation", 0)
    given_up = given_up_in(city)
    chen = program(city, "chen", "city_officer")
    page = chen.ask("GET", "/deliveries", params={"limit": 1}).json()
    [first] = page["deliveries"]
    assert (first["id"], first["state"], first["answer"]) == (given_up[-1], "dead", "550 no such user")
    rest = chen.ask("GET", "/deliveries", params={"after": page["next"]}).json()
    assert [each["id"] for each in rest["deliveries"]] == given_up[-2::-1]
    body = {"json": {"ids": [first["id"]]}}
    assert chen.ask("POST", "/deliveries/resend", **body).json() == {"ids": [first["id"]]}
    waiting = chen.ask("GET", "/deliveries", params={"state": "waiting"}).json()["deliveries"]
    assert [each["id"] for each in waiting] == [first["id"]]
    assert chen.ask("POST", "/deliveries/recall", **body).json() == {"ids": [first["id"]]}


def test_another_citys_bureau_and_those_of_none_reach_neither(city: City) -> None:
    incident = broken(city, 1)
    with writing(city.engine) as connection:
        elsewhere = parties.city_bureau(connection, shipped("qingdao-2025").procedure.bureau)
    city.person("lin", "city_officer", bureau_id=elsewhere)
    lin, wang = program(city, "lin", "city_officer"), program(city, "wang", "district_officer")
    [notice, *_] = city.rows("notices")
    entries = city.count("incident_entries")
    bodies = {
        "acknowledge": {},
        "assign": {"to": "lin"},
        "close": {"remark": "x"},
        "retry": {"numbers": ["x"]},
    }
    for way, body in bodies.items():
        path = f"/incidents/{incident}/{way}"
        assert lin.ask("POST", path, json=body).status_code == 404
        assert wang.ask("POST", path, json=body).status_code == 403
    resend = {"json": {"ids": [notice["id"]]}}
    assert lin.ask("POST", "/deliveries/resend", **resend).json() == {"ids": []}
    assert lin.ask("GET", "/deliveries", params={"state": "waiting"}).json()["deliveries"] == []
    assert wang.ask("POST", "/deliveries/resend", **resend).status_code == 403
    reads = program(city, "chen", "city_officer", "read")
    assert reads.ask("POST", "/deliveries/resend", **resend).json()["code"] == "scope"
    assert city.count("incident_entries") == entries
