"""The interface for programs: who may what, over HTTP, and what it says when it may not."""

import datetime
import re
from dataclasses import dataclass
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import Engine

from casework import api_tokens, clock
from casework.access import Claim
from models.database import writing
from procedure.acts import ACTS
from tests.casework.city import City, build, lead_uscc
from tests.web.conftest import browser
from tests.web.desk import PDF, Person
from tests.web.straight import Browser
from tests.web.test_access import Town, prepared_town, town
from web.api.app import create_api
from web.page import Portal
from web.settings import PortalSettings

__all__ = ["prepared_town", "town"]

DAY = datetime.date(2024, 7, 10)


@dataclass
class Program:
    """A program that bears a token of a person in a role."""

    client: Browser
    token: str | None
    under: str = "/api/v1"

    def ask(self, method: str, path: str, **more: Any) -> Response:
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        headers |= more.pop("headers", {})
        return self.client.request(method, f"{self.under}{path}", headers=headers, **more)


def token_of(city: City, handle: str, role: str, scope: api_tokens.Scope = "act", days: int = 1) -> str:
    with writing(city.engine) as connection:
        claim = Claim(city.people[handle].person, role)
        return api_tokens.make(connection, claim, "test", scope, clock.present(None), days, DAY)


def program(city: City, handle: str | None, role: str = "", scope: api_tokens.Scope = "act") -> Program:
    return Program(browser(city), None if handle is None else token_of(city, handle, role, scope))


ROLES = {
    "zhang0": "applicant",
    "zhang1": "applicant",
    "li": "member",
    "mao": "member",
    "wang": "district_officer",
    "xu": "district_officer",
    "chen": "city_officer",
    "boss": "city_leader",
    "admin": "administrator",
    "ops": "operations",
    None: "",
}

CITY = {"sent", "returned", "foreign", "scoring"}

SEES: dict[str | None, set[str]] = {
    "zhang0": {"draft", "sent", "returned"},
    "zhang1": {"foreign"},
    "li": {"draft", "sent", "returned", "scoring"},
    "mao": set(),
    "wang": {"sent", "returned", "scoring"},
    "xu": {"foreign"},
    "chen": CITY,
    "boss": CITY,
    "admin": CITY,
    "ops": CITY,
    None: set(),
}
"""Which cases each person's token opens: exactly those of their desk."""

BUREAU_ONLY = ("/panel", "/objections")


def _routes() -> list[tuple[str, str]]:
    """Return every route about a case, acts spelled out: as the interface itself describes them."""
    api = create_api(Portal(None, None, PortalSettings()))  # type: ignore[arg-type]
    found: list[tuple[str, str]] = []
    for path, methods in api.openapi()["paths"].items():
        if not path.startswith("/cases/{bureau}/{number}"):
            continue
        for method in methods:
            acts = sorted(ACTS) if "{act}" in path else [""]
            found += [(method.upper(), path.replace("{act}", act)) for act in acts]
    return found


def _filled(path: str, number: str) -> str:
    wanted = {
        "bureau": "yueyang",
        "number": number,
        "material": "application_form",
        "owner": lead_uscc(0),
    }
    return re.sub(r"\{(\w+)\}", lambda found: wanted.get(found[1], found[0]), path)


def test_every_person_reads_exactly_the_cases_that_are_theirs(town: Town) -> None:
    routes = [path for method, path in _routes() if method == "GET"]
    assert len(routes) == 8
    wrong: list[str] = []
    for handle, role in ROLES.items():
        asks = program(town.city, handle, role, "read")
        for path in routes:
            for name, number in town.cases.items():
                status = asks.ask("GET", _filled(path, number)).status_code
                if status not in _reading(handle, role, path, name):
                    wrong.append(f"{handle} GET {path} {name}: {status}")
    assert wrong == []


def _reading(handle: str | None, role: str, path: str, name: str) -> set[int]:
    if handle is None:
        return {401}
    if path.endswith(BUREAU_ONLY) and role not in (
        "city_officer",
        "city_leader",
        "administrator",
        "operations",
    ):
        return {403}
    if name not in SEES[handle]:
        return {404}
    if path.endswith("/receipt") and name == "draft":
        return {404}
    # Only the first unit's documents are asked for, and a member unit reads its own.
    return {200, 404} if "{material}" in path else {200}


def test_no_act_reaches_a_case_that_is_not_theirs(town: Town) -> None:
    events = town.city.count("events")
    acts = [path for method, path in _routes() if method == "POST" and "/acts/" in path]
    assert len(acts) == len(ACTS)
    wrong: list[str] = []
    for handle, role in ROLES.items():
        asks = program(town.city, handle, role)
        others = sorted(set(town.cases) - SEES[handle])
        for at, path in enumerate(acts):
            # In turn, so that every act is tried on some case and every case with many acts.
            name = others[at % len(others)]
            answer = asks.ask("POST", _filled(path, town.cases[name]), json={"reason": "x", "opinion": "x"})
            if answer.status_code != (401 if handle is None else 404):
                wrong.append(f"{handle} {path} {name}: {answer.status_code}")
    assert wrong == []
    assert town.city.count("events") == events


def test_a_token_that_reads_does_not_act_and_ends_when_it_is_ended(town: Town) -> None:
    reads = program(town.city, "wang", "district_officer", "read")
    path = f"/cases/yueyang/{town.cases['sent']}"
    refused = reads.ask("POST", f"{path}/acts/accept_online")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert reads.token not in str(town.city.rows("api_tokens"))
    person, now = town.city.people["wang"].person, clock.present(None)
    with writing(town.city.engine) as connection:
        (line,) = api_tokens.lines(connection, person, now)
        assert not api_tokens.end(connection, town.city.people["chen"].person, line.id, now)
        assert api_tokens.end(connection, person, line.id, now)
    assert reads.ask("GET", path).status_code == 401
    late = api_tokens.bearer
    with writing(town.city.engine) as connection:
        token = token_of_in(connection, town.city)
        day = datetime.timedelta(days=1)
        assert late(town.city.engine, connection, token, now, DAY) is not None
        assert late(town.city.engine, connection, token, now + day + day, DAY) is None


def token_of_in(connection: Any, city: City) -> str:
    claim = Claim(city.people["wang"].person, "district_officer")
    token = api_tokens.make(connection, claim, "test", "read", clock.present(None), 1, DAY)
    # Noted as used, so that nothing has to be written beside this transaction.
    connection.exec_driver_sql("UPDATE api_tokens SET used_at = made_at")
    return token


def test_an_act_is_done_once_on_the_version_that_was_looked_at(town: Town) -> None:
    asks = program(town.city, "wang", "district_officer")
    path = f"/cases/yueyang/{town.cases['sent']}"
    seen = asks.ask("GET", path)
    tag = seen.headers["ETag"]
    assert asks.ask("GET", path, headers={"If-None-Match": tag}).status_code == 304
    ask = {"headers": {"If-Match": tag, "Idempotency-Key": "k1"}, "json": {}}
    first = asks.ask("POST", f"{path}/acts/accept_online", **ask)
    assert first.status_code == 200, first.text
    again = asks.ask("POST", f"{path}/acts/accept_online", **ask)
    assert again.json() == {**first.json(), "repeated": True}
    assert again.headers["ETag"] == first.headers["ETag"] != tag
    stale = asks.ask("POST", f"{path}/acts/endorse", headers={"If-Match": tag}, json={"opinion": "同意推荐"})
    problem = stale.json()
    assert (stale.status_code, problem["code"]) == (412, "stale_version")
    assert problem["title"]["zh"]
    assert problem["title"]["en"] != problem["title"]["zh"]
    assert problem["facts"].keys() == {"expected", "actual"}
    assert asks.ask("POST", f"{path}/acts/endorse", json={"opinion": ""}).json()["code"] == "bad_particulars"


def test_pages_follow_each_other_without_a_gap(town: Town) -> None:
    asks = program(town.city, "chen", "city_officer")
    seen: list[str] = []
    after: str | None = None
    while True:
        query = {"limit": "1"} | ({} if after is None else {"after": after})
        page = asks.ask("GET", "/cases", params=query).json()
        seen += [each["number"] for each in page["cases"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == sorted(town.cases[name] for name in CITY)
    assert asks.ask("GET", "/cases", params={"after": "x"}).json()["code"] == "bad_cursor"
    narrowed = asks.ask("GET", "/cases", params={"district": "xiangyin"}).json()
    assert [each["number"] for each in narrowed["cases"]] == [town.cases["foreign"]]


def test_documents_are_looked_into_as_on_the_page(town: Town) -> None:
    asks = program(town.city, "zhang0", "applicant")
    path = f"/cases/yueyang/{town.cases['draft']}/documents"

    def send(name: str, content: bytes) -> Response:
        data = {"material": "application_form"}
        return asks.ask("POST", path, data=data, files={"file": (name, content)})

    assert send("../../申报书.pdf", PDF).status_code == 200
    given = asks.ask("GET", f"{path}/application_form/{lead_uscc(2)}")
    assert given.content == PDF
    assert given.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E7%94%B3")
    assert send("x.pdf", b"MZ").json()["code"] == "not_what_it_says"
    assert send("x.pdf", PDF + b"/JavaScript (x)").json()["code"] == "has_script"
    ask = {"material": "application_form", "digest": "0" * 64, "name": "x.pdf", "size": 1, "media_type": "x"}
    assert asks.ask("POST", path.replace("documents", "acts/attach_document"), json=ask).status_code == 404


def test_applications_come_in_many_at_once_and_repeating_does_no_harm(city: City) -> None:
    city.lead(5)
    asks = program(city, "zhang5", "applicant")
    given = {
        "applications": [
            {"key": "a", "district": "pingjiang", "fields": {"consortium.direction": "=生物医药"}},
            {"key": "b", "district": "pingjiang"},
            {"key": "c", "district": "nowhere"},
        ]
    }
    cases = city.count("cases")
    first = asks.ask("POST", "/calls/yueyang/2024/imports", json=given).json()
    assert [each["problem"] and each["problem"]["code"] for each in first] == [
        None,
        "one_open_case",
        "unknown_district",
    ]
    assert asks.ask("POST", "/calls/yueyang/2024/imports", json=given).json() == first
    assert city.count("cases") == cases + 1
    table = asks.ask("GET", "/exports/cases.csv").content.decode("utf-8-sig")
    assert "'=生物医药" in table
    assert asks.ask("GET", "/exports/cases.json").json()[0]["direction"] == "=生物医药"
    assert asks.ask("GET", "/exports/cases.xlsx").content[:2] == b"PK"


def test_too_many_requests_wait(city: City) -> None:
    portal = Portal(city.engine, None, PortalSettings())  # type: ignore[arg-type]
    client = Browser(create_api(portal, most=3))
    statuses = [client.get("/register").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


@pytest.mark.parametrize("path", ["/calls", "/calls/yueyang/2024", "/calls/yueyang/2024/lists", "/register"])
def test_what_is_public_needs_no_token(visitor: Browser, path: str) -> None:
    assert visitor.get(f"/api/v1{path}").status_code == 200


def test_experts_have_no_tokens(town: Town) -> None:
    with pytest.raises(api_tokens.NotForPrograms):
        token_of(town.city, "e0", "expert")


ANYTHING: list[Any] = [None, 0, -1, 10**30, "", "x", "ü\u0000", "=1+1", [], {}, [{}], {"a": {"b": [1]}}, True]


def test_whatever_is_sent_the_answer_is_a_described_one(town: Town) -> None:
    """Every route with every act, with particulars of every kind: no 5xx, nothing undescribed."""
    asks = program(town.city, "chen", "city_officer")
    described = asks.ask("GET", "/openapi.json").json()["paths"]
    wrong: list[str] = []
    for path, methods in described.items():
        for method, route in methods.items():
            filled = _filled(path, town.cases["sent"]).replace("{code}", "2024").replace("{kind}", "csv")
            known = {int(status) for status in route["responses"]}
            for at, act in enumerate(sorted(ACTS) if "{act}" in path else ["x"] * len(ANYTHING)):
                anything = ANYTHING[at % len(ANYTHING)]
                body = {"reason": anything, "items": anything, "fields": anything, "at": anything}
                given = body if at % 3 else anything
                answer = asks.ask(method.upper(), filled.replace("{act}", act), json=given)
                if answer.status_code not in known:
                    wrong.append(f"{method} {path} {act} {given!r}: {answer.status_code}")
    assert wrong == []


def test_text_that_a_database_does_not_keep_is_no_failure(story_engine: Engine) -> None:
    city = build(story_engine)
    asks = program(city, "chen", "city_officer")
    # SQLite keeps it and finds nothing.
    right = {"sqlite": 200, "postgresql": 422}[story_engine.dialect.name]
    for path in ("/cases?search=%00", "/radar?district=%00", "/deliveries?search=%00"):
        assert asks.ask("GET", path).status_code == right
    assert asks.ask("GET", "/cases/yueyang/%00").status_code == {200: 404}.get(right, right)
    many = asks.ask("POST", "/calls/yueyang/2024/cases/acts/endorse", json={"cases": ["\0"]})
    assert many.status_code == right
    for page in ("/search?q=%00", "/bureau?q=%00", "/register?q=%00"):
        Person(city, "chen").opens(page, status={200: 200}.get(right, 404))


def test_a_person_makes_a_token_on_a_page_that_shows_it_once(city: City) -> None:
    chen = Person(city, "chen")
    chen.opens("/account/tokens")
    page = chen.sends("/account/tokens", name="统计系统", role="city_officer", scope="read", days="7")
    (token,) = re.findall(r"<code>(beian_[^<]+)</code>", page)
    assert token not in chen.opens("/account/tokens")
    asks = Program(browser(city), token)
    assert asks.ask("GET", "/cases").status_code == 200
    chen.opens("/account/tokens")
    line = city.rows("api_tokens")[0]["id"]
    chen.sends("/end", token=str(line))
    assert asks.ask("GET", "/cases").status_code == 401
    chen.opens("/account/tokens")
    chen.sends("/account/tokens", name="x", role="administrator", status=422)
