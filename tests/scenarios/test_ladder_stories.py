"""The story of every rung, a suspended clock, an extension, another calendar, an outage and a substitute."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from story.carriers import Direct
from story.play import play
from story.reading import ScenarioError, load
from tests.scenarios.telling import agrees, outcome

STORY = Path(__file__).parent / "ladders.yaml"


def test_the_ladders_come_out_as_told(story_engine: Engine, tmp_path: Path) -> None:
    played = play(load(STORY), story_engine, tmp_path / "files", Direct(story_engine))
    assert agrees(played)
    cases = outcome(played, story_engine)["cases"]
    sent = {
        name: [
            each["text"] for each in case["notices"] if each["text"] in ("due_soon", "due_now", "escalated")
        ]
        for name, case in cases.items()
    }
    # Once each, and no more: of the seven rungs the last is for two.
    every = ["due_soon"] * 2 + ["due_now"] + ["escalated"] * 5
    assert {name: sorted(texts) for name, texts in sent.items()} == {
        **dict.fromkeys(("every_rung", "extended"), sorted(every)),
        # Once for its papers too, which came on the last working day but one.
        "recounted": sorted([*every, "due_soon"]),
        "suspended": ["due_now", "due_soon", "due_soon", *["escalated"] * 3],
        "missed": ["escalated"] * 3,
        "away": sorted(["due_soon"] * 2 + ["due_now"]),
    }


def test_an_outage_has_a_length(tmp_path: Path) -> None:
    text = STORY.read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("to: 2024-09-20T10:00", "to: 2024-09-09T08:00"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="`to` must lie after `from`"):
        load(wrong)
