"""What an act would do, for programs: what it then does, and nothing is written before."""

from tests.casework.city import City
from tests.web.test_api import ROLES, program
from tests.web.test_api_matters import SEES, asked, entry_of, town
from tests.web.test_evaluations import filed

__all__ = ["filed", "town"]

TABLES = ("events", "notices", "deadlines", "timers")


def test_a_preview_of_an_act_on_a_matter_tells_what_it_then_does(town: City) -> None:
    path = f"/matters/yueyang/PJ2025/{entry_of(town)}"
    zhang, boss = program(town, "zhang0", "applicant"), program(town, "boss", "city_leader")
    body = {"json": {"reason": "厂房搬迁"}}
    rows = {name: town.count(name) for name in TABLES}
    refused = zhang.ask("POST", f"{path}/previews/postpone_evaluation", **body)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_may_not")
    stale = boss.ask("POST", f"{path}/previews/postpone_evaluation", **body, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    seen = boss.ask("POST", f"{path}/previews/postpone_evaluation", **body)
    assert seen.status_code == 200, seen.text
    assert {name: town.count(name) for name in TABLES} == rows
    told = seen.json()
    assert [each["flaw"] for each in told["notices"]] == [None] * len(told["notices"])
    done = boss.ask("POST", f"{path}/acts/postpone_evaluation", **body).json()
    assert (
        (told["stage"], told["outcome"]) == (done["stage"], done["outcome"]) == ("self_report", "postponed")
    )
    sent = town.rows("notices")[rows["notices"] :]
    people = {row["id"]: row["name"] for row in town.rows("people")}
    assert [each["recipient"] for each in told["notices"]] == [people[row["recipient_id"]] for row in sent]
    assert "厂房搬迁" in told["notices"][0]["text"]


def test_nobody_previews_what_they_do_not_see_or_with_a_token_that_reads(town: City) -> None:
    number, draft = entry_of(town), asked(town)["number"]
    events, wrong = town.count("events"), []
    places = {"entry": number, "evaluation": f"PJ2025/{number}", "draft": draft}
    for handle, role in {**ROLES, "lin": "city_officer"}.items():
        asks = program(town, handle, role)
        for name, ref in places.items():
            answer = asks.ask("POST", f"/matters/yueyang/{ref}/previews/no_such_act")
            if (answer.status_code == 404 and answer.json()["code"] == "unknown_act") is not (
                handle in SEES[name]
            ):
                wrong.append(f"{handle} {ref}: {answer.text}")
    assert wrong == []
    reads = program(town, "zhang0", "applicant", "read")
    assert reads.ask("POST", f"/matters/yueyang/{draft}/previews/withdraw_change").json()["code"] == "scope"
    assert town.count("events") == events


def test_a_preview_of_a_case_and_of_a_call(city: City) -> None:
    number = city.subject(city.case_at("recommendation")).ref
    wang = program(city, "wang", "district_officer")
    seen = wang.ask("POST", f"/cases/yueyang/{number}/previews/decline", json={"reason": "不属于本区"})
    assert (seen.status_code, seen.json()["outcome"]) == (200, "declined"), seen.text
    assert "不属于本区" in seen.json()["notices"][0]["text"]
    assert wang.ask("GET", f"/cases/yueyang/{number}").json()["outcome"] is None
    assert wang.ask("POST", "/calls/yueyang/2024/previews/select", json={}).json()["code"] == "role"
    chen = program(city, "chen", "city_officer")
    early = chen.ask("POST", "/calls/yueyang/2024/previews/select", json={"cases": [number]})
    assert early.status_code in (403, 409), early.text


def test_a_preview_of_what_is_begun_leaves_nothing_and_tells_where_it_begins(town: City) -> None:
    path = f"/matters/yueyang/{entry_of(town)}/begin/change"
    body = {"json": {"aspect": "direction", "value": "石化新材料", "reason": "项目需要"}}
    rows = {name: town.count(name) for name in (*TABLES, "subjects", "matters", "consents")}
    zhang = program(town, "zhang0", "applicant")
    seen = zhang.ask("POST", f"{path}/preview", **body)
    assert (seen.status_code, seen.json()["stage"]) == (200, "draft"), seen.text
    assert zhang.ask("POST", f"{path}/preview", json={"aspect": "direction"}).status_code == 422
    for handle, role, status, code in (
        ("li", "member", 403, "not_yours"),
        ("xu", "district_officer", 404, "not_found"),
        (None, "", 401, "no_token"),
    ):
        refused = program(town, handle, role).ask("POST", f"{path}/preview", **body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    reads = program(town, "zhang0", "applicant", "read")
    assert reads.ask("POST", f"{path}/preview", **body).json()["code"] == "scope"
    assert {name: town.count(name) for name in rows} == rows
    begun = zhang.ask("POST", path, **body)
    assert (begun.status_code, begun.json()["stage"]) == (201, seen.json()["stage"])
    open_already = zhang.ask("POST", f"{path}/preview", **body)
    assert (open_already.status_code, open_already.json()["code"]) == (409, "change_open")
