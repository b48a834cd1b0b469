"""A quota of each recommending unit: kept whoever asks at once, told to each unit with its own figures."""

from typing import Any

import pytest
from city import City, build
from projected import agrees
from sqlalchemy import Engine, update
from test_at_once import at_once, codes

from casework import acts
from casework.acts import Receipt, Request
from casework.wake import sweep
from models import Case, Subject
from models.database import writing
from procedure.act import Refusal
from procedure.pack import load_texts
from tests.procedure.edited_pack import edited_files

ENDORSED = {"opinion": "同意推荐"}


@pytest.fixture
def two_places(story_engine: Engine) -> City:
    """Yueyang, where each unit may recommend two; an endorsement may be taken back."""
    edits: dict[str, Any] = {
        "settings.endorsement_quota.value": 2,
        "application.stages.recommendation.acts.endorse.may_be_taken_back": True,
        "application.everywhere.take_back": {"roles": ["district_officer"]},
    }
    return build(story_engine, pack=load_texts(edited_files(edits)))


def waiting(city: City, n: int) -> int:
    """Return a case that its unit has accepted online and not recommended yet."""
    case = city.case_at("recommendation", n)
    city.do(case, "wang", "accept_online")
    return case


def test_the_third_is_refused_until_one_is_taken_back(two_places: City) -> None:
    first, second, third = (waiting(two_places, n) for n in range(3))
    two_places.do(first, "wang", "endorse", **ENDORSED)
    two_places.do(second, "wang", "endorse", **ENDORSED)
    full = Refusal("over_endorsement_quota", {"quota": 2, "taken": 2})
    assert two_places.ask(third, "wang", "endorse", ENDORSED) == full
    two_places.do(second, "wang", "take_back", reason="点错了")
    assert isinstance(two_places.ask(third, "wang", "endorse", ENDORSED), Receipt)
    assert two_places.ask(second, "wang", "endorse", ENDORSED) == full
    agrees(two_places, third)


def test_of_eight_at_once_two_are_recommended(two_places: City) -> None:
    cases = [waiting(two_places, n) for n in range(8)]
    request = [Request(case, "endorse", two_places.people["wang"], ENDORSED) for case in cases]
    answers = at_once(*(lambda each=each: acts.perform(two_places.engine, each) for each in request))
    assert codes(answers) == {"done": 2, "over_endorsement_quota": 6}
    assert sorted(two_places.subject(case).stage for case in cases) == ["papers"] * 2 + ["recommendation"] * 6


def test_without_a_quota_nothing_is_counted(yueyang: City) -> None:
    for n in range(3):
        yueyang.do(waiting(yueyang, n), "wang", "endorse", **ENDORSED)


def test_each_unit_is_told_its_own_figures_before_the_window_closes(two_places: City) -> None:
    """Pingjiang: a draft, one that waits, two recommended, one without its letter. Xiangyin: a draft."""
    two_places.person("yin", "district_officer", bureau_id=two_places.district + 1)
    two_places.start(0)
    waiting(two_places, 1)
    two_places.case_at("papers", 2)
    two_places.case_at("formal_review", 3)
    elsewhere = two_places.start(4)
    with writing(two_places.engine) as connection:
        for table, key in ((Case.__table__, "subject_id"), (Subject.__table__, "id")):
            moved = update(table).where(table.c[key] == elsewhere)
            connection.execute(moved.values(district_id=two_places.district + 1))
    two_places.at("2024-07-30T09:01")
    (climbed,) = sweep(two_places.engine, "call").climbed
    assert (climbed.sent, climbed.people) == ("three_days_before", 2)
    handles = {row["id"]: row["handle"] for row in two_places.rows("people")}
    names = ("drafts", "awaiting", "recommended", "letters", "quota", "places")
    told = {
        handles[row["recipient_id"]]: tuple(row["context"][name] for name in names)
        for row in two_places.rows("notices", two_places.call)
        if row["cause"].startswith("rung ")
    }
    assert told == {"wang": ("1", "1", "2", "1", "2", "0"), "yin": ("1", "0", "0", "0", "2", "2")}


def test_who_has_still_to_recommend_is_told_how_many_places_are_left(two_places: City) -> None:
    two_places.case_at("papers", 0)
    case = waiting(two_places, 1)
    two_places.at("2024-08-06T09:01")
    sweep(two_places.engine, "call")
    sweep(two_places.engine, "application")
    (row,) = [row for row in two_places.rows("notices", case) if row["cause"].startswith("rung ")]
    assert (row["text"], row["context"]["quota"], row["context"]["places"]) == ("due_soon", "2", "1")
