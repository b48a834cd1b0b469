"""Bars, the credit file and units' first people for programs of the bureau."""

from casework import credit, parties
from models.database import writing
from procedure.pack import shipped
from tests.casework.city import City, lead_uscc
from tests.web.desk import Person
from tests.web.test_api import program
from tests.web.test_unit_links import NEW, joined, zhang

__all__ = ["zhang"]


def test_a_bureau_reads_its_own_file_and_judges_a_first_person_once(city: City, zhang: Person) -> None:
    joined(city, zhang)
    with writing(city.engine) as connection:
        elsewhere = parties.city_bureau(connection, shipped("qingdao-2025").procedure.bureau)
    city.person("lin", "city_officer", bureau_id=elsewhere)
    breach = {"uscc": lead_uscc(0), "facts": "提供虚假材料", "source": "7号"}
    assert isinstance(credit.record(city.engine, city.people["chen"], breach), int)
    chen, lin = (program(city, handle, "city_officer") for handle in ("chen", "lin"))
    file = chen.ask("GET", "/trust").json()
    assert (file["bars"], [(each["whose"], each["facts"]) for each in file["breaches"]]) == (
        [],
        [(lead_uscc(0), "提供虚假材料")],
    )
    assert lin.ask("GET", "/trust").json() == {"bars": [], "breaches": []}
    again = chen.ask("POST", "/trust/breaches", json=breach)
    assert (again.status_code, again.json()["code"], again.json()["facts"]) == (
        409,
        "recorded_already",
        {"record": 1},
    )
    other = chen.ask("POST", "/trust/breaches", json={**breach, "source": "8号"})
    assert (other.status_code, other.json()) == (201, {"breach": 2})
    assert chen.ask("POST", "/trust/breaches", json={"facts": "x"}).status_code == 422
    referral = {"json": {"to": "市公安局", "on": "2024-07-10"}}
    assert lin.ask("POST", "/trust/breaches/2/refer", **referral).json()["code"] == "no_such_record"
    assert chen.ask("POST", "/trust/breaches/2/refer", **referral).json() == {"breach": 2}
    assert chen.ask("POST", "/trust/breaches/2/refer", **referral).status_code == 409
    assert [each["referred_to"] for each in chen.ask("GET", "/trust").json()["breaches"]] == [
        None,
        "市公安局",
    ]
    [first] = chen.ask("GET", "/first-people").json()
    assert (first["name"], first["uscc"], first["belongs"]) == ("孙丽", NEW, None)
    assert lin.ask("GET", "/first-people").json() == []
    path, yes = f"/first-people/{first['id']}", {"json": {"belongs": True}}
    assert lin.ask("POST", path, **yes).status_code == 404
    assert program(city, "wang", "district_officer").ask("POST", path, **yes).status_code == 403
    assert program(city, "wang", "district_officer").ask("GET", "/trust").status_code == 403
    assert program(city, "chen", "city_officer", "read").ask("POST", path, **yes).json()["code"] == "scope"
    [link] = city.rows("invitations")
    assert link["belongs"] is None
    assert chen.ask("POST", path, **yes).json() == {**first, "belongs": True}
    assert chen.ask("POST", path, json={"belongs": False}).status_code == 404
    assert city.rows("invitations")[0]["belongs"] is True
