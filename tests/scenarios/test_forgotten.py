"""The example of a forgotten case: the ladder saves it, and never decides in anybody's place."""

from pathlib import Path

from sqlalchemy import Engine

from story.carriers import Direct
from story.play import play
from story.reading import load
from tests.scenarios.telling import agrees, outcome

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "forgotten" / "story.yaml"


def test_the_forgotten_case_comes_out_as_told(story_engine: Engine, tmp_path: Path) -> None:
    played = play(load(EXAMPLE), story_engine, tmp_path / "files", Direct(story_engine))
    assert agrees(played)
    found = outcome(played, story_engine)
    forgotten = found["cases"]["forgotten"]
    assert [(urge["number"], urge["by"], urge["people"]) for urge in forgotten["urges"]] == [
        (1, "qingluo", 1)
    ]
    (review,) = [each for each in forgotten["deadlines"] if each["name"] == "formal_review"]
    assert [(each["rung"], each["state"], each["told"]) for each in review["ladder"]] == [
        ("three_days_before", "fired", ["沈越"]),
        ("one_day_before", "fired", ["沈越"]),
        ("last_day", "fired", ["沈越"]),
        ("to_supervisor", "fired", ["高屹"]),
        ("to_duty_officer", "fired", ["值班员"]),
        ("to_leader", "fired", ["高屹"]),
        ("still_open", "pending", []),
    ]
    unfinished = [
        each for each in found["cases"]["unfinished"]["notices"] if each["text"] == "draft_unfinished"
    ]
    assert len(unfinished) == 4
