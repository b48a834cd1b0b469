"""The lanes through a real Prefect: named states, tables that say what moved, kills and absences survived."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, State
from prefect.settings import PREFECT_API_URL
from sqlalchemy import Engine, update

from casework import wake
from deployments.poke import flush, poke
from flows.calls import calls
from flows.recommendation import recommendation
from models.database import writing
from procedure.instant import local_instant
from procedure.pack import load_texts, shipped
from tests.casework import city
from tests.casework.city import TABLES, City

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_server"),
]
HERE = Path(__file__).parent


@pytest.fixture
def yueyang(story_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setenv("BEIAN_DATABASE_URL", story_engine.url.render_as_string(hide_password=False))
    return city.build(story_engine)


def run(flow: Any, **parameters: Any) -> State:
    return asyncio.run(flow(return_state=True, **parameters))


def ended(state: State) -> tuple[str, bool, str | None]:
    return state.name or "", state.is_completed(), state.message


async def _tables(key: str) -> list[dict[str, Any]]:
    async with get_client() as client:
        found = await client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])), limit=200
        )
    newest = max(found, key=lambda artifact: artifact.created or 0)
    return json.loads(str(newest.data))


def table(key: str) -> list[dict[str, Any]]:
    """The newest table of this key."""
    return asyncio.run(_tables(key))


def mixed(yueyang: City) -> list[int]:
    """A draft, a case that awaits its recommendation, papers not delivered and a review not done."""
    return [
        yueyang.filled(0),
        yueyang.case_at("recommendation", 1),
        yueyang.case_at("papers", 2),
        yueyang.case_at("formal_review", 3),
    ]


def test_the_lanes_say_what_moved_and_why(yueyang: City) -> None:
    draft, waiting, papers, review = mixed(yueyang)
    assert ended(run(calls)) == ("Nothing due", True, None)
    yueyang.at("2024-08-04T18:01")
    assert ended(run(calls)) == ("Moved 2", True, "2024, YY2024-0001")
    assert table("calls-moved") == [
        {
            "call": "2024",
            "task": "windows",
            "case": "2024",
            "event": "deadline_lapsed",
            "deadline": "window_closing",
            "at": "2024-08-04T18:00:00+08:00",
            "from": "open",
            "to": "recommending",
        },
        {
            "call": "2024",
            "task": "online_submission",
            "case": "YY2024-0001",
            "event": "deadline_lapsed",
            "deadline": "filing",
            "at": "2024-08-04T18:00:00+08:00",
            "from": "draft",
            "to": "draft_not_accepted",
        },
    ]
    assert yueyang.subject(draft).outcome == "draft_not_accepted"
    yueyang.at("2024-08-14T09:00")
    assert ended(run(recommendation)) == ("Moved 3", True, "YY2024-0002, YY2024-0003, YY2024-0004")
    assert [
        (row["task"], row["case"], row["deadline"], row["to"]) for row in table("recommendation-moved")
    ] == [
        ("district_endorsement", "YY2024-0002", "recommendation", "not_accepted"),
        ("district_endorsement", "YY2024-0003", "papers", "papers"),
        ("formal_review", "YY2024-0004", "formal_review", "formal_review"),
        # Reminders whose time is over are skipped; of the review's escalations the latest is sent.
        ("district_endorsement", "YY2024-0003", "papers", " (0)"),
        ("formal_review", "YY2024-0004", "formal_review", "still_open (2)"),
    ]
    assert yueyang.subject(waiting).outcome == "not_accepted"
    assert [yueyang.subject(case).deadlines[0].state for case in (papers, review)] == ["overdue", "overdue"]
    assert ended(run(recommendation)) == ("Nothing due", True, None)
    lanes = {row["lane"]: (row["started_at"], row["moved"]) for row in yueyang.rows("sweeps")}
    assert lanes["recommendation"] == (local_instant("2024-08-14T09:00"), 0)
    assert lanes["calls"] == (local_instant("2024-08-04T18:01"), 2)


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_one_call_or_one_case_can_be_asked_for(yueyang: City) -> None:
    mixed(yueyang)
    yueyang.at("2024-08-14T09:00")
    assert ended(run(recommendation, call="2023"))[0] == "Nothing due"
    assert ended(run(recommendation, call="2024", case="YY2024-0003")) == ("Moved 1", True, "YY2024-0003")
    assert run(recommendation, case="YY2024-9999").is_failed()
    assert ended(run(recommendation, call="2024"))[0] == "Moved 3"


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_what_goes_back_to_an_earlier_stage_is_met_there_in_the_same_run(
    story_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEIAN_DATABASE_URL", story_engine.url.render_as_string(hide_password=False))
    files = shipped("yueyang-2024").files
    overdue = """
      due: {working_days: formal_review_days}
      overdue: [{text: deadline_overdue, to: [bureau, leader]}]
"""
    back = """
      due: {working_days: formal_review_days}
      lapse: {to: recommendation, basis: setting}
"""
    assert files["procedure.yaml"].count(overdue) == 1
    changed = files["procedure.yaml"].replace(overdue, back)
    yueyang = city.build(story_engine, pack=load_texts({**files, "procedure.yaml": changed}))
    case = yueyang.case_at("formal_review", 0)
    # 推荐截止早已过去：退回推荐的办件当即不予受理。
    # The recommendation's own time is long over: who goes back to it is not accepted at once.
    yueyang.at("2024-09-30T09:00")
    assert ended(run(recommendation)) == ("Moved 2", True, "YY2024-0001, YY2024-0001")
    assert yueyang.subject(case).outcome == "not_accepted"


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_a_bad_case_is_named_in_the_state_and_blocks_nobody(yueyang: City) -> None:
    cases = mixed(yueyang)
    subjects = TABLES["subjects"]
    with writing(yueyang.engine) as connection:
        connection.execute(update(subjects).where(subjects.c.id == cases[1]).values(state="{}"))
    yueyang.at("2024-08-14T09:00")
    assert ended(run(recommendation)) == ("Incidents", True, "3 moved, 1 became incidents")
    # The formal review is so late that its ladder has made it an incident too.
    incidents = [(incident["kind"], incident["subject_id"]) for incident in yueyang.rows("incidents")]
    assert incidents == [("wake", cases[1]), ("overdue", cases[3])]
    assert ended(run(recommendation)) == ("Incidents", True, "0 moved, 1 became incidents")


async def _run_named(flow_run: str) -> FlowRun:
    async with get_client() as client:
        (found,) = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run]))
        )
    return found


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_the_run_is_named_after_its_call(yueyang: City) -> None:
    state = run(recommendation, call="2024")
    found = asyncio.run(_run_named(str(state.state_details.flow_run_id)))
    assert (found.name, found.state_name) == ("recommendation 2024", "Nothing due")


def kill(lane: str, commits: int) -> int:
    """Run a lane in a process that dies before its n-th commit that moves something; return its signal."""
    done = subprocess.run(
        [sys.executable, str(HERE / "killed_flow.py"), lane, str(commits)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PREFECT_API_URL": str(PREFECT_API_URL.value()),
        },
        capture_output=True,
        timeout=240,
        check=False,
    )
    return done.returncode


def test_a_lane_killed_in_the_middle_is_carried_on(yueyang: City) -> None:
    cases = mixed(yueyang)
    yueyang.at("2024-08-14T09:00")
    versions = [yueyang.subject(case).version for case in cases]
    # Killed before the first commit: nothing is lost. Before the second: one stage is done, once.
    assert kill("recommendation", 1) == -9
    assert [yueyang.subject(case).version for case in cases] == versions
    assert kill("recommendation", 2) == -9
    assert [yueyang.subject(case).version - before for case, before in zip(cases, versions, strict=True)] == [
        1,
        0,
        0,
        0,
    ]
    assert ended(run(recommendation))[0] == "Moved 3"
    assert ended(run(recommendation))[0] == "Nothing due"
    for case, before in zip(cases, versions, strict=True):
        assert yueyang.subject(case).version == before + 1
    counts = Counter((row["subject_id"], row["kind"]) for row in yueyang.rows("events"))
    assert all(counts[case, "deadline_lapsed"] + counts[case, "deadline_passed"] == 1 for case in cases)


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_without_prefect_acts_commit_and_all_that_fell_due_happens_once_when_it_is_back(
    yueyang: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, waiting, papers, review = mixed(yueyang)
    with monkeypatch.context() as patch:
        patch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        poke("recommendation")
        flush()
        yueyang.at("2024-08-13T10:00")
        assert yueyang.do(papers, "wang", "deliver_papers", **city.PAPERS).stage == "formal_review"
        # What fell due in between happens with the act that comes after it.
        assert yueyang.do(review, "chen", "pass_review").stage == "site_visit"
        poke("recommendation")
        flush()
        yueyang.at("2024-09-20T09:00")
    assert ended(run(calls))[0] == "Moved 3"
    assert ended(run(recommendation))[0] == "Moved 3"
    assert [ended(run(lane))[0] for lane in (calls, recommendation)] == ["Nothing due", "Nothing due"]
    assert yueyang.subject(draft).outcome == "draft_not_accepted"
    assert yueyang.subject(waiting).outcome == "not_accepted"
    for case, kinds in (
        (papers, ["papers_delivered", "deadline_passed"]),
        (review, ["deadline_passed", "review_passed", "deadline_passed"]),
    ):
        assert yueyang.kinds(case)[-len(kinds) :] == kinds
    assert wake.sweep(yueyang.engine, "application").moved == ()
