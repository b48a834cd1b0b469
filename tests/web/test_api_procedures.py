"""Procedures for programs: read, checked, compared, tried on open calls, and published."""

from types import SimpleNamespace

import pytest

from casework import procedure_list
from procedure.pack import load_texts, shipped
from tests.casework.city import City
from tests.procedure.edited_pack import edited_files
from tests.web.test_api import ROLES, Town, prepared_town, program, town

__all__ = ["prepared_town", "town"]

EDITS = {"application.stages.formal_review.title.zh": "材料审查", "settings.formal_review_days.value": 12}


def test_a_revision_is_compared_published_and_tried(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.case_at("formal_review")
    first, second = shipped("yueyang-2024"), load_texts(edited_files(EDITS))
    monkeypatch.setattr(procedure_list, "shipped_codes", lambda: ("yueyang-2024",))
    monkeypatch.setattr(procedure_list, "shipped", lambda _code: second)
    chen, admin = program(city, "chen", "city_officer"), program(city, "admin", "administrator")
    listed = chen.ask("GET", "/procedures").json()
    assert [(each["hash"], each["published_at"] is None) for each in listed] == [
        (second.content_hash, True),
        (first.content_hash, False),
    ]
    path = f"/procedures/{second.content_hash[:12]}"
    seen = chen.ask("GET", path).json()
    assert (seen["before"], seen["code"]) == (first.content_hash, "yueyang-2024")
    told = [line["zh"] for part in seen["differences"] for line in part["says"]]
    assert [each for each in told if "材料审查" in each] != []
    assert "材料审查" in seen["text"]["zh"]
    assert {each["severity"] for each in seen["findings"]} <= {"remark"}
    assert chen.ask("GET", f"{path}/moves").json() == []  # nothing can move to what is not published
    assert chen.ask("POST", f"{path}/publish").json()["code"] == "role"
    with monkeypatch.context() as flawed:
        flaw = SimpleNamespace(severity="flaw", text=lambda language: f"flaw {language}")
        flawed.setattr(procedure_list, "check", lambda _procedure: [flaw])
        refused = admin.ask("POST", f"{path}/publish")
        assert (refused.status_code, refused.json()["code"]) == (409, "flawed")
        assert refused.json()["facts"]["flaws"] == [{"zh": "flaw zh", "en": "flaw en"}]
    assert city.count("revisions") == 1
    done = admin.ask("POST", f"{path}/publish")
    assert (done.status_code, done.json()["published_by"]) == (200, "Admin"), done.text
    assert admin.ask("POST", f"{path}/publish").json()["code"] == "already_published"
    before = city.everything()
    [moves] = chen.ask("GET", f"{path}/moves").json()
    assert (moves["call"], moves["problem"], len(moves["subjects"])) == ("2024", None, 2)
    [case] = [each for each in moves["subjects"] if each["number"] == "YY2024-0001"]
    assert case["blocked"] is False
    assert "形式审查" in case["says"][0]["zh"]
    assert city.everything() == before


def test_procedures_are_the_bureaus(town: Town) -> None:
    own = shipped("yueyang-2024").content_hash[:12]
    routes = [("GET", ""), ("GET", f"/{own}"), ("GET", f"/{own}/moves"), ("POST", f"/{own}/publish")]
    revisions = town.city.count("revisions")
    found = dict[str | None, list[int]]()
    for handle, role in {**ROLES, "lin": "city_officer"}.items():
        asks = program(town.city, handle, role)
        found[handle] = [asks.ask(method, f"/procedures{path}").status_code for method, path in routes]
    nobody = {each: [403] * 4 for each in ("zhang0", "zhang1", "li", "mao", "wang", "xu", "ops")}
    bureau = {each: [200, 200, 200, 403] for each in ("chen", "boss")}
    assert found == nobody | bureau | {
        "admin": [200, 200, 200, 409],
        "lin": [200, 404, 404, 403],
        None: [401] * 4,
    }
    assert town.city.count("revisions") == revisions
