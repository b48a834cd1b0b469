"""What the register said on a past day: name, lead and validity as they were then, in every file."""

import json
from pathlib import Path

import pytest
from city import City
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from test_consortium_changes import carried, proposed
from test_register_history import revoked_and_restored
from test_register_life import filed

from casework import parties, register, register_file, register_past, wake
from casework.register_file import FORMATS, HEADS
from models.database import reading, writing
from procedure.instant import calendar_day, end_of, iso


def told(yueyang: City, day: str, query: str = "") -> list[tuple[str, str, str, str, str]]:
    with reading(yueyang.engine) as connection:
        found = register_past.said(connection, end_of(calendar_day(day)), "yueyang", query)
    return [
        (each.name, each.direction, str(each.valid_to), each.document_number, each.state) for each in found
    ]


@pytest.fixture
def years(yueyang: City) -> str:
    """An entry rectified, renamed by a change of direction, revoked and restored; its number."""
    _, number = filed(yueyang)
    [row] = yueyang.rows("register_entries")
    with writing(yueyang.engine) as connection:
        yueyang.enter(connection, "lin", "city_officer", bureau_id=parties.bureau_id(connection, "yueyang"))
    yueyang.at("2024-09-02T09:00")
    reason = {"reason": "录入有误"}
    items = {"filing.document_date": "2024-08-06", "filing.document_number": "1-1号"}
    yueyang.do(row["subject_id"], "chen", "propose_rectification", items=items, **reason)
    yueyang.do(row["subject_id"], "lin", "confirm_rectification", rectification=1)
    yueyang.at("2025-03-03T09:00")
    carried(yueyang, proposed(yueyang, number, "direction", value="氢能"), "li")
    revoked_and_restored(yueyang, number)
    return number


def test_the_register_of_a_day_has_the_names_dates_and_states_of_that_day(yueyang: City, years: str) -> None:
    old, new = "岳阳市方向0创新联合体", "岳阳市氢能创新联合体"
    said = {
        day: told(yueyang, day)
        for day in (
            *("2024-08-04", "2024-08-05", "2024-09-02", "2025-03-02", "2025-03-03"),
            *("2025-09-10", "2025-10-19", "2025-10-20"),
        )
    }
    assert said == {
        "2024-08-04": [],
        "2024-08-05": [(old, "方向0", "2027-08-04", "1号", "valid")],
        "2024-09-02": [(old, "方向0", "2027-08-05", "1-1号", "valid")],
        "2025-03-02": [(old, "方向0", "2027-08-05", "1-1号", "valid")],
        "2025-03-03": [(new, "氢能", "2027-08-05", "1-1号", "valid")],
        "2025-09-10": [(new, "氢能", "2027-08-05", "1-1号", "revoked")],
        "2025-10-19": [(new, "氢能", "2027-08-05", "1-1号", "revoked")],
        "2025-10-20": [(new, "氢能", "2027-08-05", "1-1号", "valid")],
    }
    # What is searched for is what it was called then.
    assert [len(told(yueyang, day, "氢能")) for day in ("2025-03-02", "2025-03-03")] == [0, 1]
    yueyang.at("2027-08-06T00:00:30")
    wake.sweep(yueyang.engine, "entry")
    assert [told(yueyang, day)[0][4] for day in ("2027-08-05", "2027-08-06")] == ["expired", "expired"]
    assert told(yueyang, "2024-08-05") == said["2024-08-05"]
    with reading(yueyang.engine) as connection:
        now = register.entries(connection, "yueyang")
        assert register_past.said(connection, end_of(calendar_day("2027-08-06")), "yueyang") == now
    assert [row["number"] for row in yueyang.rows("register_entries")] == [years]


def test_every_file_says_as_of_when_and_nothing_that_came_later(
    yueyang: City, years: str, tmp_path: Path
) -> None:
    with reading(yueyang.engine) as connection:
        first = register_file.extract(connection, on=calendar_day("2024-08-31"))
        today = register_file.extract(connection, on=calendar_day("2025-10-20"))
    assert (iso(first.at), first.rectified) == ("2024-08-31T23:59:59.999999+08:00", [])
    assert (iso(today.at), len(today.rectified)) == ("2025-10-20T09:00:00+08:00", 1)
    for ending in FORMATS:
        register_file.write(tmp_path / f"r{ending}", first)
    row = ["岳阳市方向0创新联合体", "2027-08-04", "1号", "有效"]
    sheet = CalamineWorkbook.from_path(str(tmp_path / "r.xlsx")).get_sheet_by_index(0).to_python()
    assert [sheet[1][HEADS.index(head)] for head in ("名称", "有效期止", "备案文号", "状态")] == row
    assert ",".join(row[1:]) in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    told_json = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (told_json["as_of"][:10], told_json["entries"][0]["name"]) == ("2024-08-31", row[0])
    page = PdfReader(tmp_path / "r.pdf").pages[0].extract_text().replace("\x00", "")
    assert "截至2024年8月31日" in page
    assert years in page
