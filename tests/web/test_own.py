"""What everybody has who is signed in: a search, their own acts, how they are told, and absences."""

import re

import pytest

from casework import delegation
from casework.delegation import HandedOver
from tests.casework.city import City
from tests.web.desk import Person, words


@pytest.mark.parametrize(
    ("handle", "asked", "found"),
    [
        ("wang", "YY2024-0001", {"YY2024-0001"}),
        ("wang", "第1公司", {"YY2024-0002"}),
        ("wang", "石化", {"YY2024-0002"}),
        ("wang", "智能", set()),  # still a draft
        ("wang", "%", set()),
        ("zhang0", "YY2024", {"YY2024-0001"}),
        ("zhang2", "智能", {"YY2024-0003"}),
        ("li", "YY2024", {"YY2024-0001", "YY2024-0002", "YY2024-0003"}),
        ("chen", "YY2024", {"YY2024-0001", "YY2024-0002"}),
        ("e0", "YY2024", {"YY2024-0002"}),
        ("e1", "第1公司", {"YY2024-0002"}),
        ("ops", "YY2024", {"YY2024-0001", "YY2024-0002"}),
    ],
)
def test_a_search_finds_what_one_may_see(searched: City, handle: str, asked: str, found: set[str]) -> None:
    page = words(Person(searched, handle).opens(f"/search?q={asked}"))
    assert {f"YY2024-000{n}" for n in (1, 2, 3) if f"YY2024-000{n} ·" in page} == found


@pytest.fixture
def searched(city: City) -> City:
    """A case at the district, one with the panel, and a draft."""
    city.case_at("recommendation", 0, "高端阀门")
    city.case_at("expert_review", 1, "绿色石化")
    city.filled(2, "智能制造")
    city.person("ops", "operations", bureau_id=city.city)
    return city


def test_ones_own_acts_are_listed_and_nobody_elses(city: City) -> None:
    case = city.case_at("recommendation", 0)
    city.do(case, "wang", "accept_online")
    page = words(Person(city, "wang").opens("/account/acts"))
    assert "YY2024-0001" in page
    assert page.count("YY2024-0001") == 1
    accepted = next(row for row in city.rows("events", case) if row["kind"] == "accepted_online")
    assert accepted["hash"][:16] in page
    assert "还没有办理过事项" in words(Person(city, "chen").opens("/account/acts"))


def test_how_one_is_told_is_chosen(city: City) -> None:
    wang = Person(city, "wang")
    wang.opens("/account/notices")
    page = words(wang.sends("/choice", channel="wecom", language="en", manner="digest"))
    assert "选择已保存" in page
    chosen = next(row["choices"] for row in city.rows("people") if row["handle"] == "wang")
    assert chosen == {"*": {"channels": ["wecom"], "language": "en", "digest": True}}
    page = wang.opens("/account/notices?kind=returned")
    assert "不能拒收" in page
    wang.sends("/choice", status=422, channel="none")
    wang.opens("/account/notices")
    wang.sends("/choice", channel="", language="", manner="")
    assert next(row["choices"] for row in city.rows("people") if row["handle"] == "wang") is None
    wang.opens("/account/notices?kind=nothing", status=404)


def test_an_address_is_sealed_and_dropped(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    wang = Person(city, "wang")
    wang.opens("/account/notices")
    assert "BEIAN_SECRET_KEY" in wang.sends(
        "/account/addresses", status=422, channel="webhook", address="https://x.example/y"
    )
    monkeypatch.setenv("BEIAN_SECRET_KEY", "k" * 44)
    page = wang.sends("/account/addresses", channel="webhook", address="https://x.example/y")
    assert "地址已更新" in page
    assert "https://x.example/y" not in page
    assert [row["channel"] for row in city.rows("addresses")] == ["webhook"]
    wang.sends("/account/addresses", channel="webhook", address="")
    assert city.rows("addresses") == []
    assert "这不是该渠道的地址" in wang.sends(
        "/account/addresses", status=422, channel="webhook", address="nowhere"
    )


def test_a_substitute_acts_visibly_for_the_absent(city: City) -> None:
    case = city.case_at("recommendation", 0, "高端阀门")
    city.person("sun", "district_officer", bureau_id=city.district)
    city.person("out", "district_officer", bureau_id=city.district)
    made = delegation.hand_over(
        city.engine,
        city.people["wang"],
        {
            "absent": "wang",
            "role": "district_officer",
            "substitute": "sun",
            "first_day": "2024-07-10",
            "last_day": "2024-07-12",
            "reason": "外出",
        },
    )
    assert isinstance(made, HandedOver), made
    sun = Person(city, "sun")
    assert "代Wang办理" in sun.opens("/account/absences")
    page = sun.sends("/acting")
    assert "您正在代Wang（平江县科技局" in page
    sun.opens("/district/yueyang/YY2024-0001")
    sun.sends("/accept_online")
    accepted = next(row for row in city.rows("events", case) if row["kind"] == "accepted_online")
    wang, own = city.people["wang"].person, city.people["sun"].person
    assert (accepted["person_id"], accepted["on_behalf_of"]) == (own, wang)
    assert "代Wang" in words(sun.opens("/account/acts"))
    assert "恢复本人身份" in sun.page
    sun.sends("/acting")
    assert "您正在代" not in sun.page
    city.at("2024-07-13T09:00")
    assert "今天没有需要您代办的人" in sun.opens("/account/absences")
    out = Person(city, "out")
    out.client.cookies.set("beian_acting", str(made.absence.id))
    assert "您正在代" not in out.opens("/district")


def test_a_role_is_handed_over_and_taken_back_on_the_page(city: City) -> None:
    city.person("sun", "district_officer", bureau_id=city.district)
    wang = Person(city, "wang")
    page = wang.opens("/account/absences")
    assert set(re.findall(r'value="(\w+)/district_officer/pingjiang"', page)) == {"wang"}
    fields = {"substitute": "sun", "first_day": "2024-07-11", "last_day": "2024-07-12", "reason": "外出"}
    page = wang.sends("/account/absences", status=422, **{**fields, "substitute": "wang"})
    assert "外出" in page
    assert city.count("delegations") == 0
    wang.opens("/account/absences")
    assert "已委托" in wang.sends("/account/absences", **{**fields, "first_day": "2024-07-10"})
    (made,) = city.rows("delegations")
    assert (made["substitute_id"], made["made_by"]) == (city.people["sun"].person, city.people["wang"].person)
    assert "已提前结束" in wang.sends("/absences/end", delegation=str(made["id"]))
    assert city.rows("delegations")[0]["ended_by"] == city.people["wang"].person


def test_a_leader_hands_over_what_a_district_officer_holds_and_an_officer_does_not(city: City) -> None:
    city.person("sun", "district_officer", bureau_id=city.district)
    boss, chen = Person(city, "boss"), Person(city, "chen")
    fields = {"substitute": "sun", "last_day": "2024-07-12", "reason": "病假"}
    chen.opens("/account/absences")
    assert "wang/district_officer" not in chen.page
    chen.sends("/account/absences", status=422, post="wang/district_officer/pingjiang", **fields)
    assert city.count("delegations") == 0
    assert "wang/district_officer/pingjiang" in boss.opens("/account/absences")
    boss.sends("/account/absences", post="wang/district_officer/pingjiang", **fields)
    assert city.rows("delegations")[0]["made_by"] == city.people["boss"].person
