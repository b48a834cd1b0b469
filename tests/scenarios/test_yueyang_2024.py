"""The example that ships: Yueyang's 2024 call with twenty made-up consortia."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from procedure.uscc import valid
from story.carriers import Direct, Ran
from story.play import play
from story.reading import Story, load
from tests.scenarios.telling import as_read, read

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "yueyang-2024" / "story.yaml"

OUTCOMES = {
    "qingluo": "filed",
    "lanfeng": "draft_not_accepted",
    "haoran": "draft_not_accepted",
    "mingyue": "filed",
    "guangji": "declined",
    "zhuying": "not_accepted",
    "senhe": "filed",
    "chuxin": "withdrawn",
    "meixi": "not_accepted_no_letter",
    "bailu": "filed",
    "caihe": "filed",
    "hedong": "not_accepted_papers",
    "xiangyun": "rejected",
    "luye": "filed",
    "nanhu": "filed",
    "tongyuan": "correction_expired",
    "fenghuo": "visit_failed",
    "jingbo": "below_pass_mark",
    "yuntai": "filed",
    "qiushi": "not_selected",
}


@pytest.fixture(scope="module")
def story() -> Story:
    return load(EXAMPLE)


@pytest.fixture
def found(played: Callable[[Path], Path]) -> dict[str, Any]:
    """How it came out on SQLite."""
    return read(played(EXAMPLE).with_name("result.json"))


def test_every_consortium_comes_out_as_told(found: dict[str, Any]) -> None:
    assert {name: account["outcome"] for name, account in found["cases"].items()} == OUTCOMES
    assert [(entry["number"], entry["name"]) for entry in found["register"]] == [
        ("YYLHT-2024-001", "岳阳市高端阀门创新联合体"),
        ("YYLHT-2024-002", "岳阳市光电显示创新联合体"),
        ("YYLHT-2024-003", "岳阳市丘陵农机创新联合体"),
        ("YYLHT-2024-004", "岳阳市电磁装备创新联合体"),
        ("YYLHT-2024-005", "岳阳市绿色石化创新联合体"),
        ("YYLHT-2024-006", "岳阳市先进高分子材料创新联合体"),
        ("YYLHT-2024-007", "岳阳市智能制造创新联合体"),
        ("YYLHT-2024-008", "岳阳市绿色包装创新联合体"),
    ]


@pytest.mark.parametrize("story_engine", ["postgres"], indirect=True)
def test_it_comes_out_the_same_on_postgresql(
    story: Story, found: dict[str, Any], story_engine: Engine, tmp_path: Path
) -> None:
    again = play(story, story_engine, tmp_path / "files", Direct(story_engine))
    assert as_read(again, story_engine) == found
    # 每个时刻至多一次扫描一类事项。 At most one sweep of each kind at a moment at which something is due.
    assert Counter(again.runs) == {Ran("call"): 6, Ran("application"): 31}


def test_every_consortium_has_expectations_of_its_own(story: Story) -> None:
    assert set(story.scenario.applications) == set(OUTCOMES)
    for name, application in story.scenario.applications.items():
        assert application.expect is not None
        assert application.expect.outcome == OUTCOMES[name]


def test_the_units_are_made_up_and_their_codes_are_valid(story: Story) -> None:
    units = story.scenario.organisations.values()
    assert [valid(unit.uscc) for unit in units] == [unit.uscc for unit in units]
    assert {unit.uscc[8:12] for unit in units} == {"DEM0"}
    assert all("（示例）" in unit.name for unit in units)


def test_the_readme_tells_of_every_consortium(story: Story) -> None:
    readme = EXAMPLE.with_name("README.md").read_text(encoding="utf-8")
    assert all(f" {name} |" in readme for name in story.scenario.applications)
    assert "虚构" in readme
