"""Achievements count once, towards a target of their city; progress is told by year and field."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kunshan import PROJECT, Kunshan, kunshan
from sqlalchemy import func, select

from casework import achievements
from casework.access import Claim
from models import Achievement
from models.database import reading
from procedure.act import Refusal
from procedure.targets import shipped_targets


@pytest.fixture
def city(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Kunshan]:
    with kunshan(played, tmp_path) as found:
        yield found


def recorded(city: Kunshan, who: Claim | None = None, **other: Any) -> int | Refusal:
    return achievements.record(city.engine, who or city.officer, {**PROJECT, **other})


def rows(city: Kunshan) -> int:
    with reading(city.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(Achievement.__table__)).scalar_one())


def told(city: Kunshan) -> dict[str, tuple[int, int, dict[int, int], dict[str, int]]]:
    with reading(city.engine) as connection:
        found = achievements.progress(connection, shipped_targets("kunshan-2024"))
    return {
        each.target.id: (each.in_time, each.total, dict(each.by_year), dict(each.by_field)) for each in found
    }


def test_targets_are_told_by_year_and_field(city: Kunshan) -> None:
    none: tuple[int, int, dict[int, int], dict[str, int]] = (0, 0, {}, {})
    before = told(city)
    assert before.pop("consortia") == (1, 1, {2025: 1}, {"电子信息": 1})
    assert list(before.values()) == [none] * 6
    city.at("2026-02-01T09:00")
    for title, day in (("甲", "2025-12-31"), ("乙", "2026-01-01"), ("丙", "2025-06-30")):
        assert isinstance(recorded(city, title=title, achieved_on=day), int)
    # What came after the year of the target is there, but was not in time.
    assert told(city)["projects"] == (2, 3, {2025: 2, 2026: 1}, {"电子信息": 3})


def test_what_is_struck_counts_no_more_and_may_be_recorded_anew(city: Kunshan) -> None:
    first = recorded(city)
    again = recorded(city)
    assert isinstance(again, Refusal)
    assert (again.code, again.facts["achievement"]) == ("achievement_known", first)
    assert recorded(city, title=" 重大项目甲 ") == again
    assert achievements.strike(city.engine, city.officer, {"achievement": first, "reason": "误登"}) == first
    assert told(city)["projects"][1] == 0
    twice = achievements.strike(city.engine, city.officer, {"achievement": first, "reason": "误登"})
    assert isinstance(twice, Refusal)
    assert twice.code == "no_such_achievement"
    assert isinstance(recorded(city), int)
    assert rows(city) == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"entry": "KSLHT-2025-002"}, "no_such_entry"),
        ({"target": "patents"}, "unknown_target"),
        ({"target": "consortia"}, "unknown_target"),
        ({"achieved_on": "2025-10-29"}, "not_yet"),
        ({"achieved_on": "2025-02-30"}, "bad_particulars"),
        ({"title": "  "}, "bad_particulars"),
        ({"title": "x" * 301}, "bad_particulars"),
        ({"source": ""}, "bad_particulars"),
        ({"more": 1}, "bad_particulars"),
    ],
)
def test_what_cannot_count_is_refused_by_name(city: Kunshan, wrong: dict[str, Any], code: str) -> None:
    answer = recorded(city, **wrong)
    assert isinstance(answer, Refusal)
    assert answer.code == code
    assert rows(city) == 0


@pytest.mark.parametrize("who", [("jing", "applicant"), ("zone", "district_officer"), ("e1", "expert")])
def test_only_the_city_bureau_records(city: Kunshan, who: tuple[str, str]) -> None:
    answer = recorded(city, city.claim(*who))
    assert isinstance(answer, Refusal)
    assert answer.code == "role_may_not"
    pretended = recorded(city, city.claim(who[0], "city_officer"))
    assert isinstance(pretended, Refusal)
    assert pretended.code == "no_such_role"
    assert rows(city) == 0
