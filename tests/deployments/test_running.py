"""The whole tree on a real server: two processes, real runs, real kills."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.poke import TriggerError, flush, poke, trigger
from deployments.run import Running, running
from deployments.server import Server, ServerError

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

HERE = Path(__file__).parent
PATIENCE = 300
"""Seconds after which what should come about by itself is given up, on however busy a machine."""


# It works as long as it lives: no longer than the tests of this file.
@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Iterator[Running]:
    state = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE))
        patch.setenv("BEIAN_RUN_PATIENCE", "70")
        patch.setenv("PREFECT_WORKER_HEARTBEAT_SECONDS", "5")
        with running(state, str(state / "diary"), catalog="probe_flows:lanes") as program:
            yield program


@pytest.fixture
def connected(program, monkeypatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", program.api_url)


ENDED = {"Completed", "Merged", "Superseded"}


def ask(program: Running, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask the server, again while it is busy."""
    gives_up = time.monotonic() + PATIENCE
    while True:
        answer = httpx.request(method, f"{program.api_url}{path}", json=body, timeout=60, trust_env=False)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > gives_up:
            break
        time.sleep(0.2)
    return answer.raise_for_status().json() if answer.content else None


def post(program: Running, path: str, body: dict[str, Any]) -> Any:
    return ask(program, "POST", path, body)


def runs(program: Running, lane: str, *tags: str) -> list[dict[str, Any]]:
    wanted: dict[str, Any] = {"deployments": {"name": {"any_": [lane]}}}
    if tags:
        wanted["flow_runs"] = {"tags": {"all_": list(tags)}}
    return post(program, "/flow_runs/filter", wanted | {"sort": "EXPECTED_START_TIME_DESC"})


def deployment(program: Running, lane: str) -> dict[str, Any]:
    return post(program, "/deployments/filter", {"deployments": {"name": {"any_": [lane]}}})[0]


def create(program: Running, lane: str, **run: Any) -> str:
    return post(program, f"/deployments/{deployment(program, lane)['id']}/create_flow_run", run)["id"]


def state_of(program: Running, run: str) -> str:
    return ask(program, "GET", f"/flow_runs/{run}")["state"]["name"]


def states_of(program: Running, run: str) -> dict[str, datetime]:
    """When the run came into each of its states."""
    states = ask(program, "GET", f"/flow_run_states/?flow_run_id={run}")
    return {state["name"]: datetime.fromisoformat(state["timestamp"]) for state in states}


def completed_since(program: Running, lane: str, instant: float) -> bool:
    return any(
        run["state_name"] == "Completed" and datetime.fromisoformat(run["start_time"]).timestamp() > instant
        for run in runs(program, lane)
    )


def eventually(holds: Callable[[], Any], patience: float = PATIENCE) -> float:
    """Wait until `holds` and return the seconds it took; a server that is down does not hold."""
    began = time.monotonic()
    while time.monotonic() - began < patience:
        try:
            if holds():
                return time.monotonic() - began
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(f"did not come about within {patience} s")


def test_a_schedule_runs_by_itself(program):
    eventually(lambda: any(r["state_name"] == "Completed" for r in runs(program, "tick", "auto-scheduled")))


def test_a_trigger_returns_the_run_s_end(program, connected, record_property):
    took = []
    for word in ("one", "two", "three"):
        began = time.monotonic()
        run = trigger("echo", {"word": word}, timeout=PATIENCE)
        took.append(round(time.monotonic() - began, 2))
        assert run.completed
        assert state_of(program, str(run.flow_run_id)) == run.name == "Completed"
    record_property("trigger_to_done_seconds", took)
    print("trigger to done:", took)  # noqa: T201


def test_a_lane_that_is_not_deployed_cannot_be_triggered(connected):
    with pytest.raises(TriggerError, match="not deployed"):
        trigger("nowhere")


@pytest.mark.parametrize(("how", "state"), [("raise", "Failed"), ("exit", "Crashed")])
def test_a_broken_flow_leaves_the_worker_standing(program, connected, how, state):
    pid = program.worker.pid

    assert trigger("broken", {"how": how}, timeout=PATIENCE).name == state
    assert trigger("echo", {"word": how}, timeout=PATIENCE).completed
    assert program.worker.pid == pid


def test_a_poke_makes_a_run(program, connected):
    before = {run["id"] for run in runs(program, "echo", "poked")}

    def poked() -> bool:
        # A server too busy to answer loses a poke, as it may.
        poke("echo")
        flush(60)
        return any(run["id"] not in before for run in runs(program, "echo", "poked"))

    eventually(poked)


def test_routine_runs_of_a_lane_merge_behind_the_one_that_waits(program):
    made = [create(program, "slow", tags=["poked"], parameters={"seconds": 2}) for _ in range(4)]

    eventually(lambda: all(state_of(program, r) in {"Completed", "Merged"} for r in made))

    assert "Merged" in [state_of(program, r) for r in made]
    assert "Completed" in [state_of(program, r) for r in made]


def test_registering_again_adds_nothing(program):
    from prefect import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings
    from probe_flows import lanes

    from deployments.housekeeping import register
    from deployments.worker import WORK_POOL

    async def register_again() -> None:
        async with get_client() as client:
            await register(client, lanes(), WORK_POOL)

    before = post(program, "/deployments/filter", {})
    with temporary_settings({PREFECT_API_URL: program.api_url}):
        asyncio.run(register_again())
    after = post(program, "/deployments/filter", {})

    assert {d["id"] for d in after} == {d["id"] for d in before}
    assert all(len(d["schedules"]) == 1 for d in after)


def test_of_late_runs_only_the_newest_stays(program):
    from prefect import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from deployments.housekeeping import cancel_late_runs

    async def cancel() -> None:
        async with get_client() as client:
            await cancel_late_runs(client)

    def pause(paused: bool) -> None:
        ask(program, "PATCH", "/work_pools/beian", {"is_paused": paused})

    eventually(lambda: all(run["state"]["name"] in ENDED for run in runs(program, "echo", "poked")))
    pause(True)
    late = [
        create(
            program,
            "echo",
            tags=["poked"],
            state={"type": "SCHEDULED", "state_details": {"scheduled_time": f"2024-01-0{day}T00:00:00Z"}},
        )
        for day in (1, 3, 2)
    ]
    asked_for = create(program, "echo", parameters={"word": "by a person"})
    with temporary_settings({PREFECT_API_URL: program.api_url}):
        asyncio.run(cancel())

    assert [state_of(program, r) for r in late] == ["Superseded", "Scheduled", "Superseded"]
    assert state_of(program, asked_for) in {"Scheduled", "Late"}
    pause(False)
    eventually(lambda: state_of(program, late[1]) == state_of(program, asked_for) == "Completed")


def test_killed_worker_and_server_delay_a_lane_by_seconds(program, record_property):
    dead = create(program, "slow", parameters={"seconds": 60})
    eventually(lambda: state_of(program, dead) == "Running")

    before = {run["id"] for run in runs(program, "slow")}
    killed = time.time()
    os.kill(program.worker.pid, signal.SIGKILL)
    os.kill(program.server.child.pid, signal.SIGKILL)

    delay = eventually(lambda: completed_since(program, "slow", killed))

    eventually(lambda: state_of(program, dead) == "Crashed")
    # What is due comes first, housekeeping afterwards.
    taken_up = [
        states_of(program, run["id"]) for run in runs(program, "slow", "poked") if run["id"] not in before
    ]
    assert min(states["Pending"] for states in taken_up) < states_of(program, dead)["Crashed"]
    record_property("lane_delay_seconds", round(delay, 1))
    print("lane delay:", round(delay, 1))  # noqa: T201


def test_a_wiped_database_is_filled_again(program, record_property):
    pid = program.server.child.pid
    os.kill(pid, signal.SIGSTOP)
    for part in program.server.home.glob("prefect.db*"):
        part.unlink()
    wiped = time.time()
    os.kill(pid, signal.SIGKILL)

    delay = eventually(lambda: completed_since(program, "tick", wiped))

    record_property("wiped_delay_seconds", round(delay, 1))
    print("delay after a wipe:", round(delay, 1))  # noqa: T201


def test_only_one_server_runs_on_a_state_folder(program, monkeypatch):
    monkeypatch.setattr("deployments.server.LOCK_PATIENCE", 0)

    with pytest.raises(ServerError, match="Another Prefect server"):
        Server(program.server.home.parent).launch()


def test_a_taken_port_is_named(program, tmp_path):
    with pytest.raises(ServerError, match=f"Port {program.server.port} "):
        Server(tmp_path, program.server.port).launch()


def test_a_server_that_does_not_come_up_says_why(tmp_path, monkeypatch):
    (tmp_path / "prefect.py").write_text("raise SystemExit('the disk is full')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(ServerError, match="the disk is full"), Server(tmp_path / "state"):
        pass


def test_a_catalog_that_is_not_there_starts_nothing(tmp_path):
    with pytest.raises(ModuleNotFoundError), running(tmp_path, "", catalog="nowhere:lanes"):
        pass

    assert not list(tmp_path.iterdir())
