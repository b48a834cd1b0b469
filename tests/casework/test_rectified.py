"""Rectifications in the database: every table says what is corrected, and the register keeps its history."""

from pathlib import Path
from typing import Any

import pytest
from city import City, lead_uscc
from panel_city import at_the_defence, city_of
from projected import agrees
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine

from casework import clock, register, register_file
from casework.acts import Receipt
from casework.register_file import Extract
from models.database import reading
from procedure.act import Refusal

REASON = {"reason": "录入有误"}


@pytest.fixture
def city(yueyang: City) -> City:
    yueyang.person("lin", "city_officer", bureau_id=yueyang.city)
    return yueyang


def rectify(city: City, case: int, items: dict[str, Any]) -> Receipt:
    city.do(case, "chen", "propose_rectification", items=items, **REASON)
    agrees(city, case)
    number = len(city.subject(case).application.rectifications)
    answer = city.do(case, "lin", "confirm_rectification", rectification=number)
    agrees(city, case)
    return answer


def test_a_corrected_entry_of_the_register_is_shown_with_its_history(city: City, tmp_path: Path) -> None:
    cases = [city.case_at("selection", n) for n in range(2)]
    city.at("2024-08-20T09:00")
    refs = [city.subject(case).ref for case in cases]
    city.do(city.call, "boss", "select", cases=refs)
    for n, case in enumerate(cases):
        city.do(case, "chen", "file", document_number=f"岳科发〔2024〕{n}号", document_date="2024-08-20")
    taken = city.ask(
        cases[0], "chen", "propose_rectification", {"items": {"filing.direction": "方向1"}, **REASON}
    )
    assert isinstance(taken, Refusal)
    assert taken.code == "name_taken"
    rectify(city, cases[0], {"filing.direction": "新能源", "filing.document_date": "2024-08-19"})
    with reading(city.engine) as connection:
        entry = register.entries(connection, number="YYLHT-2024-001")[0]
        (told,) = register.rectifications(connection)
    assert (entry.name, str(entry.valid_from), str(entry.valid_to)) == (
        "岳阳市新能源创新联合体",
        "2024-08-19",
        "2027-08-18",
    )
    assert (told.number, told.reason) == ("YYLHT-2024-001", "录入有误")
    assert told.before == {"filing.direction": "方向0", "filing.document_date": "2024-08-20"}
    assert told.after == {"filing.direction": "新能源", "filing.document_date": "2024-08-19"}
    assert city.kinds(cases[0])[-3:] == ["filed", "rectification_proposed", "rectified"]
    with reading(city.engine) as connection:
        extract = Extract(register.entries(connection), [told], clock.now(connection))
    register_file.write(tmp_path / "r.xlsx", extract)
    sheet = CalamineWorkbook.from_path(str(tmp_path / "r.xlsx")).get_sheet_by_name("备案名册").to_python()
    changes = "备案的方向/领域：方向0 → 新能源；发文日期：2024-08-20 → 2024-08-19"
    assert [row[-1] for row in sheet] == ["更正", f"2024年8月20日 09:00更正：{changes}。理由：录入有误", ""]
    # The name that was given up is free again.
    rectify(city, cases[1], {"filing.direction": "方向0"})


def test_a_failed_visit_is_corrected_and_the_case_goes_on(city: City) -> None:
    case = city.case_at("site_visit")
    city.do(case, "chen", "schedule_visit", at="2024-12-30T09:00", team=["甲", "乙"])
    city.do(case, "chen", "record_visit", on="2024-07-10", result="failed", findings="错")
    assert city.subject(case).outcome == "visit_failed"
    answer = rectify(city, case, {"visit.result": "passed", "visit.findings": "符合条件"})
    assert (answer.stage, answer.outcome) == ("panel_naming", None)
    (visit,) = city.rows("visits", case)
    assert (visit["result"], visit["findings"]) == ("passed", "符合条件")
    city.carry(case, "selection")
    agrees(city, case)


def test_a_lead_with_another_open_case_gets_no_second_one(city: City) -> None:
    case = city.case_at("site_visit")
    city.do(case, "chen", "schedule_visit", at="2024-12-30T09:00", team=["甲", "乙"])
    city.do(case, "chen", "record_visit", on="2024-07-10", result="failed", findings="错")
    city.start(0)
    answer = city.ask(case, "chen", "propose_rectification", {"items": {"visit.result": "passed"}, **REASON})
    assert isinstance(answer, Refusal)
    assert answer.code == "one_open_case"


def test_a_direction_and_a_key_and_a_stale_version(city: City) -> None:
    case = city.case_at("formal_review")
    payload = {"items": {"consortium.direction": "新能源"}, **REASON}
    first = city.ask(case, "chen", "propose_rectification", payload, key="k")
    again = city.ask(case, "chen", "propose_rectification", payload, key="k")
    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert (again.seq, again.repeated) == (first.seq, True)
    stale = city.ask(case, "lin", "confirm_rectification", {"rectification": 1}, version=first.seq - 1)
    assert isinstance(stale, Refusal)
    assert stale.code == "stale_version"
    city.do(case, "lin", "confirm_rectification", rectification=1)
    agrees(city, case)
    assert city.rows("cases", case)[0]["direction"] == "新能源"
    told = {row["text"] for row in city.rows("notices", case)}
    assert {"rectification_proposed", "rectified"} <= told
    assert lead_uscc(0) == city.subject(case).application.lead


def test_a_score_of_a_closed_scoring_is_corrected_with_its_mean(story_engine: Engine) -> None:
    city = city_of(story_engine)
    city.person("lin", "city_officer", bureau_id=city.city)
    case = at_the_defence(city)
    expert = next(
        handle
        for handle, claim in city.people.items()
        if claim.person == city.subject(case).application.panel[0]
    )
    before = city.subject(case).application.means
    rectify(city, case, {f"score:expert_review:{expert}": "89"})
    after = city.subject(case).application.means
    assert (before, after) == ({"expert_review": 8000}, {"expert_review": 8300})
