"""What comes after filing, for programs: who reads and does what, and the same answers as for cases."""

from typing import Any

import pytest

from casework import parties, rounds
from models.database import writing
from procedure.acts import ACTS
from procedure.pack import shipped
from tests.casework.city import City, lead_uscc
from tests.web.desk import PDF
from tests.web.test_api import ROLES, program
from tests.web.test_evaluations import filed

__all__ = ["filed"]

CITY = {"chen", "boss", "admin", "ops"}
SEES = {
    "entry": {"zhang0", "li", "wang"} | CITY,
    "evaluation": {"zhang0", "li", "wang"} | CITY,
    "draft": {"zhang0"},
}
"""Whose token opens what: as on the portal, and the draft of a change is its lead unit's alone."""


@pytest.fixture
def town(filed: City) -> City:
    """The city with a round open, a change drawn up, and people whom none of it concerns."""
    filed.lead(1)
    with writing(filed.engine) as connection:
        xiangyin = parties.bureau_id(connection, "xiangyin")
        idle = parties.organisation(connection, lead_uscc(9), "第9公司", "enterprise")
        elsewhere = parties.city_bureau(connection, shipped("qingdao-2025").procedure.bureau)
    filed.person("xu", "district_officer", bureau_id=xiangyin)
    filed.person("mao", "member", organisation_id=idle)
    filed.person("ops", "operations", bureau_id=filed.city)
    filed.person("lin", "city_officer", bureau_id=elsewhere)
    rounds.announce(filed.engine, "yueyang", filed.people["chen"], {"code": "PJ2025", "period": "2025"})
    rounds.open_tasks(filed.engine)
    return filed


def entry_of(city: City) -> str:
    [entry] = city.rows("register_entries")
    return str(entry["number"])


def asked(city: City) -> dict[str, Any]:
    """Draw up a change of direction; return what it was, with its number."""
    body = {"aspect": "direction", "value": "石化新材料", "reason": "项目需要"}
    ask = {"json": body, "headers": {"Idempotency-Key": "change-1"}}
    answer = program(city, "zhang0", "applicant").ask(
        "POST", f"/matters/yueyang/{entry_of(city)}/begin/change", **ask
    )
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/api/v1/matters/yueyang/{told['number']}"
    return told


def test_every_person_reads_and_lists_exactly_what_concerns_them(town: City) -> None:
    number = entry_of(town)
    places = {"entry": number, "evaluation": f"PJ2025/{number}", "draft": asked(town)["number"]}
    wrong: list[str] = []
    for handle, role in {**ROLES, "lin": "city_officer"}.items():
        asks = program(town, handle, role, "read")
        for name, ref in places.items():
            right = 401 if handle is None else 200 if handle in SEES[name] else 404
            for path in (ref, ref.replace("/", "%2F")):
                status = asks.ask("GET", f"/matters/yueyang/{path}").status_code
                if status != right:
                    wrong.append(f"{handle} {path}: {status}")
        if handle is not None:
            listed = asks.ask("GET", "/matters").json()["matters"]
            listed += asks.ask("GET", "/matters", params={"kind": "entry"}).json()["matters"]
            seen = {name for name, ref in places.items() if ref in [each["number"] for each in listed]}
            if seen != {name for name, people in SEES.items() if handle in people}:
                wrong.append(f"{handle} lists {seen}")
    assert wrong == []


def test_no_act_reaches_what_one_does_not_see_and_none_is_done_by_who_may_not(town: City) -> None:
    number, draft = entry_of(town), asked(town)["number"]
    events = town.count("events")
    wrong: list[str] = []
    for handle, role in {**ROLES, "lin": "city_officer"}.items():
        asks, right = program(town, handle, role), 401 if handle is None else 404
        others = [
            ref
            for name, ref in (("entry", number), ("evaluation", f"PJ2025/{number}"), ("draft", draft))
            if handle not in SEES[name]
        ]
        ways = [f"acts/{act}" for act in sorted(ACTS)] + ["begin/change", "begin/claim", "urge"]
        for at, way in enumerate(ways if others else []):
            ref = others[at % len(others)]
            answer = asks.ask("POST", f"/matters/yueyang/{ref}/{way}", json={"reason": "x"})
            if answer.status_code != right:
                wrong.append(f"{handle} {ref} {way}: {answer.status_code}")
    assert wrong == []
    reads = program(town, "zhang0", "applicant", "read")
    assert reads.ask("POST", f"/matters/yueyang/{draft}/acts/withdraw_change").json()["code"] == "scope"
    li = program(town, "li", "member")
    refused = li.ask(
        "POST", f"/matters/yueyang/{number}/begin/change", json={"aspect": "name", "reason": "x"}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert town.count("events") == events


def test_an_evaluation_goes_from_its_report_to_its_grade(town: City) -> None:
    path = f"/matters/yueyang/PJ2025/{entry_of(town)}"
    zhang, wang, chen = (program(town, handle, ROLES[handle]) for handle in ("zhang0", "wang", "chen"))
    sent = zhang.ask("POST", f"{path}/files", files={"file": ("证书.pdf", PDF)})
    assert sent.status_code == 201, sent.text
    evidence = {"title": sent.json()["name"], "digest": sent.json()["digest"]}
    assert zhang.ask("POST", f"{path}/files", files={"file": ("x.pdf", b"MZ")}).json()["code"] == (
        "not_what_it_says"
    )
    seen = zhang.ask("GET", path)
    tag = seen.headers["ETag"]
    assert zhang.ask("GET", path, headers={"If-None-Match": tag}).status_code == 304
    assert (seen.json()["kind"], seen.json()["holder"]) == ("evaluation", "applicant")
    assert "submit_report" in seen.json()["may"]
    # Days that the round gave are explained like those that are counted.
    assert all(each["why"] for each in seen.json()["deadlines"])
    assert [each["at"] for each in seen.json()["deadlines"]] == [
        "2025-09-02T23:59:59.999999+08:00",
        "2025-09-16T23:59:59.999999+08:00",
    ]
    ask = {
        "headers": {"If-Match": tag, "Idempotency-Key": "r1"},
        "json": {"contents": {"results": "完成"}, "evidence": [evidence]},
    }
    first = zhang.ask("POST", f"{path}/acts/submit_report", **ask)
    assert first.status_code == 200, first.text
    assert zhang.ask("POST", f"{path}/acts/submit_report", **ask).json() == {**first.json(), "repeated": True}
    assert wang.ask("GET", f"{path}/files/{evidence['digest']}").content == PDF
    assert wang.ask("GET", f"{path}/files/{'0' * 64}").status_code == 404
    stale = wang.ask(
        "POST", f"{path}/acts/comment_report", headers={"If-Match": tag}, json={"comment": "属实"}
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert stale.json()["facts"].keys() == {"expected", "actual"}
    assert wang.ask("POST", f"{path}/acts/comment_report", json={"comment": "属实"}).status_code == 200
    for act, body in (
        ("appoint_reviewers", {"third_party": "某评估院"}),
        ("review_report", {"score": "95", "opinion": "好"}),
        ("grade", {}),
    ):
        assert chen.ask("POST", f"{path}/acts/{act}", json=body).status_code == 200, act
    wrong = chen.ask("POST", f"{path}/acts/grade", json={})
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (409, "application/problem+json")
    assert zhang.ask("GET", path).json()["record"]["grade"] == "excellent"
    # How each reviewer judged is the bureau's to know.
    hidden = {"reviews", "third_party"}
    assert hidden <= chen.ask("GET", path).json()["record"].keys()
    assert not hidden & zhang.ask("GET", path).json()["record"].keys()


def test_a_change_is_begun_once_consented_to_and_decided(town: City) -> None:
    first = asked(town)
    assert asked(town) == {**first, "repeated": True}
    path = f"/matters/yueyang/{first['number']}"
    zhang, li, chen = (program(town, handle, ROLES[handle]) for handle in ("zhang0", "li", "chen"))
    missing = zhang.ask("POST", f"{path}/acts/hand_in_change")
    assert (missing.status_code, missing.json()["code"]) == (409, "materials_missing")
    sent = zhang.ask("POST", f"{path}/files", files={"file": ("方案.pdf", PDF)}).json()
    material = {"material": "construction_plan", "digest": sent["digest"], "name": sent["name"]}
    for act, body in (("attach_material", material), ("hand_in_change", {})):
        assert zhang.ask("POST", f"{path}/acts/{act}", json=body).status_code == 200, act
    urged = zhang.ask("POST", f"{path}/urge", json={"remark": "请表态"})
    assert {name: urged.json()[name] for name in ("number", "holder", "people")} == {
        "number": 1,
        "holder": "applicant",
        "people": 1,
    }
    again = chen.ask("POST", f"{path}/urge")
    assert (again.status_code, again.json()["code"]) == (409, "urged_lately")
    assert again.json()["facts"].keys() == {"ref", "last", "again"}
    assert li.ask("POST", f"{path}/acts/consent_to_change").status_code == 200
    decision = {"result": "approved", "answer": "符合规定", "document_number": "3号"}
    decided = chen.ask("POST", f"{path}/acts/decide_change", json=decision)
    assert (decided.status_code, decided.json()["outcome"]) == (200, "approved")
    [listed] = li.ask("GET", "/matters", params={"kind": "change", "open": "false"}).json()["matters"]
    assert (listed["number"], listed["outcome"]) == (first["number"], "approved")


def test_pages_follow_each_other_without_a_gap(town: City) -> None:
    asked(town)
    chen = program(town, "zhang0", "applicant")
    seen: list[str] = []
    after: str | None = None
    while True:
        query = {"limit": "1"} | ({} if after is None else {"after": after})
        page = chen.ask("GET", "/matters", params=query).json()
        seen += [each["number"] for each in page["matters"]]
        after = page["next"]
        if after is None:
            break
    number = entry_of(town)
    assert seen == [f"PJ2025/{number}", f"{number}/C1"]
