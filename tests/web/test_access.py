"""Who may open what: every role at every page of every desk, on own, others' and other districts' cases."""

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from casework import calls, loading, parties
from casework.acts import Receipt
from models.database import reading, writing
from procedure.pack import shipped
from tests.casework.city import FORM, MEMBER_FORM, PLAN, SINCE, UNIVERSITY, City, lead_uscc
from tests.web.conftest import browser, copied
from tests.web.desk import Person
from web.app import ROUTERS
from web.visitor import DESKS

PEOPLE: dict[str | None, str] = {
    "zhang0": "applicant of the first units' cases",
    "zhang1": "applicant of another unit",
    "li": "member of all cases but one",
    "mao": "member of nothing",
    "wang": "district officer of Pingjiang",
    "xu": "district officer of Xiangyin",
    "chen": "city officer",
    "lin": "city officer of another city",
    "boss": "city leader",
    "admin": "administrator",
    "e0": "expert",
    "ops": "operations",
    None: "nobody",
}

SEES: dict[str, dict[str, set[str]]] = {
    "applicant": {"zhang0": {"draft", "sent", "returned"}, "zhang1": {"foreign"}},
    "bureau": {name: {"sent", "returned", "foreign", "scoring"} for name in ("chen", "boss", "admin")},
    "member": {"li": {"draft", "sent", "returned", "scoring"}},
    "district": {"wang": {"sent", "returned", "scoring"}, "xu": {"foreign"}},
    "expert": {"e0": {"scoring"}},
    "operations": {"ops": {"sent", "returned", "foreign", "scoring"}},
}
"""Which cases each person may open at each desk: drafts are their applicant's and members' own business."""


@dataclass(frozen=True)
class Town:
    """The city with one case of each kind, by name."""

    city: City
    cases: dict[str, str]


@pytest.fixture
def town(prepared_town: Town, tmp_path: Path) -> Iterator[Town]:
    """Four cases of Pingjiang (a draft, one submitted, one returned, one with the panel), one of Xiangyin."""
    for city in copied(prepared_town.city, tmp_path):
        yield Town(city, prepared_town.cases)


@pytest.fixture(scope="session")
def prepared_town(prepared: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The same, prepared once; to be copied."""
    for city in copied(prepared, tmp_path_factory.mktemp("town")):
        yield _town(city)


def _town(city: City) -> Town:
    cases = {"sent": city.case_at("recommendation", 0)}
    for n, handle in ((1, "zhang1"), (2, "zhang2"), (3, "zhang3")):
        city.lead(n)
        assert handle in city.people
    with writing(city.engine) as connection:
        for n in (2, 3):  # the units of the draft and of the returned case are the first person's as well
            unit = parties.organisation_id(connection, lead_uscc(n))
            person = city.people["zhang0"].person
            parties.grant(connection, person, "applicant", organisation_id=unit, valid_from=SINCE)
        xiangyin = parties.bureau_id(connection, "xiangyin")
        idle = parties.organisation(connection, lead_uscc(9), "第9公司", "enterprise")
    city.person("xu", "district_officer", bureau_id=xiangyin)
    city.person("mao", "member", organisation_id=idle)
    city.person("ops", "operations", bureau_id=city.city)
    with writing(city.engine) as connection:
        elsewhere = parties.city_bureau(connection, shipped("qingdao-2025").procedure.bureau)
    city.person("lin", "city_officer", bureau_id=elsewhere)
    cases["draft"] = city.filled(2)
    cases["returned"] = city.case_at("recommendation", 3)
    city.do(cases["returned"], "wang", "return_for_correction", **PLAN)
    cases["scoring"] = city.case_at("expert_review", 4)
    started = calls.start(city.engine, city.call, city.people["zhang1"], "xiangyin")
    assert isinstance(started, Receipt)
    with reading(city.engine) as connection:
        cases["foreign"] = loading.id_of(connection, started.ref)
    _submit(city, cases["foreign"])
    numbers = {row["subject_id"]: row["number"] for row in city.rows("cases")}
    return Town(city, {name: numbers[case] for name, case in cases.items()})


def _submit(city: City, case: int) -> None:
    """Submit the foreign case with a member of its own."""
    other = lead_uscc(8)
    with writing(city.engine) as connection:
        unit = parties.organisation(connection, other, "湘阴配件", "university")
    city.person("pei", "member", organisation_id=unit)
    city.do(case, "zhang1", "save_draft", fields={**FORM, "consortium.direction": "石化"})
    city.do(case, "zhang1", "invite_member", uscc=other)
    city.do(case, "pei", "confirm_membership")
    city.do(case, "zhang1", "save_draft", members={other: MEMBER_FORM})
    for material in ("application_form", "implementation_plan"):
        city.do(case, "zhang1", "attach_document", **city.store(material))
    city.do(case, "pei", "attach_document", **city.store("cooperation_agreement"))
    city.do(case, "zhang1", "submit")


def _routes() -> list[tuple[str, str, str]]:
    """Return every route of the desks that is about a case: desk, method, path."""
    return [
        (route.path.split("/")[1], method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.path.split("/")[1] in DESKS.values()
        if "{number}" in route.path
        for method in sorted(route.methods)
    ]


def _filled(path: str, number: str) -> str:
    wanted = {
        "bureau": "yueyang",
        "number": number,
        "section": "consortium",
        "material": "application_form",
        "owner": lead_uscc(0),
        "act": "accept_online",
    }
    return re.sub(r"\{(\w+)\}", lambda found: wanted[found[1]], path)


def test_every_person_opens_exactly_the_cases_that_are_theirs(town: Town) -> None:
    routes = _routes()
    assert {desk for desk, _, _ in routes} == set(SEES)
    assert len(routes) > 20
    events = town.city.count("events")
    wrong: list[str] = []
    for handle in PEOPLE:
        client = browser(town.city) if handle is None else Person(town.city, handle).client
        for n, (desk, method, path) in enumerate(routes):
            for name in _asked_for(n, handle, desk, method, town.cases):
                answer = client.request(method, _filled(path, town.cases[name]), follow_redirects=False)
                if answer.status_code not in _expected(handle, desk, method, path, name):
                    wrong.append(f"{handle} {method} {path} {name}: {answer.status_code}")
    assert wrong == []
    assert town.city.count("events") == events


def _asked_for(n: int, handle: str | None, desk: str, method: str, cases: Iterable[str]) -> list[str]:
    """Every case where the case decides; elsewhere one, another at each route and for each person."""
    names = list(cases)
    if method == "GET" and handle in HOLDERS[desk]:
        return names
    return [names[(n + list(PEOPLE).index(handle)) % len(names)]]


def _expected(handle: str | None, desk: str, method: str, path: str, case: str) -> set[int]:
    """Return the statuses that are right: a form without a token of ours is as good as not signed in."""
    if handle is None:
        return {303}
    if handle not in HOLDERS[desk]:
        return {403}
    if method == "POST":
        return {303}
    if case not in SEES[desk].get(handle, set()):
        return {404}
    # A case's own page is there for all who see it, others at some stages or for some units only.
    return {200} if path.endswith("{number}") else {200, 404}


HOLDERS = {
    "applicant": {"zhang0", "zhang1"},
    "member": {"li", "mao"},
    "district": {"wang", "xu"},
    "bureau": {"chen", "boss", "admin", "lin"},
    "expert": {"e0"},
    "operations": {"ops"},
}
"""Who holds the role of each desk."""


def test_the_desk_of_operations_is_open_to_operations_alone(town: Town) -> None:
    routes = [
        (method, re.sub(r"\{\w+\}", "1", route.path))
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.path.startswith("/operations")
        for method in route.methods
    ]
    assert len(routes) > 10
    wrong: list[str] = []
    for handle in PEOPLE:
        client = browser(town.city) if handle is None else Person(town.city, handle).client
        for method, path in routes:
            answer = client.request(method, path, follow_redirects=False).status_code
            right = {303} if handle is None else {403}
            if handle == "ops":
                right = {303} if method == "POST" else {200, 404}
            if answer not in right:
                wrong.append(f"{handle} {method} {path}: {answer}")
    assert wrong == []


@pytest.mark.parametrize(
    ("handle", "desk", "seen"),
    [
        ("zhang0", "applicant", {"draft", "sent", "returned"}),
        ("zhang1", "applicant", {"foreign"}),
        ("li", "member", {"draft", "sent", "returned", "scoring"}),
        ("mao", "member", set()),
        ("wang", "district?show=all", {"sent", "returned", "scoring"}),
        ("xu", "district?show=all", {"foreign"}),
        ("chen", "bureau?show=all", {"sent", "returned", "foreign", "scoring"}),
        ("lin", "bureau?show=all", set()),
        ("e0", "expert", {"scoring"}),
    ],
)
def test_lists_show_exactly_the_same_cases(town: Town, handle: str, desk: str, seen: set[str]) -> None:
    page = Person(town.city, handle).opens(f"/{desk}")
    assert {name for name, number in town.cases.items() if number in page} == seen


def test_forms_with_a_token_do_not_open_others_cases_either(town: Town) -> None:
    before = town.city.count("events")
    wang = Person(town.city, "wang")
    csrf = re.search(r'name="csrf" value="([^"]+)"', wang.opens(f"/district/yueyang/{town.cases['sent']}"))
    assert csrf
    for name in ("foreign", "draft"):
        for act in ("accept_online", "decline", "endorse", "return_for_correction", "deliver_papers"):
            path = f"/district/yueyang/{town.cases[name]}/{act}"
            answer = wang.client.post(path, data={"csrf": csrf[1], "reason": "x", "opinion": "x"})
            assert answer.status_code == 404
    zhang = Person(town.city, "zhang1")
    csrf = re.search(r'name="csrf" value="([^"]+)"', zhang.opens("/account"))
    assert csrf
    for way in ("submit", "withdraw", "members", "documents", "form/consortium"):
        path = f"/applicant/yueyang/{town.cases['draft']}/{way}"
        data = {"csrf": csrf[1], "truthful": "true", "reason": "x", "uscc": UNIVERSITY}
        assert zhang.client.post(path, data=data).status_code == 404
    assert town.city.count("events") == before
    assert [row["stage"] for row in town.city.rows("subjects")].count("withdrawn") == 0


def test_whoever_has_left_sees_nothing_any_more(town: Town) -> None:
    li = Person(town.city, "li")
    path = f"/member/yueyang/{town.cases['sent']}"
    li.opens(path)
    with writing(town.city.engine) as connection:
        parties.end_role(connection, _role(town.city, "li"), datetime.date(2024, 7, 9))
    li.opens(path, status=403)


def _role(city: City, handle: str) -> int:
    person = city.people[handle].person
    return next(int(row["id"]) for row in city.rows("roles") if row["person_id"] == person)


def test_the_bureaus_calls_are_for_its_own_people(town: Town) -> None:
    """Every page of the bureau's desk that is about no single case: calls, lists, set-up."""
    routes = sorted(
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.path.split("/")[1] == "bureau"
        if "{number}" not in route.path
        for method in route.methods
    )
    assert len(routes) > 8
    wrong: list[str] = []
    for handle in PEOPLE:
        client = browser(town.city) if handle is None else Person(town.city, handle).client
        for method, path in routes:
            filled = path.replace("{bureau}", "yueyang").replace("{code}", "2024").replace("{act}", "select")
            filled = filled.replace("{year}", "2024")
            filled = filled.replace("{name}", shipped("yueyang-2024").content_hash[:12])
            status = client.request(method, filled, follow_redirects=False).status_code
            if status not in _expected_of_a_call(handle, method, path):
                wrong.append(f"{handle} {method} {path}: {status}")
    assert wrong == []


def _expected_of_a_call(handle: str | None, method: str, path: str) -> set[int]:
    if handle is None:
        return {303}
    if handle not in HOLDERS["bureau"]:
        return {403}
    if method == "POST" or path == "/bureau/year":
        return {303}  # that page leads to the present year of one's own city
    if handle == "lin" and (re.search("{code}|{name}|{year}", path) or path.endswith("/new")):
        return {404}
    if path.endswith("/defences"):
        return {404}  # Yueyang's experts hold none
    return {200}
