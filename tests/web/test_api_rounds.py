"""Rounds of evaluation and renewals, for programs: begun once, by those they are for."""

from casework import calls, rounds
from casework.acts import Receipt
from tests.casework.city import City
from tests.web.test_api import ROLES, program
from tests.web.test_api_matters import CITY, entry_of, town
from tests.web.test_evaluations import filed

__all__ = ["filed", "town"]

LASTING = {
    "filing_opens": "2024-08-05T00:00",
    "filing_closes": "2028-12-01T18:00",
    "recommendation_due": "2028-12-09T18:00",
    "papers_due": "2028-12-13",
}


def test_a_round_is_announced_once_looked_at_and_closed(filed: City) -> None:
    chen = program(filed, "chen", "city_officer")
    ask = {"json": {"code": "PJ2025", "period": "2025"}, "headers": {"Idempotency-Key": "round-1"}}
    first = chen.ask("POST", "/rounds/yueyang", **ask)
    assert (first.status_code, first.headers["Location"]) == (201, "/api/v1/rounds/yueyang/PJ2025")
    assert chen.ask("POST", "/rounds/yueyang", **ask).json() == {**first.json(), "repeated": True}
    other = {**ask, "json": {"code": "PJ2026", "period": "2026"}}
    assert chen.ask("POST", "/rounds/yueyang", **other).json()["code"] == "key_used"
    taken = chen.ask("POST", "/rounds/yueyang", json=ask["json"])
    assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")
    wrong = chen.ask("POST", "/rounds/yueyang", json={"code": "PJ 2026"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_particulars")
    rounds.open_tasks(filed.engine)
    seen = chen.ask("GET", "/rounds/yueyang/PJ2025")
    told = seen.json()
    line = {name: told[name] for name in ("bureau", "code", "stage", "outcome", "began_at", "places")}
    assert line["places"] == {"self_report": 1}
    assert chen.ask("GET", "/rounds").json() == {"rounds": [line], "next": None}
    assert (told["version"], told["period"], told["purpose"], told["opened"]) == (2, "2025", "evaluation", 1)
    assert told["dates"] == {
        "self_report": "2025-09-02T23:59:59.999999+08:00",
        "last_report": "2025-09-16T23:59:59.999999+08:00",
    }
    tag = seen.headers["ETag"]
    path = "/rounds/yueyang/PJ2025"
    assert chen.ask("GET", path, headers={"If-None-Match": tag}).status_code == 304
    assert list(told["may"]) == ["complete_round"]
    stale = chen.ask("POST", f"{path}/acts/complete_round", headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    [task] = chen.ask("GET", "/matters", params={"round": "PJ2025"}).json()["matters"]
    assert task["number"] == f"PJ2025/{entry_of(filed)}"
    assert chen.ask("GET", "/matters", params={"round": "PJ2024"}).json()["matters"] == []
    postponed = chen.ask(
        "POST", f"/matters/yueyang/{task['number']}/acts/postpone_evaluation", json={"reason": "厂房搬迁"}
    )
    assert (postponed.status_code, postponed.json()["code"]) == (403, "role_may_not")
    boss = program(filed, "boss", "city_leader")
    postponed = boss.ask(
        "POST", f"/matters/yueyang/{task['number']}/acts/postpone_evaluation", json={"reason": "厂房搬迁"}
    )
    assert postponed.status_code == 200, postponed.text


def test_rounds_are_listed_a_page_at_a_time_the_latest_first(filed: City) -> None:
    for code in ("PJ2025", "PJ2026", "PJ2027"):
        rounds.announce(filed.engine, "yueyang", filed.people["chen"], {"code": code, "period": code})
    chen = program(filed, "chen", "city_officer")
    seen: list[list[str]] = []
    after: str | None = None
    while after is not None or not seen:
        query = {"limit": "2"} | ({} if after is None else {"after": after})
        page = chen.ask("GET", "/rounds", params=query).json()
        seen.append([each["code"] for each in page["rounds"]])
        after = page["next"]
    assert seen == [["PJ2027", "PJ2026"], ["PJ2025"]]
    assert chen.ask("GET", "/rounds", params={"after": "x"}).json()["code"] == "bad_cursor"


def test_only_the_bureau_of_a_round_reads_and_runs_it(town: City) -> None:
    events, wrong = town.count("events"), []
    for handle, role in {**ROLES, "lin": "city_officer"}.items():
        asks = program(town, handle, role)
        outside = 401 if handle is None else 403
        for method, path, own, lins in (
            ("GET", "/rounds/yueyang/PJ2025", 200, 404),
            ("GET", "/rounds/qingdao/PJ2025", 404, 404),
            ("POST", "/rounds/yueyang/PJ2025/acts/no_such_act", 404, 404),
            ("POST", "/rounds/yueyang", 409, 403),
        ):
            answer = asks.ask(method, path, json={"code": "PJ2025", "period": "2025"})
            right = own if handle in CITY else lins if handle == "lin" else outside
            if answer.status_code != right:
                wrong.append(f"{handle} {method} {path}: {answer.status_code}")
    assert wrong == []
    assert program(town, "lin", "city_officer").ask("GET", "/rounds").json() == {"rounds": [], "next": None}
    reads = program(town, "chen", "city_officer", "read")
    assert reads.ask("POST", "/rounds/yueyang", json={}).json()["code"] == "scope"
    assert town.count("events") == events


def test_a_filing_is_renewed_by_its_lead_unit_alone(town: City) -> None:
    revision = town.rows("revisions")[0]["id"]
    announced = calls.announce(town.engine, revision, "again", town.people["admin"], LASTING)
    assert isinstance(announced, Receipt), announced
    path, ask = f"/matters/yueyang/{entry_of(town)}/renewal", {"json": {"call": "again"}}
    zhang = program(town, "zhang0", "applicant")
    early = zhang.ask("POST", path, **ask)
    assert (early.status_code, early.json()["code"]) == (409, "renewal_not_open")
    town.at("2027-03-01T09:00")
    events = town.count("events")
    for handle, status in (("zhang1", 404), ("li", 403), ("wang", 403), ("chen", 403), ("lin", 404)):
        role = {**ROLES, "lin": "city_officer"}[handle]
        answer = program(town, handle, role).ask("POST", path, **ask)
        assert answer.status_code == status, (handle, answer.text)
    assert zhang.ask("POST", path, json={"call": "never"}).status_code == 404
    assert town.count("events") == events
    first = zhang.ask("POST", path, **ask)
    assert first.status_code == 201, first.text
    told = first.json()
    number = told["case"]["number"]
    assert first.headers["Location"] == f"/api/v1/cases/yueyang/{number}"
    assert "document:application_form" in told["to_give"]
    again = zhang.ask("POST", path, **ask).json()
    assert again == {**told, "case": {**told["case"], "repeated": True}}
    assert zhang.ask("GET", f"/cases/yueyang/{number}").status_code == 200
