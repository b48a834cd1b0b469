"""What an act would do is shown as it would be, and nothing of it is written."""

from city import City
from panel_city import city_of, panel
from sqlalchemy import Engine

from casework.acts import Request
from casework.foresight import Foreseen, foresee
from procedure.act import Refusal


def test_what_is_foretold_is_what_then_happens(yueyang: City) -> None:
    city = yueyang
    case = city.case_at("formal_review")
    before = city.everything()
    payload = {"reason": "不符合申报条件"}
    seen = foresee(city.engine, Request(case, "reject", city.people["chen"], payload))
    assert isinstance(seen, Foreseen)
    assert seen.outcome == "rejected"
    assert city.everything() == before
    city.do(case, "chen", "reject", **payload)
    told = {(each["recipient_id"], each["channel"]) for each in city.rows("notices")}
    people = {row["id"]: row["handle"] for row in city.rows("people")}
    assert seen.notices
    assert {(each.handle, each.channel) for each in seen.notices} <= {
        (people[person], channel) for person, channel in told
    }
    assert all(
        each.flaw is None and "不符合申报条件" in each.text
        for each in seen.notices
        if each.handle == "zhang0"
    )


def test_what_would_be_refused_is_refused_beforehand(yueyang: City) -> None:
    city = yueyang
    case = city.case_at("formal_review")
    before = city.everything()
    answer = foresee(city.engine, Request(case, "file", city.people["chen"]))
    assert isinstance(answer, Refusal)
    assert answer.code == "act_not_at_this_stage"
    assert city.everything() == before


def test_a_draw_is_not_shown_before_it_stands(story_engine: Engine) -> None:
    city = city_of(story_engine)
    case = city.case_at("panel_naming")
    seen = foresee(city.engine, Request(case, "draw_panel", city.people["chen"]))
    assert isinstance(seen, Foreseen)
    assert seen.notices is None
    assert panel(city, case) == []
