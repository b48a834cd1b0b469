"""Two Prefect servers, two stock process workers and two terminals on one PostgreSQL, as the documents say.

`deployments/several-servers.sh` starts it all; what is due is moved once, whoever comes first.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, make_url

from casework import audit
from models.database import reading
from tests.casework import city
from tests.notifications.mail_server import free_port
from tests.storm.crowd import crowd

ROOT = Path(__file__).parents[2]
BEIAN = str(Path(sys.executable).with_name("beian"))
CASES = 200
PATIENCE = 400

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.prefect,
    pytest.mark.postgres,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.skipif(find_spec("prefect_redis") is None, reason="needs the group `servers`"),
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs a redis-server"),
]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    port = str(free_port())
    options = ("--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path))
    with subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL) as process:
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


@contextmanager
def servers(engine: Engine, prefect_url: str, redis: str, logs: Path) -> Iterator[list[str]]:
    """The APIs of both servers, once the workers are started."""
    port = free_port()
    environment = {
        **os.environ,
        "BEIAN_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "PREFECT_API_DATABASE_CONNECTION_URL": make_url(prefect_url)
        .set(drivername="postgresql+asyncpg")
        .render_as_string(hide_password=False),
        "BEIAN_REDIS_URL": redis,
        "BEIAN_FIRST_PORT": str(port),
        "BEIAN_LOGS": str(logs),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    script = str(ROOT / "deployments" / "several-servers.sh")
    with subprocess.Popen([script], env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("Prefect at"), said + process.stdout.read()
            yield [f"http://127.0.0.1:{port + n}/api" for n in range(2)]
        finally:
            process.send_signal(signal.SIGTERM)
            process.stdout.read()


def post(api: str, path: str, body: dict[str, Any]) -> Any:
    answer = httpx.post(f"{api}{path}", json=body, timeout=30, trust_env=False)
    return answer.raise_for_status().json()


def eventually(holds: Callable[[], bool]) -> None:
    gives_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < gives_up
        time.sleep(0.5)


def carriers(api: str) -> set[str]:
    """The workers that have carried a run to a good end."""
    runs = post(api, "/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}})
    return {run["labels"]["prefect.worker.name"] for run in runs if "prefect.worker.name" in run["labels"]}


@pytest.mark.parametrize("story_engine", ["postgres"], indirect=True)
def test_no_case_is_moved_twice(story_engine: Engine, another_url: str, redis: str, tmp_path: Path) -> None:
    here = city.build(story_engine)
    first = here.case_at("recommendation")
    cases = [first, *crowd(here, first, 1, CASES)]
    withdrawn = [here.subject(case).ref for case in cases[:3]]
    here.at("2024-08-05T09:00")
    with servers(story_engine, another_url, redis, tmp_path / "logs") as (api, other):
        # Two terminals ask for the same at once.
        address = story_engine.url.render_as_string(hide_password=False)
        withdrawing = ("withdraw", "--data", "reason=另有安排", "--json")
        asked = [
            subprocess.Popen(
                [BEIAN, "case", "act", ref, *withdrawing, "--as", f"zhang{n}"],
                env={**os.environ, "BEIAN_DATABASE_URL": address},
                stdout=subprocess.PIPE,
            )
            for n, ref in enumerate(withdrawn)
            for _ in range(2)
        ]
        codes = [(each.communicate()[0], each.returncode) for each in asked]
        here.at("2024-08-14T09:00")
        (lane,) = post(api, "/deployments/filter", {"deployments": {"name": {"any_": ["recommendation"]}}})
        for at in (api, other, api, other):
            post(at, f"/deployments/{lane['id']}/create_flow_run", {})
        eventually(lambda: carriers(other) == {"one", "two"})
        eventually(
            lambda: all(row["closed_at"] is not None for row in here.rows("subjects") if row["id"] in cases)
        )
    assert Counter(code for _, code in codes) == {0: 3, 1: 3}
    assert {json.loads(out)["error"]["code"] for out, code in codes if code} == {"closed"}
    told = Counter(
        (row["subject_id"], row["kind"]) for row in here.rows("events") if row["subject_id"] in cases
    )
    assert {told[case, "withdrawn"] for case in cases[:3]} == {1}
    assert {told[case, "deadline_lapsed"] for case in cases[3:]} == {1}
    assert {told[case, "deadline_lapsed"] for case in cases[:3]} == {0}
    with reading(story_engine) as connection:
        assert list(audit.verify(connection)) == []
