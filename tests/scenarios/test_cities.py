"""One consortium of each city whose documents are silent on the procedure, from draft to register."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from story.carriers import Direct
from story.play import play
from story.reading import load
from tests.scenarios.telling import agrees

HERE = Path(__file__).parent / "cities"


@pytest.mark.parametrize("code", ["kunshan-2024", "xiamen-2025"])
def test_a_consortium_is_carried_from_draft_to_register(
    code: str, story_engine: Engine, tmp_path: Path
) -> None:
    story = load(HERE / f"{code}.yaml")
    played = play(story, story_engine, tmp_path / "files", Direct(story_engine))
    assert agrees(played)
    filed = [
        event["data"].get("status")
        for case in played.cases.values()
        if case is not None
        for event in case["events"]
        if event["kind"] == "filed"
    ]
    # 昆山登记所申请的身份，厦门只有一种。 Kunshan keeps the status applied for, Xiamen knows only one.
    assert filed == (["suzhou_cultivation"] if code == "kunshan-2024" else [None])
