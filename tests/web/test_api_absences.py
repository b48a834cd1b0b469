"""Handing a role over, and the receipt of a submission, for programs."""

from tests.casework.city import City
from tests.web.test_api import program


def test_a_role_is_handed_over_once_and_ended_early(city: City) -> None:
    city.person("deputy", "city_officer", bureau_id=city.city)
    chen, deputy = (program(city, handle, "city_officer") for handle in ("chen", "deputy"))
    wanted = {"absent": "chen", "role": "city_officer", "substitute": "deputy", "reason": "出差"}
    wanted |= {"first_day": "2024-07-10", "last_day": "2024-07-12"}
    done = chen.ask("POST", "/absences", json=wanted)
    assert (done.status_code, done.json()) == (201, {"absence": 1, "repeated": False})
    assert chen.ask("POST", "/absences", json=wanted).json() == {"absence": 1, "repeated": True}
    other = chen.ask("POST", "/absences", json={**wanted, "reason": "休假"})
    assert (other.status_code, other.json()["code"]) == (409, "handed_over_already")
    assert chen.ask("POST", "/absences", json={**wanted, "last_day": "x"}).status_code == 422
    [away] = chen.ask("GET", "/absences").json()["handed_over"]
    assert (away["name"], away["role"], away["last_day"]) == ("Deputy", "city_officer", "2024-07-12")
    [stands] = deputy.ask("GET", "/absences").json()["standing_in"]
    assert (stands["id"], stands["name"]) == (1, "Chen")
    wang = program(city, "wang", "district_officer")
    assert wang.ask("GET", "/absences").json() == {"standing_in": [], "handed_over": []}
    assert wang.ask("POST", "/absences/1/end").json()["code"] == "role_may_not"
    assert program(city, "chen", "city_officer", "read").ask("POST", "/absences/1/end").status_code == 403
    assert deputy.ask("POST", "/absences/1/end").json() == {"absence": 1}
    assert chen.ask("GET", "/absences").json()["handed_over"] == []


def test_a_receipt_attests_the_last_submission_to_who_sees_the_case(city: City) -> None:
    city.filled(0)
    zhang = program(city, "zhang0", "applicant")
    path = "/cases/yueyang/YY2024-0001/receipt"
    assert zhang.ask("GET", path).status_code == 404
    case = city.rows("cases")[0]["subject_id"]
    city.do(case, "zhang0", "submit")
    [sent] = [row for row in city.rows("events", case) if row["kind"] == "submitted"]
    told = zhang.ask("GET", path).json()
    assert (told["number"], told["at"], told["digest"]) == (
        "YY2024-0001",
        "2024-07-10T09:00:00+08:00",
        sent["hash"],
    )
    assert {each["material"] for each in told["documents"]} == {
        "application_form",
        "implementation_plan",
        "cooperation_agreement",
    }
    assert program(city, "chen", "city_officer").ask("GET", path).json() == told
    city.lead(1)
    assert program(city, "zhang1", "applicant").ask("GET", path).status_code == 404
