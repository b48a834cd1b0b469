"""The desk of operations: what is stuck, incidents taken on and tried again, deliveries, runs and health."""

import datetime
import re

import pytest

from casework import clock, outbox, wake
from casework.outbox import Outcome
from models.database import reading, writing
from notifications.channel import Answer
from tests.casework.city import TABLES, City
from tests.web.conftest import browser
from tests.web.desk import Person, words
from web import bulk


@pytest.fixture
def ops(city: City) -> Person:
    """Somebody of operations in a city with a case that is overdue on 12 August."""
    city.person("ops", "operations", bureau_id=city.city)
    city.case_at("recommendation", 0, "高端阀门")
    return Person(city, "ops")


def test_the_radar_shows_what_is_stuck_and_for_how_long(city: City, ops: Person) -> None:
    late = city.case_at("recommendation", 1)
    city.do(late, "wang", "accept_online")
    city.do(late, "wang", "endorse", opinion="同意推荐")
    city.at("2024-08-09T09:00")
    page = words(ops.opens("/operations"))
    assert "第0公司" in page
    assert "将逾期 1" in page
    city.at("2024-08-14T09:00")
    assert "第1公司" in words(ops.opens("/operations"))
    page = ops.opens("/operations?trouble=overdue&district=pingjiang")
    assert re.search(r'aria-current="page">[^<]*逾期', page)
    table = re.search(r'<table class="govuk-table chart__table.*?</table>', page, re.DOTALL)
    assert table
    assert re.findall(r'chart__number">(\d+)<', table[0]) != []


def test_a_narrowed_radar_says_to_what_and_leads_back(city: City, ops: Person) -> None:
    assert "只看" not in words(ops.opens("/operations"))
    page = ops.opens("/operations?district=pingjiang&trouble=overdue")
    assert "只看平江县科技局。" in words(page)
    assert 'href="/operations?trouble=overdue">看全部推荐单位' in page
    assert "Only nowhere." in words(ops.opens("/en/operations?district=nowhere"))


def test_an_incident_is_taken_on_given_away_and_closed(city: City, ops: Person) -> None:
    incident = broken(city, 1)
    assert "仍有问题" in ops.opens("/operations/incidents")
    ops.opens(f"/operations/incidents/{incident}")
    page = ops.sends("/acknowledge")
    assert "已受理 · ops" in page
    assert "请选择受指派的人" in ops.sends("/assign", status=422, to="")
    assert "已受理 · chen" in ops.sends("/assign", to=str(city.people["chen"].person))
    assert "请写明怎样处理的" in ops.sends("/close", status=422, remark=" ")
    assert "已关闭 · chen" in ops.sends("/close", remark="已更正数据")
    kinds = [row["kind"] for row in city.rows("incident_entries")]
    assert kinds == ["raised", "acknowledged", "assigned", "closed"]


def test_only_colleagues_are_given_an_incident(city: City, ops: Person) -> None:
    incident = broken(city, 1)
    ops.opens(f"/operations/incidents/{incident}")
    ops.sends("/assign", status=422, to=str(city.people["wang"].person))


def test_cases_are_tried_again_a_few_at_a_time_with_each_result(
    city: City, ops: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    incident = broken(city, 1, 2, 3)
    ops.opens(f"/operations/incidents/{incident}")
    page = words(ops.sends("/retry", which="all"))
    assert "已处理 2 件，共 3 件；成功 0 件" in page
    assert "YY2024-0002" in page
    assert "YY2024-0004" not in page
    page = words(ops.sends("/retry"))
    assert "已处理 3 件，共 3 件；成功 0 件" in page
    assert "YY2024-0004" in page
    assert "继续处理" not in page
    ops.opens(f"/operations/incidents/{incident}")
    assert "请先选择要重试的办件" in ops.sends("/retry", status=422, which="chosen")


def given_up_in(city: City) -> list[int]:
    """Have every notice refused for good, and return them."""
    with writing(city.engine) as connection:
        now = clock.now(connection)
    claimed = outbox.claim(city.engine, now, 100, datetime.timedelta(minutes=1))
    outbox.record(
        city.engine,
        [Outcome(each, Answer(False, "550 no such user", 3), hopeless=True) for each in claimed],
        now,
    )
    return [row["id"] for row in city.rows("notices") if row["state"] == "dead"]


def test_what_was_given_up_is_sent_again_and_that_is_taken_back(city: City, ops: Person) -> None:
    given_up = given_up_in(city)
    assert given_up
    page = ops.opens("/operations/deliveries")
    assert "550 no such user" in page
    # Notices go by what they are called, in the language of the page.
    kinds = {row["text"] for row in city.rows("notices") if row["state"] == "dead"}
    assert "to_endorse" in kinds
    assert [kind for kind in kinds if f" {kind}<" in page] == []
    assert "请初审并推荐<" in page
    page = ops.opens(f"/operations/deliveries/{given_up[0]}")
    assert city.rows("deliveries")[0]["hash"] in page
    ops.opens("/operations/deliveries")
    page = ops.sends("/resend", notice=str(given_up[0]))
    assert "1 条通知将再次发送" in page
    assert _state(city, given_up[0]) == "pending"
    ops.sends("/recall")
    assert _state(city, given_up[0]) == "dead"


def test_a_bureau_reads_and_resends_its_own_notices_only(city: City, ops: Person) -> None:
    notice = city.rows("notices")[0]["id"]
    wang = Person(city, "wang")
    assert wang.client.get(f"/operations/deliveries/{notice}").status_code == 403
    ops.opens("/operations/deliveries/99999", status=404)
    ops.opens("/operations/deliveries")


def test_runs_lead_to_prefect_where_it_is_set(city: City, ops: Person) -> None:
    page = ops.opens("/operations/runs")
    assert "BEIAN_PORTAL_PREFECT_URL" in page
    wake.sweep(city.engine, "application")
    client = browser(city, prefect_url="http://127.0.0.1:4200/")
    client.cookies.set("beian_session", str(ops.client.cookies["beian_session"]))
    page = client.get("/operations/runs").text
    assert 'href="http://127.0.0.1:4200/runs"' in page


def test_health_is_read_without_prefect(ops: Person) -> None:
    page = words(ops.opens("/operations/health"))
    for looked_at in ("数据库", "表结构", "工作进程", "到期事项", "节假日安排", "磁盘"):
        assert looked_at in page
    assert "beian doctor" in page
    english = words(ops.opens("/en/operations/health"))
    assert "Disk" in english
    assert " sqlite:///" in english


def _state(city: City, notice: int) -> str:
    return next(row["state"] for row in city.rows("notices") if row["id"] == notice)


def broken(city: City, *leads: int) -> int:
    """Make the leads' cases fail at every sweep, and return the incident that they are."""
    cases = [city.case_at("recommendation", n) for n in leads]
    city.at("2024-08-12T09:00")
    subjects = TABLES["subjects"]
    with writing(city.engine) as connection:
        connection.execute(subjects.update().where(subjects.c.id.in_(cases)).values(state="{}"))
    wake.sweep(city.engine, "application")
    with reading(city.engine) as connection:
        return int(connection.execute(TABLES["incidents"].select()).mappings().all()[-1]["id"])


def test_a_stuck_case_is_opened_from_the_radar_and_its_holder_urged(city: City, ops: Person) -> None:
    city.at("2024-08-09T09:00")
    radar = ops.opens("/operations")
    [home] = set(re.findall(r'href="(/operations/cases/yueyang/YY2024-\d+)"', radar))
    page = words(ops.opens(home))
    assert "第0公司" in page
    assert "高端阀门" not in page
    assert "平江县科技局 Wang" in page
    assert "已办理：催办。" in words(ops.sends("/urge", remark="请尽快办理"))
    assert [(each["role"], each["remark"]) for each in city.rows("urges")] == [("operations", "请尽快办理")]
    assert "催办过" in words(ops.sends("/urge", 422, remark="再催"))
    assert city.count("urges") == 1


def test_an_ended_case_is_opened_from_the_search_with_nobody_to_urge(city: City, ops: Person) -> None:
    city.do(city.rows("cases")[0]["subject_id"], "zhang0", "withdraw", reason="项目调整")
    page = ops.opens("/operations/cases/yueyang/YY2024-0001")
    assert "已撤回" in words(page)
    assert "/urge" not in page
