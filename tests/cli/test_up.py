"""`beian up`: what happens by itself happens while it runs, and an act wakes it."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from casework import clock, public
from cli.demonstration import make_ready
from deployments import poke
from models.database import reading, writing
from procedure.instant import local_instant
from tests.cli.terminal import PARTIES, Terminal
from tests.cli.test_bad_input import refused
from tests.cli.test_process import BEIAN


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answer(process: subprocess.Popen[str]) -> Any:
    """Return the JSON object that the process writes once it is ready."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("}"):
            return json.loads("".join(lines))
    raise AssertionError(f"it ended: {''.join(lines)} {process.stderr.read() if process.stderr else ''}")


@pytest.mark.prefect
def test_windows_close_by_themselves_while_it_runs(fresh: Terminal) -> None:
    port, figures = _free_port(), _free_port()
    environment = {**os.environ, "BEIAN_DATABASE_URL": fresh.url}
    process = subprocess.Popen(
        [
            *(BEIAN, "up", "--port", str(port), "--portal-port", str(_free_port())),
            *("--metrics-port", str(figures), "--json"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=fresh.folder,
    )
    try:
        ready = _answer(process)
        assert ready["api"] == f"http://127.0.0.1:{port}/api"
        assert httpx.get(f"{ready['api']}/health", trust_env=False).is_success
        assert all(Path(log).is_file() for log in ready["logs"])
        assert "目前没有正在受理的申报通知" in httpx.get(ready["portal"], trust_env=False).text
        assert "beian_delivery_lag_seconds 0.0" in httpx.get(ready["metrics"], trust_env=False).text
        (fresh.folder / "p.yaml").write_text(PARTIES, encoding="utf-8")
        fresh.ok("procedure", "publish", "yueyang-2024")
        fresh.ok("party", "import", "p.yaml")
        # The dates of 2024 have passed: what falls due at once is left to the sweep.
        fresh.ok("call", "open", "2024", "--procedure", "yueyang-2024", "--as", "jiang")
        assert _events(fresh, 4) == ["started", *["deadline_lapsed"] * 3]
        assert not _poked(ready["api"])
        fresh.environment["PREFECT_API_URL"] = ready["api"]
        selected = fresh.run("call", "act", "2024", "select", "--data", "cases=[]", "--as", "gao", "--json")
        assert selected.code == 0, selected.out
        poke.flush(60)
        assert _poked(ready["api"])
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=120)
    assert code == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{ready['api']}/health", trust_env=False)


def test_a_port_in_use_is_named(fresh: Terminal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(fresh.run("up", "--port", port, "--json"), 7, "not_started", port, "--port")
        other = str(_free_port())
        taken_by_another = fresh.run("up", "--port", other, "--portal-port", port, "--json")
        refused(taken_by_another, 7, "not_started", port, "--portal-port")


def test_a_database_of_record_is_no_demonstration(fresh: Terminal) -> None:
    refused(fresh.run("up", "--demonstration", "--json"), 2, "no_story")


def test_a_story_is_opened_to_visitors_once(story: Engine) -> None:
    with writing(story) as connection:
        clock.move(connection, local_instant("2024-10-15T09:00"))
    for _ in range(2):
        make_ready(story)
        with reading(story) as connection:
            cards = public.call_cards(connection, clock.now(connection))
        assert [(card.code, card.accepting) for card in cards] == [("demonstration", True), ("2024", False)]
        assert cards[0].closes_at == local_instant("2024-11-15T18:00")


def _events(terminal: Terminal, count: int) -> list[str]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        kinds = [each["kind"] for each in terminal.data("case", "history", "2024")]
        if len(kinds) >= count:
            return kinds
        time.sleep(0.3)
    raise AssertionError("nothing swept the call")


def _poked(api: str) -> bool:
    """Whether an act asked for a run: those that the worker makes at its start have no key."""
    runs = httpx.post(
        f"{api}/flow_runs/filter",
        json={"flow_runs": {"tags": {"all_": ["poked"]}}},
        trust_env=False,
        timeout=60,
    )
    return any(run["idempotency_key"] for run in runs.raise_for_status().json())
