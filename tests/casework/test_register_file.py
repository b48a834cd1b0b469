"""The register as files: the same entries in every format, and nothing in them that a program would run."""

import csv
import datetime
import json
from pathlib import Path

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from casework import register_file
from casework.register import Entry, RectifiedEntry
from casework.register_file import FORMATS, HEADS, Extract
from procedure.instant import local_instant

AT = local_instant("2026-03-01T09:00")
PLAIN = Entry(
    "YYLHT-2024-001",
    "岳阳市生物医药创新联合体",
    "甲公司",
    "91350100M000100Y43",
    "生物医药",
    datetime.date(2024, 8, 20),
    datetime.date(2027, 8, 19),
    "岳科发〔2024〕1号",
    "valid",
    "YY2024-0001",
    "yueyang",
)
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x","y")', "＝1+1", "http://x")


def entry(**other: object) -> Entry:
    values = {name: getattr(PLAIN, name) for name in Entry.__dataclass_fields__}
    return Entry(**values | other)  # type: ignore[arg-type]


def written(folder: Path, ending: str, *entries: Entry, rectified: tuple[RectifiedEntry, ...] = ()) -> Path:
    path = folder / "new" / f"名册{ending}"
    register_file.write(path, Extract(entries, rectified, AT))
    return path


def csv_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


ROW = [
    "YYLHT-2024-001",
    "岳阳市生物医药创新联合体",
    "甲公司",
    "91350100M000100Y43",
    "生物医药",
    "2024-08-20",
    "2027-08-19",
    "岳科发〔2024〕1号",
    "有效",
    "",
]


def test_a_sheet_and_a_csv_hold_the_same(tmp_path: Path) -> None:
    sheet = CalamineWorkbook.from_path(str(written(tmp_path, ".xlsx", PLAIN))).get_sheet_by_index(0)
    assert sheet.to_python() == [list(HEADS), ROW]
    path = written(tmp_path, ".csv", PLAIN)
    assert csv_rows(path) == [list(HEADS), ROW]
    # Spreadsheets need the mark to read it as UTF-8.
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_json_says_as_of_when_and_keeps_what_was_rectified(tmp_path: Path) -> None:
    corrected = RectifiedEntry(
        "yueyang",
        PLAIN.number,
        AT,
        "录入有误",
        {"filing.direction": "医药"},
        {"filing.direction": "生物医药"},
    )
    path = written(tmp_path, ".json", PLAIN, entry(number="b", valid_to=None), rectified=(corrected,))
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["as_of"] == "2026-03-01T09:00:00+08:00"
    assert told["entries"][0] == {
        "bureau": "yueyang",
        "number": "YYLHT-2024-001",
        "name": "岳阳市生物医药创新联合体",
        "lead": {"name": "甲公司", "uscc": "91350100M000100Y43"},
        "direction": "生物医药",
        "valid_from": "2024-08-20",
        "valid_to": "2027-08-19",
        "document_number": "岳科发〔2024〕1号",
        "state": "valid",
        "rectifications": [
            {
                "at": "2026-03-01T09:00:00+08:00",
                "reason": "录入有误",
                "before": {"filing.direction": "医药"},
                "after": {"filing.direction": "生物医药"},
            }
        ],
    }
    assert (told["entries"][1]["valid_to"], told["entries"][1]["rectifications"]) == (None, [])


def test_a_list_on_paper_has_its_heads_on_every_page_and_the_font_in_it(tmp_path: Path) -> None:
    many = [entry(number=f"YYLHT-2024-{n:03d}", name=f"岳阳市第{n}创新联合体") for n in range(1, 61)]
    path = written(tmp_path, ".pdf", *many)
    pages = PdfReader(path).pages
    assert len(pages) > 1
    texts = [page.extract_text().replace("\x00", "") for page in pages]
    assert "截至2026年3月1日 09:00，共60条" in texts[0]
    for number, text in enumerate(texts, 1):
        assert "备案编号" in text
        assert f"第 {number} 页，共 {len(pages)} 页" in text
    for each in many:
        assert sum(each.number in text for text in texts) == 1
    fonts = [font.get_object() for font in pages[0]["/Resources"]["/Font"].values()]
    descriptors = [each["/DescendantFonts"][0].get_object()["/FontDescriptor"] for each in fonts]
    assert descriptors
    assert all("/FontFile3" in each for each in descriptors)
    # A few dozen characters of the font are in the file, not its tens of thousands.
    assert path.stat().st_size < 60_000


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula_or_a_link(tmp_path: Path, text: str) -> None:
    book = CalamineWorkbook.from_path(str(written(tmp_path, ".xlsx", entry(name=text, direction=text))))
    row = book.get_sheet_by_index(0).to_python()[1]
    assert (row[1], row[4]) == (text, text)
    row = csv_rows(written(tmp_path, ".csv", entry(name=text)))[1]
    assert row[1] == (text if text.startswith("http") else f"'{text}")
    assert not row[1].startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("ending", list(FORMATS))
def test_an_empty_register_is_written_as_empty(tmp_path: Path, ending: str) -> None:
    path = written(tmp_path, ending)
    assert path.stat().st_size > 0
