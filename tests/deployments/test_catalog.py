import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from deployments.catalog import Settings, lanes, prefect_yaml
from story import carriers

ROOT = Path(__file__).parents[2]


def test_prefect_yaml_says_what_the_catalog_says():
    written = YAML(typ="safe").load(ROOT / "prefect.yaml")

    assert written == prefect_yaml(lanes(Settings.model_construct()))


def test_prefect_yaml_is_as_the_catalog_writes_it():
    writing = subprocess.run(
        [sys.executable, "-m", "deployments.catalog"], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert (ROOT / "prefect.yaml").read_text() == writing.stdout


def test_the_environment_sets_intervals(monkeypatch):
    monkeypatch.setenv("BEIAN_EVERY_NOTICES", "4")

    assert {lane.name: lane.every for lane in lanes()} == {
        "recommendation": 30,
        "calls": 30,
        "notices": 4,
        "evaluation": 60,
        "watch": 60,
    }


def test_lanes_do_not_start_together():
    beats = [second for lane in lanes() for second in range(lane.offset, 30, lane.every)]

    assert len(beats) == len(set(beats))


def test_a_run_of_the_notices_lane_stays_until_the_next_beat(monkeypatch):
    monkeypatch.setenv("BEIAN_EVERY_NOTICES", "4")

    assert {lane.name: lane.parameters for lane in lanes() if lane.parameters} == {"notices": {"linger": 4}}


def test_a_story_waits_for_no_run_that_stays():
    assert {lane.name: lane.parameters for lane in carriers.lanes()} == {
        "recommendation": {},
        "calls": {},
        "notices": {},
        "watch": {},
        "evaluation": {},
    }
