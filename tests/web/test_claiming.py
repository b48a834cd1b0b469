"""Support on the portal: what may be claimed and why, a claim filed, decided, paid, and what is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from casework import loading
from models.database import reading
from tests.casework.kunshan import LEAD, MEMBER, NUMBER, Kunshan, kunshan
from tests.web.desk import Person, words

ENTRY = f"/filed/kunshan/{NUMBER}"
PAGE = f"{ENTRY}/support/suzhou_cultivation"


@pytest.fixture
def city(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Kunshan]:
    """Kunshan on 28 October 2025; its one entry holds Suzhou cultivation."""
    with kunshan(played, tmp_path) as found:
        yield found


def at(city: Kunshan, ref: str) -> Any:
    with reading(city.engine) as connection:
        return loading.one(connection, loading.id_of(connection, ref)).subject


def claimed(city: Kunshan, **fields: str) -> str:
    """File a claim on the page of the measure, and return its page."""
    jing = Person(city, "jing")
    jing.opens(PAGE)
    jing.sends("/suzhou_cultivation", **fields)
    return jing.at.split("?")[0]


def test_every_measure_is_answered_with_why_and_the_clause(city: Kunshan) -> None:
    page = words(Person(city, "jing").opens(f"{ENTRY}/support"))
    assert "可以申请 最多¥1,000,000.00" in page
    assert "不可申请" in page
    assert "4(1)" in page
    english = words(Person(city, "gu").opens(f"/en{ENTRY}/support"))
    assert "clause 4(1)" in english


def test_what_is_co_funding_and_what_is_a_setting_is_said(city: Kunshan) -> None:
    page = words(Person(city, "jing").opens(f"{ENTRY}/support"))
    assert page.count("作为配套") == 4
    assert "按每个联合体、一次性、作为配套、付给牵头单位" in page
    assert "付给牵头单位是设定" in page


def test_a_claim_goes_from_the_unit_to_the_voucher(city: Kunshan) -> None:
    home = claimed(city, amount="1000000")
    assert home == f"/matters/kunshan/{NUMBER}/S1"
    head, gu, jing = (Person(city, handle) for handle in ("head", "gu", "jing"))
    assert "¥1,000,000.00" in words(head.opens(home))
    page = words(head.sends("/approve_claim", amount="600000", document="昆科〔2025〕9号"))
    assert "批准的金额不能再改" in page
    assert at(city, f"{NUMBER}/S1").record.granted is None
    head.sends("/approve_claim")
    gu.opens(home)
    gu.sends("/pay_claim", 422, amount="600000.01", document="凭证1", on="2025-10-28")
    assert "¥600,000.01超过剩余的¥600,000.00" in words(gu.page)
    assert 'href="#pay_claim-amount"' in gu.page
    gu.opens(home)
    gu.sends("/pay_claim", document="凭证1")
    gu.sends("/pay_claim")
    record = at(city, f"{NUMBER}/S1").record
    assert (record.granted, record.paid, str(record.payments[0].on)) == (60_000_000, 60_000_000, "2025-10-28")
    for who in (jing, gu, head):
        assert "¥600,000.00" in words(who.opens("/support"))
    page = words(jing.opens(f"{ENTRY}/support"))
    assert "此前已批¥600,000.00" in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"amount": "-1"}, "不是大于零、最多两位小数的金额"),
        ({"amount": "1000000.01"}, "¥1,000,000.01超过上限¥1,000,000.00"),
        ({"amount": "0"}, "不是大于零、最多两位小数的金额"),
    ],
)
def test_what_may_not_be_claimed_is_refused_by_name_with_nothing_written(
    city: Kunshan, fields: dict[str, str], told: str
) -> None:
    jing = Person(city, "jing")
    jing.opens(PAGE)
    assert told in words(jing.sends("/suzhou_cultivation", 422, **fields))
    assert f'value="{fields["amount"]}"' in jing.page
    assert 'href="#amount"' in jing.page
    with pytest.raises(loading.NoSuchSubject):
        at(city, f"{NUMBER}/S1")


def test_a_wrong_year_is_refused_by_name(city: Kunshan) -> None:
    jing = Person(city, "jing")
    page = f"{ENTRY}/support/breakthrough_result"
    jing.opens(page)
    asked = words(jing.sends("/breakthrough_result", ask="true", object="成果甲", year="2031"))
    assert "2031年不在可申请的年度内" in asked
    refused = words(jing.sends("/breakthrough_result", 422, object="成果甲", year="2031"))
    assert "2031年不在可申请的年度内" in refused


def test_the_same_form_sent_twice_files_one_claim(city: Kunshan) -> None:
    jing = Person(city, "jing")
    page = jing.opens(PAGE)
    for _ in range(2):
        jing.page, jing.at = page, PAGE
        jing.sends("/suzhou_cultivation", amount="1000000")
    assert jing.at.split("?")[0].endswith("/S1")
    with pytest.raises(loading.NoSuchSubject):
        at(city, f"{NUMBER}/S2")


def test_claims_are_the_leads_and_the_bureaus_alone(city: Kunshan) -> None:
    home = claimed(city, amount="1000000")
    for handle in ("lian", "zone", "e1"):
        person = Person(city, handle)
        assert person.client.get(home).status_code == 404
        assert NUMBER not in words(person.opens("/support"))
    lian = Person(city, "lian")
    lian.opens(f"{ENTRY}/support")
    page = lian.opens(PAGE)
    assert "提出申请" not in words(page)
    assert LEAD in page
    assert MEMBER in page
    lian.sends("/suzhou_cultivation", 404, amount="1")


def test_a_project_is_nominated_from_the_consortiums_page(city: Kunshan) -> None:
    jing = Person(city, "jing")
    jing.opens(ENTRY)
    assert "不能撤回" in words(jing.sends("/nominate", object="人才项目乙"))
    assert "人才项目乙" in words(jing.sends("/nominate"))
    jing.opens(ENTRY)
    assert "已" in words(jing.sends("/nominate", 422, object="人才项目乙"))
