"""The expert's desk: a word on conflicts, then a score; nothing is left to see once the scores are closed."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database import connect, default_url
from procedure.pack import load_texts
from tests.casework.city import EXPERTS, City, build
from tests.procedure import panel_pack
from tests.procedure.edited_pack import edited_files
from tests.web.desk import Person, words

CASE = "/expert/yueyang/YY2024-0001"


def test_an_expert_sees_only_what_waits_for_them(city: City) -> None:
    city.case_at("expert_review", 0, "高端阀门")
    city.case_at("panel_naming", 1, "绿色石化")
    expert = Person(city, "e0")
    page = expert.opens("/expert")
    assert "已评 0 件，共 1 件" in page
    assert "先申明是否回避" in page
    assert "绿色石化" not in page
    expert.opens("/expert/yueyang/YY2024-0002", status=404)


def test_the_word_on_conflicts_comes_before_the_case(city: City) -> None:
    city.case_at("expert_review", 0, "高端阀门")
    expert = Person(city, "e0")
    page = words(expert.opens(CASE))
    assert "第0公司" in page
    assert "某大学" in page
    assert "评分表" not in page
    assert "牵头单位近三年研发经费" not in page
    assert expert.client.get(f"{CASE}/documents/application_form/{_lead(city)}").status_code == 404
    assert "请先选择是否需要回避" in expert.sends("/declare", status=422)
    page = words(expert.sends("/declare", conflict="none"))
    assert "评分表" in page
    assert "application_form.pdf" in page
    assert "0730-1234567" not in page


def test_a_score_is_given_and_given_anew_until_the_scores_are_closed(city: City) -> None:
    case = city.case_at("expert_review", 0)
    expert = Person(city, "e0")
    expert.opens(CASE)
    expert.sends("/declare", conflict="none")
    page = expert.sends("/score", status=422, points="一百", comment="好")
    assert "分数“一百”无效" in page
    assert 'value="一百"' in page
    page = expert.sends("/score", points="86.5", comment="基础扎实")
    assert "已评 86.50 分" in page
    assert "已评 1 件，共 1 件" in page
    expert.opens(CASE)
    expert.sends("/score", points="88")
    assert [(row["score"], row["comment"]) for row in city.rows("scores")] == [(8800, "基础扎实")]
    for other in EXPERTS[1:]:
        city.do(case, other, "score", points="80")
    city.do(case, "chen", "close_scoring")
    assert "现在没有等您评审的办件" in expert.opens("/expert")
    expert.opens(CASE, status=404)


def test_a_conflict_takes_the_expert_off_the_case(with_lots: City) -> None:
    city = with_lots
    case = city.case_at("panel_naming", 0)
    city.do(case, "chen", "draw_panel")
    seated = city.subject(case).application.panel
    handle = next(each for each in EXPERTS if city.people[each].person == seated[0])
    expert = Person(city, handle)
    expert.opens(CASE)
    page = expert.sends("/declare", status=422, conflict="some", reason="")
    assert re.search(r'id="conflict-some"[^>]* checked', page)
    expert.sends("/declare", conflict="some", reason="本人是该公司的独立董事")
    assert city.people[handle].person not in city.subject(case).application.panel
    expert.opens(CASE, status=404)


def test_an_anonymous_review_names_nobody(anonymous: City) -> None:
    anonymous.case_at("expert_review", 0, "高端阀门")
    expert = Person(anonymous, "e0")
    seen = [expert.opens("/expert"), expert.opens(CASE)]
    seen.append(expert.sends("/declare", conflict="none"))
    for page in seen:
        for name in ("第0公司", "某大学", _lead(anonymous), "张三", "12100000400000624D"):
            assert name not in page
    assert "成员单位1" in seen[-1]
    links = re.findall(r'href="(/expert/[^"]*/documents/[^"]*)"', seen[-1])
    assert links == [f"{CASE}/documents/implementation_plan/2"]
    for path in (f"implementation_plan/{_lead(anonymous)}", "application_form/1"):
        expert.opens(f"{CASE}/documents/{path}", status=404)


SETTING = {"title": {"zh": "匿名评审", "en": "Anonymous review"}, "value": True, "basis": "setting"}


@pytest.fixture
def anonymous(own_database: Engine) -> City:
    """Yueyang under a pack whose experts are not told whose application they score."""
    edits = {"settings.anonymous_review": SETTING, "materials.implementation_plan.anonymous": True}
    return build(own_database, pack=load_texts(edited_files(edits)))


@pytest.fixture
def with_lots(own_database: Engine) -> City:
    """Yueyang under a pack that draws its panels."""
    return build(own_database, pack=panel_pack.pack())


@pytest.fixture
def own_database(sqlite_template: Callable[[bool], Path], tmp_path: Path) -> Engine:
    """A story of its own for a city under another pack."""
    shutil.copyfile(sqlite_template(True), tmp_path / "beian.db")
    return connect(default_url(tmp_path))


def _lead(city: City) -> str:
    return city.subject(city.rows("cases")[0]["subject_id"]).application.lead
