"""Whoever waits for a case urges its holder from the page of their own desk, not too often."""

from tests.casework.city import City
from tests.web.desk import Person, words


def test_lead_unit_member_and_district_urge_the_bureau_that_holds_a_case(city: City) -> None:
    city.case_at("formal_review", 0)
    zhang, li, wang, chen = (Person(city, handle) for handle in ("zhang0", "li", "wang", "chen"))
    assert 'action="/bureau/yueyang/YY2024-0001/urge"' not in chen.opens("/bureau/yueyang/YY2024-0001")
    zhang.opens("/applicant/yueyang/YY2024-0001")
    assert "已办理：催办。" in words(zhang.sends("/urge", remark="请尽快审查"))
    li.opens("/member/yueyang/YY2024-0001")
    assert "催办过，暂不能再催" in words(li.sends("/urge", 422))
    city.at("2024-07-11T10:00")
    assert "已办理：催办。" in words(li.sends("/urge"))
    city.at("2024-07-12T11:00")
    wang.opens("/district/yueyang/YY2024-0001")
    assert "已办理：催办。" in words(wang.sends("/urge", remark="企业催问"))
    assert [(row["role"], row["remark"]) for row in city.rows("urges")] == [
        ("applicant", "请尽快审查"),
        ("member", ""),
        ("district_officer", "企业催问"),
    ]


def test_who_holds_a_draft_has_nobody_to_urge(city: City) -> None:
    city.filled(0)
    assert "/urge" not in Person(city, "zhang0").opens("/applicant/yueyang/YY2024-0001")
