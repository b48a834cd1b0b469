"""The year of a city's programme, as its story left it: calls, outcomes, time, filings, targets."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from after_filing import Years
from kunshan import NUMBER, STORY, Kunshan, kunshan
from python_calamine import CalamineWorkbook

from casework import programme, programme_file
from casework.programme import NoSuchBureau, Programme
from models.database import connect, default_url, reading

XIAMEN = STORY.with_name("xiamen-2025.yaml")


@pytest.fixture
def city(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Kunshan]:
    with kunshan(played, tmp_path) as found:
        yield found


def told(city: Kunshan, year: int = 2025, bureau: str = "kunshan") -> Programme:
    with reading(city.engine) as connection:
        return programme.programme(connection, bureau, year, "zh")


def test_a_year_tells_its_calls_filings_and_whose_time_it_took(city: Kunshan) -> None:
    found = told(city)
    (call,) = found.calls
    assert (call.code, call.submitted, call.outcomes) == ("2025", 1, {"已备案": 1})
    assert (found.filed, found.states) == ({"电子信息": 1}, {"valid": 1})
    assert [(each.target.id, each.total) for each in found.targets][:2] == [("consortia", 1), ("projects", 0)]
    stages = {each.key: each for each in found.by_stage}
    assert next(iter(stages)) == "填报"
    # 4 September to 9 September 2025, a Thursday to a Tuesday.
    assert stages["推荐单位审核"].parties["authority"].days == 3
    # 29 September to 10 October: 30 September, then 1 to 8 October off, then 9 and 10.
    assert stages["现场考察"].parties["authority"].days == 3
    # 18 to 29 September, Sunday the 28th worked.
    assert stages["专家评审"].parties["panel"].days == 8
    holders = {each.key: each.parties["authority"].days for each in found.by_holder}
    assert holders["昆山开发区（示例）"] == 3
    assert {"晶芯科技（示例）", "专家组", "社会公众"} <= set(holders)
    assert sum(holders.values()) == sum(each.parties["authority"].days for each in found.by_stage)


def test_another_year_is_empty_and_another_bureau_unknown(city: Kunshan) -> None:
    found = told(city, 2024)
    assert (found.calls, found.by_stage, found.filed) == ((), (), {})
    for bureau in ("kfq", "qingdao"):
        with pytest.raises(NoSuchBureau):
            told(city, bureau=bureau)


def test_the_workbook_has_a_sheet_for_each_table(city: Kunshan, tmp_path: Path) -> None:
    file = tmp_path / "年报.xlsx"
    programme_file.write(file, told(city))
    book = CalamineWorkbook.from_path(str(file))
    assert book.sheet_names == ["批次", "用时·环节", "用时·经手方", "当年备案", "当年备案的状态", "目标"]
    rows = book.get_sheet_by_name("批次").to_python()
    assert rows[0] == ["批次", "名称", "受理开始", "受理截止", "提交", "已备案"]
    assert rows[1][2:] == ["2025-09-01 09:00", "2025-09-12 17:00", 1, 1]
    assert book.get_sheet_by_name("目标").to_python()[1][1:] == [
        *(2025, 50, 1, 1, "2025:1", "电子信息:1"),
        "《昆山市创新联合体建设实施意见》2",
    ]


def test_an_acceptance_is_told_apart_and_what_is_only_derived_is_marked(
    city: Kunshan, played: Callable[[Path], Path], tmp_path: Path
) -> None:
    years = Years(city.engine, "kunshan")
    years.at("2026-10-27T09:00")
    for code, purpose, score in (
        ("PG", "evaluation", 95),
        ("YS", "acceptance", 40),
        ("PG2", "evaluation", 0),
    ):
        years.round(code, "gu", purpose=purpose)
        ref = f"{code}/{NUMBER}"
        years.do(ref, "jing", "submit_report", contents={"results": "完成"})
        years.do(ref, "zone", "comment_report", comment="属实")
        years.do(ref, "gu", "appoint_reviewers", third_party="某评估院")
        years.do(ref, "gu", "review_report", score=score, opinion="见报告")
        years.do(ref, "gu", "grade")
    years.do(f"YS/{NUMBER}", "head", "recover_funds", reason="未整改")
    years.do(f"PG2/{NUMBER}", "head", "waive_evaluation", reason="重复布置")
    years.at("2026-11-30T09:00")
    found = told(city, 2026)
    assert (found.evaluations, found.acceptances) == ({"excellent": 1, "waived": 1}, {"funds_recovered": 1})
    # Of the consortia in Xiamen a report tells: led and taken part in apart, the total only derived.
    (tmp_path / "xiamen").mkdir()
    shutil.copyfile(played(XIAMEN), tmp_path / "xiamen" / "beian.db")
    engine = connect(default_url(tmp_path / "xiamen"))
    with reading(engine) as connection:
        xiamen = programme.programme(connection, "xiamen", 2026, "zh")
    engine.dispose()
    file = tmp_path / "年报.xlsx"
    programme_file.write(file, xiamen)
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_name("文件所载数字").to_python()
    source = "《关于《厦门市创新联合体管理办法》的报道》导语"
    assert [row[1:] for row in rows[1:]] == [
        [2025, 11, "", source],
        [2024, 4, 22, source],
        [2024, 16, 89, source],
        [2024, 18, "", "推算，非原文所载"],
    ]
