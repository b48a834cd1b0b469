"""A call at the recommending unit: many accepted and recommended together, its quota, ranking and letter."""

import io
import shutil
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from casework import parties
from models import Bureau
from models.database import connect, default_url, writing
from procedure.pack import load_texts
from tests.casework.city import PAPERS, PLAN, City, build
from tests.procedure.edited_pack import edited_files
from tests.web.desk import PDF, Person, words
from tests.web.straight import Browser

CALL = "/district/calls/yueyang/2024"
NUMBERS = [f"YY2024-000{n}" for n in (1, 2, 3)]


def test_many_are_accepted_and_recommended_each_with_its_own_answer(city: City) -> None:
    one, two, three = (city.case_at("recommendation", n) for n in range(3))
    wang = Person(city, "wang")
    assert CALL in wang.opens("/district")
    assert "待网上受理 3 件" in words(wang.opens(CALL))
    wang.opens(f"{CALL}/accept_online")
    assert "办成 3 件，未办成 0 件" in words(_confirmed(wang, "/accept_online", case=NUMBERS))
    wang.opens(f"{CALL}/endorse")
    seen = wang.sends(
        "/endorse", case=NUMBERS, opinion="材料真实完整，同意推荐", **{"position:YY2024-0002": "1"}
    )
    assert "第0公司" in seen
    assert "Zhang0" in seen  # who would be told
    assert city.subject(one).stage == "recommendation"
    city.do(three, "wang", "return_for_correction", **PLAN)  # meanwhile, elsewhere
    page = words(wang.sends("/endorse", confirmed="true"))
    assert "办成 2 件，未办成 1 件" in page
    assert [city.subject(each).stage for each in (one, two, three)] == [
        "papers",
        "papers",
        "recommendation_correction",
    ]
    assert [city.subject(each).application.recommended_as for each in (one, two)] == [None, 1]
    page = wang.opens(CALL)
    assert page.index("YY2024-0002") < page.index("YY2024-0001")
    assert "已推荐 2 个" in words(page)
    chen = Person(city, "chen")
    assert "推荐单位排序第 1" in chen.opens("/bureau/yueyang/YY2024-0002")


def test_what_is_sent_twice_is_done_once(city: City) -> None:
    case = city.case_at("recommendation")
    wang = Person(city, "wang")
    wang.opens(f"{CALL}/accept_online")
    wang.sends("/accept_online", case=NUMBERS[0])
    form = {"confirmed": "true", "case": NUMBERS[0]}
    page, at = wang.page, wang.at
    wang.sends("/accept_online", **form)
    wang.page, wang.at = page, at
    assert "此前已办理" in wang.sends("/accept_online", **form)
    assert city.kinds(case).count("accepted_online") == 1


def test_the_quota_is_told_and_kept_case_by_case(tmp_path: Any, sqlite_template: Any) -> None:
    shutil.copyfile(sqlite_template(True), tmp_path / "beian.db")
    pack = load_texts(edited_files({"settings.endorsement_quota.value": 1}))
    city = build(connect(default_url(tmp_path)), pack=pack)
    for n in range(2):
        city.do(city.case_at("recommendation", n), "wang", "accept_online")
    wang = Person(city, "wang")
    assert "推荐名额 1 个，已推荐 0 个，还可推荐 1 个" in words(wang.opens(CALL))
    wang.opens(f"{CALL}/endorse")
    page = words(_confirmed(wang, "/endorse", case=NUMBERS[:2], opinion="同意推荐"))
    assert "办成 1 件，未办成 1 件" in page
    assert "推荐名额已满" in page
    assert "还可推荐 0 个" in words(wang.opens(CALL))


def test_the_letter_is_joint_with_finance_printed_and_handed_in_stamped(city: City) -> None:
    one, two = (city.case_at("papers", n, direction) for n, direction in ((0, "高端阀门"), (1, "低空装备")))
    wang = Person(city, "wang")
    assert "须与同级财政部门联合出具" in wang.opens(CALL)
    text = _text(wang.client, number="平科函〔2024〕3号", finance="平江县财政局")
    for told in (
        *NUMBERS[:2],
        "高端阀门",
        "平科函〔2024〕3号",
        "平江县财政局（盖章）",
        "平江县科技局（盖章）",
        "联合推荐以下2个",
    ):
        assert told in text
    wang.sends("/letter", status=422, case=NUMBERS[:2])
    page = wang.sends("/letter", case=NUMBERS[:2], file=("推荐函.pdf", PDF))
    assert "已办理" in page
    for case in (one, two):
        (letter,) = [d for d in city.subject(case).application.documents if d.owner == "pingjiang"]
        assert (letter.material, letter.name) == ("recommendation_letter", "推荐函.pdf")
    wang.sends("/letter", case=NUMBERS[0], file=("新推荐函.pdf", PDF + b"2"))
    rows = [row for row in city.rows("documents", one) if row["material"] == "recommendation_letter"]
    assert [row["removed_at"] is None for row in rows] == [False, True]
    chen = Person(city, "chen")
    assert "新推荐函.pdf" in Person(city, "chen").opens("/bureau/yueyang/YY2024-0001")
    path = "/bureau/yueyang/YY2024-0001/documents/recommendation_letter/pingjiang"
    assert chen.client.get(path).content == PDF + b"2"


def test_a_letter_that_is_none_is_refused(city: City) -> None:
    case = city.case_at("papers")
    wang = Person(city, "wang")
    wang.opens(CALL)
    assert "内容" in wang.sends("/letter", status=422, case=NUMBERS[0], file=("推荐函.pdf", b"no pdf"))
    city.do(case, "wang", "deliver_papers", **PAPERS)
    assert "没有附上" in wang.sends("/letter", status=422, case=NUMBERS[0], file=("推荐函.pdf", PDF))


def test_a_unit_signs_alone_where_finance_need_not_join(city: City) -> None:
    with writing(city.engine) as connection:
        connection.execute(update(Bureau).where(Bureau.code == "pingjiang").values(kind="functional_zone"))
    city.case_at("papers")
    wang = Person(city, "wang")
    page = wang.opens(CALL)
    assert "推荐函由本单位出具" in page
    assert 'name="finance"' not in page
    text = _text(wang.client, finance="平江县财政局")
    assert "现推荐以下1个" in text
    assert "财政" not in text


@pytest.mark.parametrize("way", ["", "/letter.pdf", "/accept_online", "/endorse"])
def test_another_unit_does_not_find_the_call(city: City, way: str) -> None:
    city.case_at("papers")
    with writing(city.engine) as connection:
        xiangyin = parties.bureau_id(connection, "xiangyin")
    city.person("xu", "district_officer", bureau_id=xiangyin)
    Person(city, "xu").opens(f"{CALL}{way}", status=404)
    Person(city, "chen").opens(f"{CALL}{way}", status=403)


def _confirmed(person: Person, action: str, **fields: Any) -> str:
    person.sends(action, **fields)
    return person.sends(action, confirmed="true")


def _text(client: Browser, **asked: str) -> str:
    answer = client.get(f"{CALL}/letter.pdf", params=asked)
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return "".join("".join(page.extract_text() for page in pages).replace("\x00", "").split())
