"""The lead unit draws a change up and hands it in, the members answer, the city's desk decides."""

import datetime
from typing import Any

import pytest

from casework import loading, wake
from models.database import reading
from tests.casework.city import City
from tests.web.desk import PDF, Person, words


@pytest.fixture
def filed(city: City) -> tuple[City, str]:
    """A city with one filed consortium, and the path of its page."""
    case = city.case_at("selection")
    city.at("2024-08-05T09:00")
    wake.sweep(city.engine, "call")
    city.do(city.call, "boss", "select", cases=[city.subject(case).ref])
    city.do(case, "chen", "file", document_number="1号", document_date="2024-08-05")
    [entry] = city.rows("register_entries")
    return city, f"/filed/yueyang/{entry['number']}"


def drawn_up(city: City, home: str, **wanted: str) -> str:
    """Let the lead draw a change up on its page, with its materials, and return the change's page."""
    zhang = Person(city, "zhang0")
    zhang.opens(f"{home}/change?aspect={wanted['aspect']}")
    zhang.sends("/change", **wanted)
    at = zhang.at.split("?")[0]
    zhang.sends("/attach_material", file=("方案.pdf", PDF))
    return at


def subject(city: City, home: str) -> Any:
    with reading(city.engine) as connection:
        return city.subject(loading.id_of(connection, "/".join(home.split("/")[-2:])))


def confirmed(person: Person, home: str, act: str, **fields: str) -> str:
    """Do what is asked for twice."""
    person.opens(home)
    person.sends(f"/{act}", **fields)
    return person.sends(f"/{act}")


def test_a_change_goes_from_the_lead_over_the_members_to_the_bureau(filed: tuple[City, str]) -> None:
    city, entry = filed
    zhang, li, chen = (Person(city, handle) for handle in ("zhang0", "li", "chen"))
    assert "方向变更" in words(zhang.opens(f"{entry}/change"))
    home = drawn_up(city, entry, aspect="direction", value="氢能", reason="技术路线调整")
    assert "方案.pdf" in words(zhang.opens(home))
    zhang.sends("/hand_in_change")
    assert subject(city, home).stage == "draft"
    page = words(zhang.sends("/hand_in_change"))
    assert "未表态" in page
    assert "2024年8月19日" in words(li.opens("/member"))
    assert "氢能" in words(li.opens(home))
    li.sends("/consent_to_change")
    li.sends("/consent_to_change")
    assert subject(city, home).stage == "review"
    assert "方向" in words(chen.opens("/changes"))
    confirmed(chen, home, "decide_change", result="approved", answer="符合规定", document_number="3号")
    assert subject(city, home).outcome == "approved"
    assert [row["name"] for row in city.rows("register_entries")] == ["岳阳市氢能创新联合体"]
    assert "氢能" in words(zhang.opens(entry))


def test_a_plan_sets_targets_anew_and_whoever_answers_sees_them(filed: tuple[City, str]) -> None:
    city, entry = filed
    zhang, li, chen = (Person(city, handle) for handle in ("zhang0", "li", "chen"))
    zhang.opens(f"{entry}/change?aspect=plan")
    told = {"value": "目标调整", "reason": "设备晚到"}
    wrong = zhang.sends("/change", 422, **told, **{"consortium.target_patents": "八"})
    assert 'href="#consortium-target_patents"' in wrong
    assert 'value="八"' in wrong
    assert "应为整数" in words(wrong)
    targets = {"consortium.target_patents": "8", "consortium.target_sales": "2,000,000.50"}
    home = drawn_up(city, entry, aspect="plan", **told, **targets)
    assert subject(city, home).record.form == {
        "consortium.target_patents": 8,
        "consortium.target_sales": 200_000_050,
    }
    confirmed(zhang, home, "hand_in_change")
    said = "建设期内新增授权发明专利（件） 8"
    if subject(city, home).stage == "consent":
        assert said in words(li.opens(home))
        confirmed(li, home, "consent_to_change")
    assert said in words(chen.opens(home))
    confirmed(chen, home, "decide_change", result="approved", answer="同意")
    assert said in words(zhang.opens(entry))
    assert "现为 8；不填则不变" in words(zhang.opens(f"{entry}/change?aspect=plan"))
    assert "现为 ¥2,000,000.50；不填则不变" in words(zhang.opens(f"{entry}/change?aspect=plan"))


def test_materials_are_downloaded_by_whom_the_change_concerns(filed: tuple[City, str]) -> None:
    city, entry = filed
    home = drawn_up(city, entry, aspect="direction", value="氢能", reason="技术路线调整")
    [material] = subject(city, home).record.materials.values()
    path = f"{home}/files/{material.digest}"
    assert Person(city, "zhang0").client.get(path).content == PDF
    assert Person(city, "li").client.get(path).status_code == 404
    assert Person(city, "zhang0").client.get(f"{home}/files/{'0' * 64}").status_code == 404


def test_a_file_of_another_kind_is_refused_by_name(filed: tuple[City, str]) -> None:
    city, entry = filed
    zhang = Person(city, "zhang0")
    zhang.opens(f"{entry}/change?aspect=direction")
    zhang.sends("/change", value="氢能", reason="技术路线调整")
    page = zhang.sends("/attach_material", 422, file=("方案.exe", b"MZ"))
    assert "文件格式不符" in words(page)
    assert 'href="#file-construction_plan"' in page
    page = zhang.sends("/hand_in_change", 422)
    assert "修订后的建设方案" in words(page)


def test_one_refusal_ends_it_and_needs_a_reason(filed: tuple[City, str]) -> None:
    city, entry = filed
    home = drawn_up(city, entry, aspect="direction", value="氢能", reason="技术路线调整")
    confirmed(Person(city, "zhang0"), home, "hand_in_change")
    li = Person(city, "li")
    li.opens(home)
    page = li.sends("/refuse_change", 422, reason="")
    assert 'href="#refuse_change-reason"' in page
    assert subject(city, home).outcome is None
    confirmed(li, home, "refuse_change", reason="职责重复")
    assert subject(city, home).outcome == "refused"


def test_a_unit_joins_by_the_form_and_rules_are_named(filed: tuple[City, str]) -> None:
    city, entry = filed
    zhang = Person(city, "zhang0")
    zhang.opens(f"{entry}/change?aspect=members")
    page = zhang.sends("/change", 422, reason="项目需要")
    assert "没有" in words(page)
    zhang.sends("/change", more="true")
    page = zhang.sends("/change", 422, reason="项目需要", **{"join0.uscc": "91350100M000100Y4"})
    assert "91350100M000100Y4" in words(page)
    assert 'value="91350100M000100Y4"' in page
    page = zhang.sends("/change", 422, reason="项目需要", **{"join0.uscc": "91350100M000100Y43"})
    assert "名称" in words(page)
    zhang.sends(
        "/change",
        reason="项目需要",
        **{"join0.uscc": "91350100M000100Y43", "join0.name": "福州某公司", "join0.kind": "enterprise"},
    )
    home = zhang.at.split("?")[0]
    record = subject(city, home).record
    assert [(each.uscc, each.name, each.core_layer) for each in record.joins] == [
        ("91350100M000100Y43", "福州某公司", False)
    ]


def test_the_same_form_sent_twice_begins_one_change(filed: tuple[City, str]) -> None:
    city, entry = filed
    zhang = Person(city, "zhang0")
    page = zhang.opens(f"{entry}/change?aspect=direction")
    for _ in range(2):
        zhang.page, zhang.at = page, f"{entry}/change"
        zhang.sends("/change", value="氢能", reason="技术路线调整")
    assert [row["kind"] for row in city.rows("matters")].count("change") == 1


def test_a_draft_is_the_leads_alone_and_strangers_see_nothing(filed: tuple[City, str]) -> None:
    city, entry = filed
    home = drawn_up(city, entry, aspect="direction", value="氢能", reason="技术路线调整")
    for handle in ("li", "chen", "wang", "e0"):
        assert Person(city, handle).client.get(home).status_code == 404
    confirmed(Person(city, "zhang0"), home, "hand_in_change")
    assert Person(city, "wang").client.get(home).status_code == 404
    assert Person(city, "li").client.get(home).status_code == 200
    assert Person(city, "li").client.get(f"{entry}/change").status_code == 404


def test_a_renewal_is_begun_from_the_page_once_its_window_is_open(filed: tuple[City, str]) -> None:
    city, entry = filed
    zhang = Person(city, "zhang0")
    [row] = city.rows("register_entries")
    assert "起可以准备续备" in words(zhang.opens(entry))
    assert "起可以准备续备" in words(zhang.opens(f"{entry}/renewal"))
    last = row["valid_to"]
    city.at(f"{last - datetime.timedelta(days=30)}T09:00")
    assert "准备续备" in words(zhang.opens(entry))
    assert "现在没有受理申报的批次" in words(zhang.opens(f"{entry}/renewal"))
