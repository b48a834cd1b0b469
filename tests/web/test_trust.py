"""Bars and the credit file on the city's desk, and a disqualification from both findings to its appeal."""

from typing import Any

import pytest
from sqlalchemy import Engine

from casework import loading, wake
from models.database import reading
from procedure.pack import load_texts, shipped
from tests.casework.city import City, build, lead_uscc
from tests.web.desk import Person, words

BARRING = ("value: 0\n    basis: setting\n  serve_days:", "value: 3\n    basis: setting\n  serve_days:")


@pytest.fixture
def barring(story_engine: Engine) -> City:
    """Yueyang with one filed consortium, under a pack that knows a bar of three years."""
    files = dict(shipped("yueyang-2024").files)
    files["after-filing.yaml"] = files["after-filing.yaml"].replace(*BARRING)
    city = build(story_engine, pack=load_texts(files))
    case = city.case_at("selection")
    city.at("2024-08-05T09:00")
    wake.sweep(city.engine, "call")
    city.do(city.call, "boss", "select", cases=[city.subject(case).ref])
    city.do(case, "chen", "file", document_number="1号", document_date="2024-08-05")
    return city


def subject(city: City, ref: str) -> Any:
    with reading(city.engine) as connection:
        return city.subject(loading.id_of(connection, ref))


def test_both_findings_bar_the_lead_from_the_day_of_service(barring: City) -> None:
    [entry] = barring.rows("register_entries")
    number = entry["number"]
    chen, boss, zhang = (Person(barring, handle) for handle in ("chen", "boss", "zhang0"))
    assert zhang.client.get(f"/filed/yueyang/{number}/bar").status_code == 404
    chen.opens(f"/filed/yueyang/{number}/bar")
    page = chen.sends("/bar", 422, organised_poorly="长期未召开会议", breached_on="2024-08-01")
    assert "未履行协议" in words(page)
    assert "长期未召开会议" in page
    chen.sends("/bar", not_performed="未投入约定经费")
    home = f"/matters/yueyang/{number}/D1"
    assert chen.at.startswith(home)
    chen.sends("/notify_findings")
    chen.sends("/notify_findings")
    assert 'class="govuk-back-link" href="/filed"' in zhang.opens(home)
    zhang.sends("/answer_findings", text="情况有出入")
    boss.opens(home)
    page = boss.sends("/decide_disqualification", 422, result="disqualified", answer="申辩不成立")
    assert 'href="#decide_disqualification-document_number"' in page
    boss.sends("/decide_disqualification", document_number="4号")
    boss.sends("/decide_disqualification")
    chen.opens(home)
    chen.sends("/serve_disqualification", on="2024-08-05")
    chen.sends("/serve_disqualification")
    assert str(subject(barring, f"{number}/D1").record.barred_until) == "2027-08-05"
    page = words(chen.opens("/bureau/trust"))
    assert "限制中" in page
    assert "2027年8月5日" in page
    zhang.opens(home)
    zhang.sends("/appeal_disqualification", reason="事实不清")
    boss.opens(home)
    boss.sends("/decide_disqualification_appeal", result="reversed", answer="撤销原决定")
    boss.sends("/decide_disqualification_appeal")
    assert "自始无效" in words(chen.opens("/bureau/trust"))


def test_a_breach_is_entered_after_it_was_shown_once_more_and_referred_once(city: City) -> None:
    city.lead(0)
    chen = Person(city, "chen")
    assert "没有失信记录" in words(chen.opens("/bureau/trust"))
    page = chen.sends("/bureau/trust", 422, facts="提供虚假材料", source="7号")
    assert 'href="#uscc"' in page
    page = chen.sends("/bureau/trust", uscc=lead_uscc(0))
    assert "不能删除" in words(page)
    assert city.count("credit_records") == 0
    chen.sends("/bureau/trust")
    assert city.count("credit_records") == 1
    page = chen.sends("/refer", 422, to="市公安局", on="2024-07-11")
    assert "2024年7月11日" in words(page)
    page = words(chen.sends("/refer", to="市公安局", on="2024-07-10"))
    assert "移送市公安局" in page
    Person(city, "zhang0").opens("/bureau/trust", 403)
