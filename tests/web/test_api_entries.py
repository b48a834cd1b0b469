"""An entry of the register, for programs: its history, what it may claim, its targets against actuals."""

from collections.abc import Callable
from pathlib import Path

from pendulum import Date

from casework import api_tokens, clock, loading, rounds, wake
from models.database import reading, writing
from tests.casework.city import City
from tests.casework.kunshan import NUMBER, kunshan
from tests.web.conftest import browser
from tests.web.desk import PDF
from tests.web.straight import Browser
from tests.web.test_api import ROLES, Program, program
from tests.web.test_api_matters import CITY, asked, entry_of, town
from tests.web.test_evaluations import filed
from web.app import create_app
from web.settings import PortalSettings

__all__ = ["filed", "town"]


def test_a_change_stands_in_the_history_of_its_entry_and_the_state_in_the_register(town: City) -> None:
    number, change = entry_of(town), asked(town)["number"]
    path = f"/matters/yueyang/{number}/history"
    zhang, li, chen = (program(town, handle, ROLES[handle]) for handle in ("zhang0", "li", "chen"))
    assert zhang.ask("GET", path).json() == []
    stored = zhang.ask("POST", f"/matters/yueyang/{change}/files", files={"file": ("方案.pdf", PDF)}).json()
    material = {"material": "construction_plan", "digest": stored["digest"], "name": stored["name"]}
    decision = {"result": "approved", "answer": "符合规定", "document_number": "3号"}
    for asks, act, body in (
        (zhang, "attach_material", material),
        (zhang, "hand_in_change", {}),
        (li, "consent_to_change", {}),
        (chen, "decide_change", decision),
    ):
        answer = asks.ask("POST", f"/matters/yueyang/{change}/acts/{act}", json=body)
        assert answer.status_code == 200, answer.text
    [told] = li.ask("GET", path).json()
    assert (told["cause"], told["aspect"], told["reason"]) == (change, "direction", "符合规定")
    assert told["title"] == {"zh": "方向", "en": "direction"}
    assert (told["before"]["direction"], told["after"]["direction"]) == (None, "石化新材料")
    assert chen.ask("GET", f"/matters/yueyang/{change}/history").status_code == 404
    for handle, role in {**ROLES, "lin": "city_officer"}.items():
        status = program(town, handle, role).ask("GET", path).status_code
        sees = handle in {"zhang0", "li", "wang"} | CITY
        assert status == (401 if handle is None else 200 if sees else 404), handle
    shown = browser(town).get(f"/api/v1/register/yueyang/{number}").json()
    assert shown["direction"] == "石化新材料"
    assert [each["state"] for each in shown["history"]] == ["valid"]
    assert browser(town).get("/api/v1/register/yueyang/nothing").status_code == 404


def test_what_an_entry_may_claim_is_told_with_the_amount_and_the_clause(
    played: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = f"/matters/kunshan/{NUMBER}/support"
    with kunshan(played, tmp_path) as city:
        with writing(city.engine) as connection:
            token = api_tokens.make(
                connection, city.applicant, "test", "read", clock.present(None), 1, Date(2025, 10, 28)
            )
        asks = Program(Browser(create_app(city.engine, tmp_path / "files", PortalSettings())), token)
        told = asks.ask("GET", path).json()
        assert (told["day"], told["statuses"]) == ("2025-10-28", {"suzhou_cultivation": "2025-10-27"})
        assert len(told["measures"]) == 13
        of = {each["measure"]: each for each in told["measures"]}
        given = of["suzhou_cultivation"]
        assert (given["verdict"], given["at_most_fen"]) == ("payable", 100_000_000)
        assert any("4(1)" in each["clause"]["en"] for each in given["reasons"])
        assert [each["code"] for each in of["kunshan_cultivation"]["reasons"]] == ["status_missing"]
        project = {"measure": "special_project", "object": "项目甲"}
        [unknown] = asks.ask("GET", path, params=project).json()["measures"]
        assert (unknown["verdict"], unknown["reasons"][0]["code"]) == ("cannot_tell", "fact_missing")
        known = {**project, "know": "in_special_programme=true"}
        [answer] = asks.ask("GET", path, params=known).json()["measures"]
        assert (answer["verdict"], answer["at_most_fen"]) == ("payable", 300_000_000)
        for wrong, code in (
            ({"measure": "x"}, "unknown_measure"),
            ({"know": "x=true"}, "unknown_fact"),
            ({"know": "in_special_programme=1"}, "bad_value"),
        ):
            refused = asks.ask("GET", path, params=wrong)
            assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert asks.ask("GET", f"/matters/kunshan/{NUMBER}9/support").status_code == 404


def test_targets_stand_beside_what_was_reached(city: City) -> None:
    case = city.filled()
    targets = {"consortium.target_patents": 8, "consortium.targets_by": "2026-12-31"}
    city.do(case, "zhang0", "save_draft", fields=targets)
    city.carry(case, "selection")
    city.at("2024-08-05T09:00")
    wake.sweep(city.engine, "call")
    city.do(city.call, "boss", "select", cases=[city.subject(case).ref])
    city.do(case, "chen", "file", document_number="1号", document_date="2024-08-05")
    city.at("2025-08-05T09:00")
    rounds.announce(city.engine, "yueyang", city.people["chen"], {"code": "PJ2025", "period": "2025"})
    rounds.open_tasks(city.engine)
    ref = f"PJ2025/{entry_of(city)}"
    wang = program(city, "wang", "district_officer", "read")
    [told] = wang.ask("GET", f"/matters/yueyang/{ref}").json()["targets"]
    assert told["by"] == {"zh": "2026年12月31日", "en": "31 December 2026"}
    assert (told["field"], told["target"]["zh"], told["reached"]) == ("consortium.target_patents", "8", None)
    with reading(city.engine) as connection:
        task = loading.id_of(connection, ref)
    reached = {"consortium.target_patents": "6"}
    city.do(task, "zhang0", "submit_report", contents={"results": "完成"}, reached=reached)
    [told] = wang.ask("GET", f"/matters/yueyang/{ref}").json()["targets"]
    assert (told["reached"], told["share"]) == ({"zh": "6", "en": "6"}, "75.0%")
