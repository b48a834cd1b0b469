"""The radar for programs: what is stuck, in pages, and to whom it is told."""

from casework import clock, conditions, radar
from models.database import reading
from tests.casework.city import City
from tests.web.test_api import ROLES, Town, prepared_town, program, town

__all__ = ["prepared_town", "town"]

LATE = "2024-08-14T09:00"


def test_what_is_stuck_is_told_to_the_bureau_and_to_the_unit_of_its_own(town: Town) -> None:
    town.city.at(LATE)
    with reading(town.city.engine) as connection:
        seen = radar.look(connection, seen_by=town.city.people["chen"])
        ails = conditions.present(connection, clock.now(connection))
    everything = [each.number for each in seen.lines]
    assert len(everything) == 4
    told: dict[str | None, object] = {}
    for handle, role in ROLES.items():
        answer = program(town.city, handle, role, "read").ask("GET", "/radar")
        page = answer.json()
        told[handle] = (
            [each["number"] for each in page["lines"]] if answer.status_code == 200 else answer.status_code
        )
        if handle == "chen":
            assert page["counts"] == {str(each): n for each, n in seen.counts.items()}
            assert [each["cases"] for each in page["late"]] == [each.cases for each in seen.late]
            assert [each["says"]["en"] for each in page["conditions"]] == [
                conditions.said(each, "en") for each in ails
            ]
            assert page["next"] is None
        if handle == "wang":
            assert page["conditions"] == []
    own = town.cases["foreign"]
    wangs = [each for each in everything if each != own]
    city = dict.fromkeys(("chen", "boss", "admin", "ops"), everything)
    nobody = dict.fromkeys(("zhang0", "zhang1", "li", "mao"), 403)
    assert told == {**nobody, "wang": wangs, "xu": [own], **city, None: 401}


def test_pages_of_the_radar_follow_each_other(town: Town) -> None:
    town.city.at(LATE)
    chen = program(town.city, "chen", "city_officer", "read")
    whole = chen.ask("GET", "/radar").json()["lines"]
    seen: list[object] = []
    query: dict[str, object] = {"limit": 3}
    while True:
        page = chen.ask("GET", "/radar", params=query).json()
        seen += page["lines"]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == whole
    narrowed = chen.ask(
        "GET", "/radar", params={"district": "xiangyin", "trouble": ["overdue", "breach"]}
    ).json()
    assert [each["number"] for each in narrowed["lines"]] == [town.cases["foreign"]]
    assert chen.ask("GET", "/radar", params={"trouble": "bored"}).status_code == 422


def test_a_line_says_why_and_what_is_next(city: City) -> None:
    city.case_at("formal_review", 0)
    city.at("2024-07-18T08:59")
    [line] = program(city, "chen", "city_officer", "read").ask("GET", "/radar").json()["lines"]
    assert (line["kind"], line["stage"], line["troubles"]) == ("application", "formal_review", ["overdue"])
    assert (line["holder"], line["office"]["zh"], line["people"]) == ("bureau", "岳阳市科学技术局", ["Chen"])
    assert line["next"]["title"]["en"]
    assert line["helps"][-1] == "open"
