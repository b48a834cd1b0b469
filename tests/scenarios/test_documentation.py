"""docs/scenarios.md is true: its stories run, and its acts are the program's."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine

from procedure.acts import ACTS
from story import scenario
from story.reading import load
from story.reference import DOCUMENT, codes, document
from tests.scenarios.telling import agrees, told

TEXT = DOCUMENT.read_text(encoding="utf-8")
(SMALLEST, *_) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_smallest_story_comes_out_as_it_says(story_engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(SMALLEST, encoding="utf-8")
    assert agrees(told(load(path), story_engine))


def test_the_reference_of_acts_is_current() -> None:
    assert document(TEXT) == TEXT, "write it anew with `python -m story.reference`"


@pytest.mark.parametrize("act", ["announce", "start", *sorted(ACTS)])
def test_every_act_has_its_section(act: str) -> None:
    assert f"\n### `{act}`\n" in TEXT


@pytest.mark.parametrize(
    "model",
    [
        scenario.Scenario,
        scenario.Call,
        scenario.District,
        scenario.Organisation,
        scenario.Person,
        scenario.Held,
        scenario.CalendarChange,
        scenario.Template,
        scenario.Paper,
        scenario.Application,
        scenario.Act,
        scenario.Refused,
        scenario.Expected,
        scenario.Clock,
        scenario.Entry,
        scenario.Because,
    ],
)
def test_every_key_is_written_about(model: type[scenario.Model]) -> None:
    keys = {field.alias or name for name, field in model.model_fields.items()}
    before_the_acts = TEXT.partition("## All acts")[0]
    assert {key for key in keys if not re.search(rf"\b{key}\b", before_the_acts)} == set()


def test_refusals_are_read_from_the_code() -> None:
    assert codes(ACTS["extend_deadline"].decide) >= {"bad_time", "deadline_may_not", "not_later"}
    assert codes(ACTS["submit"].decide) >= {"incomplete", "not_eligible"}
    assert not codes(ACTS["submit"].decide) & codes(ACTS["extend_deadline"].decide)
