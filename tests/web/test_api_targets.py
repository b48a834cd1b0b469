"""Targets and achievements for programs: what there is, recorded once, struck with a reason."""

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casework import achievements, api_tokens, clock
from models.database import reading, writing
from tests.casework.kunshan import PROJECT, Kunshan, kunshan
from tests.web.straight import Browser
from tests.web.test_api import Program
from web.api.app import create_api
from web.page import Portal
from web.settings import PortalSettings


@pytest.fixture
def city(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Kunshan]:
    """Kunshan on 28 October 2025, with one entry."""
    with kunshan(played, tmp_path) as found:
        yield found


def program(city: Kunshan, handle: str, role: str, scope: api_tokens.Scope = "act") -> Program:
    day = datetime.date(2025, 10, 28)
    with writing(city.engine) as connection:
        token = api_tokens.make(
            connection, city.claim(handle, role), "test", scope, clock.present(None), 1, day
        )
    portal = Portal(city.engine, None, PortalSettings())  # type: ignore[arg-type]
    return Program(Browser(create_api(portal)), token, under="")


def test_an_achievement_is_recorded_once_counted_and_struck(city: Kunshan) -> None:
    gu = program(city, "gu", "city_officer")
    [sheet] = gu.ask("GET", "/targets").json()
    consortia, *others = sheet["targets"]
    assert (consortia["number"], consortia["by"], consortia["total"]) == (50, 2025, 1)
    assert consortia["source"]["en"] == "Opinions on building innovation consortia in Kunshan, 2"
    assert [each["total"] for each in others] == [0] * 6
    done = gu.ask("POST", "/achievements", json=PROJECT)
    assert done.status_code == 201, done.text
    number = done.json()["achievement"]
    again = gu.ask("POST", "/achievements", json=PROJECT)
    assert (again.status_code, again.json()["code"]) == (409, "achievement_known")
    assert again.json()["facts"]["achievement"] == number
    assert gu.ask("GET", "/achievements").json() == [{"id": number, "bureau": "kunshan", **PROJECT}]
    [sheet] = gu.ask("GET", "/targets").json()
    [projects] = [each for each in sheet["targets"] if each["target"] == "projects"]
    assert (projects["in_time"], projects["by_year"], projects["by_field"]) == (
        1,
        {"2025": 1},
        {"电子信息": 1},
    )
    struck = gu.ask("POST", f"/achievements/{number}/strike", json={"reason": "误登"})
    assert struck.json() == {"achievement": number}
    twice = gu.ask("POST", f"/achievements/{number}/strike", json={"reason": "误登"})
    assert (twice.status_code, twice.json()["code"]) == (404, "no_such_achievement")
    assert gu.ask("GET", "/achievements").json() == []


def test_only_the_city_bureau_reads_and_records(city: Kunshan) -> None:
    assert isinstance(achievements.record(city.engine, city.officer, PROJECT), int)
    reads = program(city, "gu", "city_officer", "read")
    assert reads.ask("POST", "/achievements", json=PROJECT).json()["code"] == "scope"
    for who in (("jing", "applicant"), ("zone", "district_officer")):
        asks = program(city, *who)
        for method, path in (("GET", "/targets"), ("GET", "/achievements"), ("POST", "/achievements")):
            assert asks.ask(method, path, json=PROJECT).status_code == 403
        assert asks.ask("POST", "/achievements/1/strike", json={"reason": "x"}).status_code == 403
    with reading(city.engine) as connection:
        assert [row.title for row in achievements.standing(connection, "kunshan")] == ["重大项目甲"]
