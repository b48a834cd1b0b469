"""An act taken back, in the database: deadlines, timers and ladders stand as they stood before it."""

from typing import Any

import pytest
from city import City, build
from projected import agrees
from sqlalchemy import Engine

from casework.wake import sweep
from procedure.instant import iso
from procedure.pack import load_texts
from tests.procedure.edited_pack import edited_files


@pytest.fixture
def city(story_engine: Engine) -> City:
    """Yueyang, where passing the formal review may be taken back."""
    edits: dict[str, Any] = {
        "application.stages.formal_review.acts.pass_review.may_be_taken_back": True,
        "application.everywhere.take_back": {"roles": ["city_officer"]},
    }
    return build(story_engine, pack=load_texts(edited_files(edits)))


def timers(city: City, case: int) -> dict[str, str]:
    """Return the state of every timer of the formal review's deadline by its rung."""
    rows = city.rows("timers", case)
    return {row["rung"]: row["state"] for row in rows if row["deadline"] == "formal_review"}


def told(city: City, case: int) -> list[tuple[str, str]]:
    """Return what went out of the formal review's being late."""
    rows = city.rows("notices", case, order="id")
    return [(row["text"], row["cause"]) for row in rows if row["text"] in ("deadline_overdue", "escalated")]


def test_a_late_review_is_late_again_and_its_ladder_goes_on_where_it_stood(city: City) -> None:
    case = city.case_at("formal_review")  # due on the 17th
    city.at("2024-07-18T10:00")
    sweep(city.engine, "application")
    before, tells = timers(city, case), told(city, case)
    assert before["due"] == "fired"
    city.do(case, "chen", "pass_review")
    city.do(case, "chen", "take_back", reason="漏看一项")
    agrees(city, case)
    assert timers(city, case) == before
    (row,) = [each for each in city.rows("deadlines", case) if each["name"] == "formal_review"]
    assert (row["state"], iso(row["due_at"])[:10], row["ended_at"]) == ("overdue", "2024-07-17", None)
    city.at("2024-07-18T11:00")
    sweep(city.engine, "application")
    assert told(city, case) == tells
    city.at("2024-07-24T09:00:30")
    sweep(city.engine, "application")
    agrees(city, case)
    assert len(told(city, case)) > len(tells)


def test_a_review_that_stood_still_stands_still_again(city: City) -> None:
    case = city.case_at("formal_review")
    city.do(case, "boss", "suspend_deadline", deadline="formal_review", reason="等待鉴定")
    before = timers(city, case)
    city.do(case, "chen", "pass_review")
    city.do(case, "chen", "take_back", reason="漏看一项")
    agrees(city, case)
    assert timers(city, case) == before
    city.at("2024-09-20T09:00")
    sweep(city.engine, "application")
    assert told(city, case) == []
    city.do(case, "boss", "resume_deadline", deadline="formal_review", reason="鉴定已出")
    agrees(city, case)
    assert timers(city, case)["due"] == "pending"
