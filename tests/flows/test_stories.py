"""Stories through real flow runs: the same result, one run a moment, and each stage by its own task."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from casework.wake import Sweep
from flows.stages import STAGE_TASKS
from models.database import connect, default_url
from procedure.definition import StageKind
from story.carriers import Direct, Flows, Ran, run_flow
from tests.scenarios.telling import agrees, outcome, tale, told

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_server"),
]

STORY = """\
applications:
  draft:
    lead: jia
    district: high_tech_zone
    acts:
      - {at: 2024-07-10T09:00, by: jia, act: start}
  unrecommended:
    lead: yi
    district: high_tech_zone
    template: complete
    members: [college]
    fields: {consortium.direction: 阀门}
    acts:
      - {at: 2024-07-10T09:00, act: prepare}
      - {at: 2024-07-10T10:00, by: yi, act: submit}
  uncorrected:
    lead: bing
    district: high_tech_zone
    template: complete
    members: [college]
    fields: {consortium.direction: 电磁}
    acts:
      - {at: 2024-07-10T09:00, act: prepare}
      - {at: 2024-07-10T10:00, by: bing, act: submit}
      - {at: 2024-08-05T09:00, by: of_high_tech_zone, act: accept_online}
      - {at: 2024-08-05T10:00, by: of_high_tech_zone, act: endorse, with: {opinion: 同意}}
      - {at: 2024-08-05T11:00, by: chen, act: deliver_papers,
         with: {letter: true, application_copies: 1, summary_copies: 2}}
      - {at: 2024-08-06T09:00, by: chen, act: return_for_correction,
         with: {items: [{item: lead.industry, remark: 补填}]}}
ends: 2024-08-20T09:00
"""


@pytest.fixture
def carrier(story_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Flows:
    monkeypatch.setenv("BEIAN_DATABASE_URL", story_engine.url.render_as_string(hide_password=False))
    return Flows(story_engine, run_flow)


def test_flows_and_plain_sweeps_give_the_same_result(
    story_engine: Engine, carrier: Flows, tmp_path: Path
) -> None:
    story = tale(tmp_path, STORY)
    played = told(story, story_engine, carrier)
    assert agrees(played)
    # 开放、截止（连同草稿）、推荐截止、材料截止、补正截止，每个时刻一次运行。
    # One run a moment; the others remind.
    moved = [run for run in played.runs if "Moved" in run.ended]
    assert all("Reminded" in run.ended for run in played.runs if run not in moved)
    assert moved == [
        Ran("calls", "Moved 1"),
        Ran("calls", "Moved 2"),
        Ran("recommendation", "Moved 1"),
        Ran("calls", "Moved 1"),
        Ran("recommendation", "Moved 1"),
    ]

    other = connect(default_url(tmp_path / "other"))
    direct = told(story, other, Direct(other))
    assert outcome(direct, other) == outcome(played, story_engine)
    other.dispose()


@pytest.mark.parametrize(
    ("disabled", "left"),
    [
        (StageKind.DISTRICT_ENDORSEMENT, "unrecommended"),
        (StageKind.FORMAL_REVIEW, "uncorrected"),
    ],
)
def test_disabling_the_task_of_a_stage_stops_exactly_that_stage(
    story_engine: Engine,
    carrier: Flows,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    disabled: StageKind,
    left: str,
) -> None:
    async def nothing(call: int, stages: tuple[str, ...], case: int | None = None) -> Sweep:
        return Sweep()

    monkeypatch.setitem(STAGE_TASKS, disabled, nothing)
    played = told(tale(tmp_path, STORY), story_engine, carrier)
    found = outcome(played, story_engine)
    ends = {
        "draft": "draft_not_accepted",
        "unrecommended": "not_accepted",
        "uncorrected": "correction_expired",
    }
    assert {name: account["outcome"] for name, account in found["cases"].items()} == {**ends, left: None}
    assert [each["case"] for each in found["left_due"]] == [left]
    assert not played.as_expected
