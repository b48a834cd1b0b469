"""A call set up by a program: by an administrator alone, with its dates, once."""

from tests.casework.city import City
from tests.web.conftest import browser
from tests.web.test_api import program

DATES = {
    "filing_opens": "2025-07-04T00:00",
    "filing_closes": "2025-08-04T18:00",
    "recommendation_due": "2025-08-09T18:00",
    "papers_due": "2025-08-13",
}
ASK = {"procedure": "yueyang-2024", "code": "2025", "title": {"zh": "2025年申报", "en": "Call of 2025"}}


def test_an_administrator_announces_a_call_once(city: City) -> None:
    admin = program(city, "admin", "administrator")
    ask = {"json": {**ASK, "dates": DATES}}
    for handle, role in (("chen", "city_officer"), ("wang", "district_officer"), (None, "")):
        answer = program(city, handle, role).ask("POST", "/calls/yueyang", **ask)
        assert answer.status_code == (401 if handle is None else 403), answer.text
    wrong = admin.ask("POST", "/calls/yueyang", json={**ASK, "dates": {**DATES, "papers_due": "2025-01-01"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_dates")
    assert (wrong.json()["facts"], len(wrong.json()["details"])) == ({"dates": ["papers_due"]}, 1)
    for body, path in ((ASK, "/calls/qingdao"), ({**ASK, "procedure": "none"}, "/calls/yueyang")):
        assert admin.ask("POST", path, json=body).json()["code"] == "no_such_procedure"
    assert admin.ask("POST", "/calls/yueyang", json={**ASK, "code": "a b"}).status_code == 422
    assert [row["code"] for row in city.rows("calls")] == ["2024"]
    first = admin.ask("POST", "/calls/yueyang", **ask)
    assert (first.status_code, first.headers["Location"]) == (201, "/api/v1/calls/yueyang/2025"), first.text
    again = admin.ask("POST", "/calls/yueyang", **ask)
    assert (again.status_code, again.json()["code"]) == (409, "call_exists")
    shown = browser(city).get("/api/v1/calls/yueyang/2025").json()
    assert shown["title"] == {"zh": "2025年申报", "en": "Call of 2025"}
    assert shown["closes_at"] == "2025-08-04T10:00:00Z"
    pages = {
        name: browser(city).get("/api/v1/calls", params=query).json()
        for name, query in (
            ("first", {"limit": 1}),
            ("open", {"accepting": True}),
            ("not", {"accepting": False}),
        )
    }
    pages["rest"] = browser(city).get("/api/v1/calls", params={"after": pages["first"]["next"]}).json()
    codes = {name: [each["code"] for each in page["calls"]] for name, page in pages.items()}
    assert codes == {"first": ["2025"], "rest": ["2024"], "open": ["2024"], "not": ["2025"]}
    assert pages["rest"]["next"] is None
