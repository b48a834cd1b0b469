"""The year of the programme as a page of the city's desk."""

import io
import re
from collections.abc import Callable
from pathlib import Path

from python_calamine import CalamineWorkbook

from casework import claims, loading
from casework.acts import Receipt, Request, perform
from models.database import reading
from tests.casework.city import City
from tests.casework.kunshan import NUMBER, kunshan
from tests.web.desk import Person, words


def test_the_year_shows_a_bar_beside_each_number_and_only_the_own_city(city: City) -> None:
    case = city.case_at("recommendation", 0)
    city.do(case, "wang", "accept_online")
    chen = Person(city, "chen")
    page = chen.opens("/bureau/year/yueyang/2024")
    assert page.count('class="chart__picture"') == page.count('class="chart__number"') > 0
    assert "提交1件" in words(page)
    assert "各环节用时" in words(page)
    assert "这一年没有记录" not in words(page)
    chen.opens("/bureau/year/qingdao/2024", 404)
    chen.opens("/bureau/year/yueyang/1999", 404)
    assert str(chen.client.get("/bureau/year").url.path).endswith("/bureau/year/yueyang/2024")
    Person(city, "wang").opens("/bureau/year/yueyang/2024", 403)


def tables(page: str) -> dict[str, list[tuple[str, str]]]:
    """Return the rows of each chart, by its title."""
    found: dict[str, list[tuple[str, str]]] = {}
    for title, body in re.findall(
        r'<caption class="govuk-visually-hidden">([^<]+)</caption>(.*?)</table>', page, re.DOTALL
    ):
        rows = re.findall(r'<th scope="row"[^>]*>([^<]*)</th>.*?chart__number">([^<]*)<', body)
        found[title] = rows
    return found


def test_the_workbook_says_what_the_page_says(played: Callable[[Path], Path], tmp_path: Path) -> None:
    with kunshan(played, tmp_path) as city:
        filed = claims.file(
            city.engine, city.applicant, NUMBER, {"measure": "suzhou_cultivation", "amount": "600000.50"}
        )
        assert isinstance(filed, Receipt), filed
        with reading(city.engine) as connection:
            claim = loading.id_of(connection, filed.ref)
        leader = city.claim("head", "city_leader")
        granting = Request(claim, "approve_claim", leader, {"amount": "600000.50", "document": "9号"})
        assert isinstance(perform(city.engine, granting), Receipt)
        head = Person(city, "head")
        shown = head.opens("/bureau/year/kunshan/2025")
        page = tables(shown)
        file = head.client.get("/bureau/year/kunshan/2025/workbook").content
        assert Person(city, "gu").client.get("/bureau/year/qingdao/2025/workbook").status_code == 404
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))

    def sheet(name: str, column: str) -> list[tuple[str, str]]:
        heads, *rows = book.get_sheet_by_name(name).to_python()
        at = heads.index(column)
        cells = [(str(row[0]), row[at]) for row in rows]
        return [(name, cell if isinstance(cell, str) else f"{cell:.0f}") for name, cell in cells]

    assert page["当年批准的支持"] == [("苏州市培育奖励", "600000.50")] == sheet("当年支持", "批准金额（元）")
    assert "2025: 1 电子信息: 1 《昆山市创新联合体建设实施意见》2" in " ".join(words(shown).split())
    assert page["各环节用时"] == sheet("用时·环节", "合计（工作日）")
    assert page["各经手方用时"] == sheet("用时·经手方", "合计（工作日）")
    assert page["当年备案"] == sheet("当年备案", "条数")
    assert page["当年备案的现状"] == sheet("当年备案的状态", "条数")
    totals, numbers = sheet("目标", "现有"), sheet("目标", "目标数")
    # A whole bar is a target that is reached: of 50 consortia there is one, and of everything else nothing.
    (targets,) = re.findall(r'id="(chart-\d+)">文件目标的现有数<', shown)
    _, _, chart = shown.partition(f'id="{targets}"')
    lengths = re.findall(r'<rect width="([\d.]+)"', chart.partition("</section>")[0])
    assert lengths == ["2.0"] + ["0"] * (len(totals) - 1)
    assert page["文件目标的现有数"] == [
        (name, f"{total} / {number}") for (name, total), (_, number) in zip(totals, numbers, strict=True)
    ]
