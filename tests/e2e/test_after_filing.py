"""Every page of what comes after filing: accessible, light, no wider than the screen."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from casework import changes, claims, credit, disqualifying, loading, rounds, wake
from casework.acts import Receipt, Request, perform
from models.database import connect, default_url, reading
from procedure.act import Refusal
from procedure.pack import load_texts, shipped
from tests.casework.city import City, build, lead_uscc
from tests.casework.kunshan import NUMBER, kunshan
from tests.e2e.conftest import served, visiting
from tests.e2e.test_pages import looked_at

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

BARRING = ("value: 0\n    basis: setting\n  serve_days:", "value: 3\n    basis: setting\n  serve_days:")
FINDINGS = {
    "organised_poorly": "长期未召开会议",
    "not_performed": "未投入约定经费",
    "breached_on": "2025-08-01",
}
ENTRY = "YYLHT-2024-001"

PAGES: dict[str, tuple[str, ...]] = {
    "zhang0": (
        "/filed",
        f"/filed/yueyang/{ENTRY}",
        f"/filed/yueyang/{ENTRY}/change",
        f"/filed/yueyang/{ENTRY}/change?aspect=lead",
        f"/filed/yueyang/{ENTRY}/change?aspect=members",
        f"/filed/yueyang/{ENTRY}/change?aspect=plan",
        f"/filed/yueyang/{ENTRY}/renewal",
        f"/filed/yueyang/{ENTRY}/support",
        "/changes",
        f"/matters/yueyang/{ENTRY}/C1",
        f"/matters/yueyang/{ENTRY}/D1",
        f"/matters/yueyang/PJ2025/{ENTRY}",
    ),
    "li": ("/evaluations", f"/matters/yueyang/{ENTRY}/C1"),
    "wang": ("/evaluations", "/filed"),
    "chen": (
        "/evaluations",
        f"/filed/yueyang/{ENTRY}",
        f"/filed/yueyang/{ENTRY}/bar",
        f"/matters/yueyang/PJ2024/{ENTRY}",
        "/bureau/trust",
        "/bureau/year/yueyang/2025",
        "/register",
        f"/register/yueyang/{ENTRY}",
        "/lists",
    ),
}
"""The pages of a city with an open self-report, a change that waits for consent, and a hearing."""

SUPPORT: dict[str, tuple[str, ...]] = {
    "jing": (
        "/support",
        f"/filed/kunshan/{NUMBER}/support",
        f"/filed/kunshan/{NUMBER}/support/suzhou_key_laboratory",
        f"/matters/kunshan/{NUMBER}/S1",
    ),
    "head": (f"/matters/kunshan/{NUMBER}/S2", "/bureau/year/kunshan/2025"),
}
"""The pages of a city with a claim that was paid and one that waits."""


@pytest.fixture(scope="module")
def filed(sqlite_template: Callable[[bool], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal with a consortium that was filed a year ago, and all that concerns it."""
    folder = tmp_path_factory.mktemp("filed")
    shutil.copyfile(sqlite_template(True), folder / "beian.db")
    files = dict(shipped("yueyang-2024").files)
    files["after-filing.yaml"] = files["after-filing.yaml"].replace(*BARRING)
    city = build(connect(default_url(folder)), pack=load_texts(files))
    case = city.case_at("selection", 0, "高端石化装备与特种阀门的智能制造及绿色低碳技术")
    city.at("2024-08-05T09:00")
    wake.sweep(city.engine, "call")
    city.do(city.call, "boss", "select", cases=[city.subject(case).ref])
    city.do(case, "chen", "file", document_number="1号", document_date="2024-08-05")
    _evaluated(city)
    _heard(city)
    with served(folder) as address:
        yield address


def _id(city: City, ref: str) -> int:
    with reading(city.engine) as connection:
        return loading.id_of(connection, ref)


def _evaluated(city: City) -> None:
    city.at("2025-08-05T09:00")
    for code in ("PJ2024", "PJ2025"):
        announced = rounds.announce(
            city.engine, "yueyang", city.people["chen"], {"code": code, "period": code}
        )
        assert isinstance(announced, Receipt), announced
    rounds.open_tasks(city.engine)
    task = _id(city, f"PJ2024/{ENTRY}")
    indicators = [{"title": "发明专利", "target": "10件", "reached": "8件"}]
    city.do(task, "zhang0", "submit_report", contents={"results": "按计划完成"}, indicators=indicators)
    city.do(task, "wang", "comment_report", comment="情况属实")


def _heard(city: City) -> None:
    wanted = {"aspect": "direction", "value": "氢能", "reason": "技术路线调整"}
    proposed = changes.propose(city.engine, city.people["zhang0"], ENTRY, wanted)
    assert isinstance(proposed, Receipt), proposed
    change = _id(city, proposed.ref)
    stored = city.store("construction_plan")
    city.do(
        change, "zhang0", "attach_material", **{name: stored[name] for name in ("material", "digest", "name")}
    )
    city.do(change, "zhang0", "hand_in_change")
    begun = disqualifying.propose(city.engine, city.people["chen"], ENTRY, FINDINGS)
    assert isinstance(begun, Receipt), begun
    city.do(_id(city, begun.ref), "chen", "notify_findings")
    breach = {"uscc": lead_uscc(0), "facts": "提供虚假材料", "source": "7号"}
    assert not isinstance(credit.record(city.engine, city.people["chen"], breach), Refusal)


@pytest.fixture(scope="module")
def supported(played: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal with a claim that was paid and one that waits."""
    folder = tmp_path_factory.mktemp("supported")
    with kunshan(played, folder) as city:
        for amount in ("600000", "400000"):
            asked = {"measure": "suzhou_cultivation", "amount": amount}
            assert isinstance(claims.file(city.engine, city.applicant, NUMBER, asked), Receipt)
        leader = city.claim("head", "city_leader")
        with reading(city.engine) as connection:
            first = loading.id_of(connection, f"{NUMBER}/S1")
        granted = {"amount": "600000", "document": "昆科〔2025〕9号"}
        paid = {"amount": "600000", "on": "2025-10-28", "document": "凭证1"}
        for act, who, payload in (("approve_claim", leader, granted), ("pay_claim", city.officer, paid)):
            assert isinstance(perform(city.engine, Request(first, act, who, payload)), Receipt)
        with served(folder) as address:
            yield address


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("handle", list(PAGES))
def test_pages_after_filing_are_accessible_light_and_fit(
    browser: Browser, filed: str, handle: str, language: str
) -> None:
    with visiting(browser, filed) as visit:
        assert looked_at(visit(handle), PAGES[handle], language) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("handle", list(SUPPORT))
def test_pages_of_support_are_accessible_light_and_fit(
    browser: Browser, supported: str, handle: str, language: str
) -> None:
    with visiting(browser, supported) as visit:
        assert looked_at(visit(handle), SUPPORT[handle], language) == []
