"""What programs look up: appointments, the year of the programme, how the program is."""

from pathlib import Path

from casework import health, parties
from models.database import writing
from procedure.pack import shipped
from tests.casework.city import City
from tests.web.test_api import ROLES, program


def test_desks_look_up_what_is_theirs(city: City) -> None:
    case = city.case_at("site_visit")
    city.do(case, "chen", "schedule_visit", at="2024-07-12T09:00", team=["甲", "乙"])
    city.person("ops", "operations", bureau_id=city.city)
    with writing(city.engine) as connection:
        elsewhere = parties.city_bureau(connection, shipped("qingdao-2025").procedure.bureau)
    city.person("lin", "city_officer", bureau_id=elsewhere)
    chen, lin, ops = (
        program(city, handle, role, "read")
        for handle, role in (("chen", "city_officer"), ("lin", "city_officer"), ("ops", "operations"))
    )
    days = {"params": {"since": "2024-07-12", "until": "2024-07-12"}}
    [visit] = chen.ask("GET", "/appointments", **days).json()
    assert (visit["kind"], visit["number"], visit["details"]) == ("visit", "YY2024-0001", ["甲", "乙"])
    assert visit["at"] == "2024-07-12T01:00:00Z"
    assert (
        chen.ask("GET", "/appointments", params={"since": "2024-07-13", "until": "2024-07-14"}).json() == []
    )
    assert lin.ask("GET", "/appointments", **days).json() == []
    back = chen.ask("GET", "/appointments", params={"since": "2024-07-12", "until": "2024-07-11"})
    assert (back.status_code, back.json()["code"]) == (422, "bad_span")
    [year] = chen.ask("GET", "/years/2024", params={"language": "en"}).json()
    assert (year["bureau"], [(each["code"], each["submitted"]) for each in year["calls"]]) == (
        "yueyang",
        [("2024", 1)],
    )
    assert year["calls"][0]["outcomes"] == {"open": 1}
    assert [each["bureau"] for each in lin.ask("GET", "/years/2024").json()] == ["qingdao"]
    told = ops.ask("GET", "/health").json()
    files = Path(str(city.engine.url.database)).parent / "files"
    assert [each["name"] for each in told["checks"]] == [
        each.name for each in health.whole(city.engine, files)
    ]
    for handle, role in ROLES.items():
        asks = program(city, handle, role, "read") if handle in city.people else None
        if asks is not None and handle != "ops":
            bureau = 200 if handle in ("chen", "boss", "admin") else 403
            assert asks.ask("GET", "/health").status_code == 403
            assert asks.ask("GET", "/appointments", **days).status_code == bureau
            assert asks.ask("GET", "/years/2024").status_code == bureau
